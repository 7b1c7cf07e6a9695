using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>Questions that more than one act asks.</summary>
public static class PayoutQueries
{
    /// <summary>Coins of the treasury that the best chain shows spent by a transaction which was not built here.</summary>
    public static IQueryable<TreasuryCoin> ForeignSpends(this MoneyDb db) =>
        db.Set<TreasuryCoin>().Where(c => c.SpentBy != null && !db.Set<BatchTransaction>().Any(t => t.Txid == c.SpentBy));

    /// <summary>What the batches of a round cost in fees, each by its dearest version.</summary>
    public static async Task<Sats> FeesOfAsync(this MoneyDb db, int round, CancellationToken cancellation)
    {
        var fees = await (
            from batch in db.Set<Batch>()
            where batch.RoundNumber == round
            join transaction in db.Set<BatchTransaction>() on batch.Id equals transaction.BatchId
            select new { batch.Id, transaction.Fee }).ToListAsync(cancellation);
        return Sats.Sum(fees.GroupBy(f => f.Id).Select(versions => versions.Max(v => v.Fee)));
    }

    /// <summary>What the confirmed transactions of a round cost.</summary>
    public static async Task<Sats> ConfirmedFeesOfAsync(this MoneyDb db, int round, CancellationToken cancellation)
    {
        var fees = await db.Set<BatchTransaction>()
            .Where(t => db.Set<Payout>().Any(p => p.RoundNumber == round && p.PaidTxid == t.Txid)).Select(t => t.Fee).ToListAsync(cancellation);
        return Sats.Sum(fees);
    }

    /// <summary>How the ledger names a version of a batch.</summary>
    internal static BatchTransactionName NameOf(Batch batch, BatchTransaction version) =>
        new(batch.RoundNumber, batch.Number, version.Number, version.Txid);
}
