using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Moves;

/// <summary>Questions that more than one act asks.</summary>
internal static class MoveQueries
{
    /// <summary>The time over which bills are added up.</summary>
    public static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>A number that no move had: one that the ledger knows is never used again, also where a restored database has forgotten the move.</summary>
    public static async Task<int> NextMoveAsync(this MoneyDb db, CancellationToken cancellation) =>
        Math.Max(await db.Set<Move>().MaxAsync(m => (int?)m.Number, cancellation) ?? 0, await db.Set<LedgerEntry>().MaxAsync(e => e.MoveNumber, cancellation) ?? 0) + 1;

    /// <summary>What transactions built since then pay for running costs.</summary>
    public static async Task<Sats> CostsSinceAsync(this MoneyDb db, DateTimeOffset since, CancellationToken cancellation) => Sats.Sum(await (
        from batch in db.Set<Batch>()
        where batch.MoveNumber != null
        join transaction in db.Set<BatchTransaction>() on batch.Id equals transaction.BatchId
        where transaction.BuiltAt > since && !db.Set<BatchTransaction>().Any(older => older.BatchId == batch.Id && older.Number < transaction.Number)
        select transaction.Paid).ToListAsync(cancellation));
}
