using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>
/// Whether anything may be built, replaced or downloaded. After a restore the public log is ahead of the tables: a transaction that only the log
/// remembers may be signed, and mined today or in a year. Until every such transaction is back in the tables or can never be mined, and the chain
/// was read, nothing leaves this program.
/// </summary>
public sealed class PaymentLock(MoneyDb db, IOptions<BitcoinOptions> options)
{
    /// <summary>Why nothing leaves; null where the tables know all that the log says.</summary>
    public async Task<PaymentLockState?> FindAsync(CancellationToken cancellation)
    {
        var forgotten = await ForgottenAsync(cancellation);
        return forgotten.Count > 0 || await db.Set<ToldFact>().AnyAsync(cancellation) ? new PaymentLockState([.. forgotten.Select(f => f.Name.Txid)]) : null;
    }

    /// <summary>The announced transactions that no table holds and that could still be mined.</summary>
    internal async Task<IReadOnlyList<AnnouncedPayment>> ForgottenAsync(CancellationToken cancellation) =>
        [.. (await UnknownAsync(cancellation)).Where(unknown => !unknown.IsImpossible).Select(unknown => unknown.Payment)];

    /// <summary>The announced transactions that no table holds, and whether each can never be mined any more.</summary>
    internal async Task<IReadOnlyList<(AnnouncedPayment Payment, bool IsImpossible)>> UnknownAsync(CancellationToken cancellation)
    {
        var entries = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Type == "psbt.created" && !db.Set<BatchTransaction>().Any(t => t.AnnouncementId == e.Id))
            .OrderBy(e => e.Index).ThenBy(e => e.Id).ToListAsync(cancellation);
        var unknown = new List<(AnnouncedPayment, bool)>();
        foreach (var announced in entries.Select(AnnouncedPayment.Of)) unknown.Add((announced, await IsImpossibleAsync(announced, cancellation)));
        return unknown;
    }

    // A coin of it went elsewhere, so deep that the chain can never have both, and the log says where: outsiders can follow.
    private async Task<bool> IsImpossibleAsync(AnnouncedPayment announced, CancellationToken cancellation)
    {
        var final = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation) - options.Value.FinalConfirmations + 1;
        var txids = announced.Inputs.Select(input => input.Hash.ToString()).Distinct().ToArray();
        var gone = await db.Set<TreasuryCoin>()
            .Where(c => txids.Contains(c.Txid) && c.SpentHeight <= final && c.SpentBy != announced.Name.Txid
                && (db.Set<BatchTransaction>().Any(t => t.Txid == c.SpentBy) || db.Set<ForeignSpend>().Any(s => s.Txid == c.SpentBy && s.IsBooked)))
            .Select(c => new OutPointText(c.Txid, c.Vout)).ToListAsync(cancellation);
        gone.AddRange(await LostAsync(txids, cancellation));
        return gone.Exists(c => announced.Inputs.Any(input => input.Hash.ToString() == c.Txid && input.N == c.Vout));
    }

    // Coins that the log calls lost, also those that these tables never saw.
    private async Task<IEnumerable<OutPointText>> LostAsync(string[] txids, CancellationToken cancellation)
    {
        var told = await (
            from line in db.Set<LedgerLine>()
            where line.Type == "treasury.coin_lost" && txids.Contains(line.Txid!)
            join entry in db.Set<LedgerEntry>() on (long?)line.Index equals entry.Index
            select entry.Bytes).ToListAsync(cancellation);
        var back = await db.Set<TreasuryCoin>().Where(c => txids.Contains(c.Txid) && c.Height != null).Select(c => new OutPointText(c.Txid, c.Vout)).ToListAsync(cancellation);
        return told.Select(bytes => CanonicalObject.Parse(bytes)).Select(e => new OutPointText(e.Text("txid"), (int)e.Integer("vout"))).Except(back);
    }

    private sealed record OutPointText(string Txid, int Vout);
}

/// <summary>Why nothing leaves the program.</summary>
/// <param name="Txids">Transactions that only the log remembers; none where just the chain has to be read.</param>
public sealed record PaymentLockState(IReadOnlyList<string> Txids);
