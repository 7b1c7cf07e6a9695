using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>What the best chain shows of a transaction that spent the treasury's coins and was not built here.</summary>
/// <param name="Txid">The transaction.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="Block">Hash of its block.</param>
/// <param name="Depth">How deep it is; 1 is the newest block.</param>
/// <param name="Coins">The treasury's coins it spent, in the order of their outpoints.</param>
/// <param name="Returned">What it paid to addresses of the treasury.</param>
/// <param name="IsPublishedPayment">
/// The public log announced this very transaction as a payment of a round: the database is an older copy that forgot it. It must be brought
/// back, not booked as a stranger's.
/// </param>
public sealed record ForeignSpendFacts(
    string Txid, int Height, string Block, int Depth, IReadOnlyList<TreasuryCoin> Coins, IReadOnlyList<TreasuryCoin> Returned, bool IsPublishedPayment)
{
    /// <summary>Sum of the coins.</summary>
    public Sats Spent => Sats.Sum(Coins.Select(c => c.Amount));

    /// <summary>Sum of what came back.</summary>
    public Sats Back => Sats.Sum(Returned.Select(c => c.Amount));

    /// <summary>The facts of one transaction; null where the best chain does not show it, or it is one of ours.</summary>
    internal static async Task<ForeignSpendFacts?> ReadAsync(MoneyDb db, string txid, CancellationToken cancellation)
    {
        var seen = await (
            from transaction in db.Set<TreasuryTransaction>()
            where transaction.Txid == txid && !db.Set<BatchTransaction>().Any(t => t.Txid == txid)
            join block in db.Set<ChainBlock>() on transaction.Height equals block.Height
            select new { block.Height, block.Hash, Top = db.Set<ChainBlock>().Max(b => b.Height) }).SingleOrDefaultAsync(cancellation);
        var coins = await db.Set<TreasuryCoin>().AsNoTracking().Where(c => c.SpentBy == txid).OrderBy(c => c.Txid).ThenBy(c => c.Vout).ToListAsync(cancellation);
        if (seen is null || coins.Count == 0) return null;

        // Rows of outputs stay when a reorganisation takes their heights: what a transaction pays never changes.
        var returned = await db.Set<TreasuryCoin>().AsNoTracking().Where(c => c.Txid == txid).OrderBy(c => c.Vout).ToListAsync(cancellation);
        var published = await db.Set<LedgerLine>().AnyAsync(l => l.Type == "psbt.created" && l.Txid == txid, cancellation);
        return new ForeignSpendFacts(txid, seen.Height, seen.Hash, seen.Top - seen.Height + 1, coins, returned, published);
    }
}
