using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>How far a restored database has come back to what the public log says, step by step, for whoever has to act.</summary>
public sealed class PaymentRecovery(MoneyDb db, PaymentLock payments, TreasuryWallet wallet, ChainHealth health)
{
    private const int MostNotices = 100;

    /// <summary>Looks; null where nothing was ever restored and nothing is missing.</summary>
    public async Task<RecoveryView?> LookAsync(CancellationToken cancellation)
    {
        var unknown = await payments.UnknownAsync(cancellation);
        var (from, to) = await RangeAsync(cancellation);
        if (to == 0 && unknown.Count == 0 && !await db.Set<ToldFact>().AnyAsync(cancellation)) return null;

        var announced = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index >= from && e.Index < to && e.Type == "psbt.created").OrderBy(e => e.Index).ToListAsync(cancellation);
        var all = announced.Select(AnnouncedPayment.Of).Concat(unknown.Select(u => u.Payment)).DistinctBy(a => a.Name.Txid).ToArray();
        var lines = new List<RecoveryPayment>();
        foreach (var payment in all)
        {
            var standing = unknown.Where(u => u.Payment.Name.Txid == payment.Name.Txid).Select(u => (bool?)u.IsImpossible).FirstOrDefault() switch
            {
                null => RecoveryStanding.Imported,
                true => RecoveryStanding.Impossible,
                _ => await StandingAsync(payment, cancellation),
            };
            lines.Add(new RecoveryPayment(payment.Name.Txid, payment.Name.Order, payment.Name.Batch, payment.Name.Version, payment.Paid, [.. payment.Inputs.Select(i => $"{i.Hash}:{i.N}")], standing));
        }

        var facts = await db.Set<ToldFact>().AsNoTracking().Select(f => f.Type).ToListAsync(cancellation);
        return new RecoveryView(
            from, to, await MissingRoundsAsync(lines, cancellation), lines, await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation), health.State.Height,
            IsChainRead: !facts.Contains(ToldFact.ChainUnread), facts.Count(type => type != ToldFact.ChainUnread));
    }

    private async Task<RecoveryStanding> StandingAsync(AnnouncedPayment payment, CancellationToken cancellation)
    {
        if (await AnnouncedOrder.ReadAsync(db, payment.Name.Order, wallet, cancellation) is null) return RecoveryStanding.RoundMissing;
        var seen = await new SpendableCoins(db, wallet).FindAsync([.. payment.Inputs], cancellation);
        return seen.Count < payment.Inputs.Count ? RecoveryStanding.CoinsMissing : RecoveryStanding.BytesMissing;
    }

    private async Task<IReadOnlyList<PaymentOrder>> MissingRoundsAsync(IEnumerable<RecoveryPayment> lines, CancellationToken cancellation)
    {
        var missing = new List<PaymentOrder>();
        foreach (var order in lines.Where(l => l.Standing != RecoveryStanding.Imported).Select(l => l.Order).Distinct().OrderBy(o => o.Member).ThenBy(o => o.Number))
        {
            if (await AnnouncedOrder.ReadAsync(db, order, wallet, cancellation) is null) missing.Add(order);
        }

        return missing;
    }

    // Which entries came back, as the newest notice to readers says.
    private async Task<(long From, long To)> RangeAsync(CancellationToken cancellation)
    {
        var marked = await db.Set<ToldFact>().Where(f => f.Type == ToldFact.ChainUnread).Select(f => f.Bytes).SingleOrDefaultAsync(cancellation);
        if (marked is null)
        {
            var notices = await db.Set<LedgerLine>().Where(l => l.Type == "incident").OrderByDescending(l => l.Index).Select(l => (long?)l.Index).Take(MostNotices).ToListAsync(cancellation);
            foreach (var index in notices)
            {
                var bytes = await db.Set<LedgerEntry>().Where(e => e.Index == index).Select(e => e.Bytes).SingleAsync(cancellation);
                if (CanonicalObject.Parse(bytes).Text("code") != Words.Snake(IncidentCode.EntriesReadmitted)) continue;
                marked = bytes;
                break;
            }
        }

        return marked is not null && CanonicalObject.Parse(marked) is var notice ? (notice.Integer("from"), notice.Integer("to")) : (0, 0);
    }
}

/// <summary>Where a restored database is.</summary>
/// <param name="From">First entry that came back into it.</param>
/// <param name="To">The one after the last; zero where no entry came back.</param>
/// <param name="MissingRounds">Rounds and moves of missing transactions whose approved amounts are not in the tables.</param>
/// <param name="Payments">Every transaction that those entries announced, and every other that is missing.</param>
/// <param name="Height">Blocks are read up to here; null where none was.</param>
/// <param name="Tip">The end of the chain, as this process heard it last.</param>
/// <param name="IsChainRead">Whether the chain was read to its end since the entries came back.</param>
/// <param name="Waiting">Facts of the log that wait until the chain shows them deep enough.</param>
public sealed record RecoveryView(
    long From, long To, IReadOnlyList<PaymentOrder> MissingRounds, IReadOnlyList<RecoveryPayment> Payments, int? Height, int? Tip, bool IsChainRead, int Waiting)
{
    /// <summary>Transactions that are settled: back in the tables, or impossible.</summary>
    public int Settled => Payments.Count(p => p.Standing is RecoveryStanding.Imported or RecoveryStanding.Impossible);

    /// <summary>Whether payments may go on.</summary>
    public bool IsUnlocked => IsChainRead && Waiting == 0 && Settled == Payments.Count;
}

/// <summary>A transaction that the log announced while the database was ahead of its backup.</summary>
/// <param name="Txid">Its id.</param>
/// <param name="Order">Its round or move.</param>
/// <param name="Batch">Its number there.</param>
/// <param name="Version">Its version.</param>
/// <param name="Paid">What it pays.</param>
/// <param name="Inputs">Every coin that it spends.</param>
/// <param name="Standing">Where it is.</param>
public sealed record RecoveryPayment(string Txid, PaymentOrder Order, int Batch, int Version, Sats Paid, IReadOnlyList<string> Inputs, RecoveryStanding Standing);

/// <summary>Where a transaction is that a restored database had forgotten.</summary>
public enum RecoveryStanding
{
    /// <summary>In the tables, as if the database had never been away.</summary>
    Imported,

    /// <summary>A coin of it went elsewhere for good: it can never be mined.</summary>
    Impossible,

    /// <summary>What the admins approved of its round is missing.</summary>
    RoundMissing,

    /// <summary>A coin of it was not seen yet.</summary>
    CoinsMissing,

    /// <summary>Its bytes could not be written again: a copy is needed, or it must be made impossible.</summary>
    BytesMissing,
}
