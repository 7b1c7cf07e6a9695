using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>Questions that more than one act asks.</summary>
public static class PayoutQueries
{
    /// <summary>
    /// Coins of the treasury that the best chain shows spent by a transaction which was not built here and is not booked: while there is one,
    /// nothing is built.
    /// </summary>
    public static IQueryable<TreasuryCoin> ForeignSpends(this MoneyDb db) =>
        db.Set<TreasuryCoin>().Where(c => c.SpentBy != null && !db.Set<BatchTransaction>().Any(t => t.Txid == c.SpentBy)
            && !db.Set<ForeignSpend>().Any(s => s.Txid == c.SpentBy && s.IsBooked));

    /// <summary>Booked foreign spends that the best chain no longer has.</summary>
    internal static IQueryable<ForeignSpend> ForeignSpendsGone(this MoneyDb db) =>
        db.Set<ForeignSpend>().Where(s => s.IsBooked && db.Set<TreasuryTransaction>().Any(t => t.Txid == s.Txid && t.Height == null));

    /// <summary>
    /// The highest version of each batch that the log ever announced, also where the tables have forgotten versions that can never be mined any more:
    /// the next one is one more, and 1 for a batch that is not here.
    /// </summary>
    internal static async Task<IReadOnlyDictionary<int, int>> AnnouncedVersionsAsync(this MoneyDb db, PaymentOrder order, CancellationToken cancellation)
    {
        var (round, move) = (order.RoundNumber, order.MoveNumber);
        var announced = await db.Set<LedgerEntry>().Where(e => e.RoundNumber == round && e.MoveNumber == move && e.Type == "psbt.created").Select(e => e.Bytes).ToListAsync(cancellation);
        return announced.Select(bytes => ToldPayments.NameOf(CanonicalObject.Parse(bytes))).GroupBy(name => name.Batch).ToDictionary(batch => batch.Key, batch => batch.Max(name => name.Version));
    }

    /// <summary>What the other batches of a round or move cost in fees, each by its dearest version.</summary>
    public static async Task<Sats> FeesOfOthersAsync(this MoneyDb db, PaymentOrder order, Guid? batchId, CancellationToken cancellation)
    {
        var (round, move) = (order.RoundNumber, order.MoveNumber);
        var fees = await (
            from batch in db.Set<Batch>()
            where batch.RoundNumber == round && batch.MoveNumber == move && batch.Id != batchId
            join transaction in db.Set<BatchTransaction>() on batch.Id equals transaction.BatchId
            select new { batch.Id, transaction.Fee }).ToListAsync(cancellation);
        return Sats.Sum(fees.GroupBy(f => f.Id).Select(versions => versions.Max(v => v.Fee)));
    }

    /// <summary>What the confirmed transactions of a round or move cost.</summary>
    public static async Task<Sats> ConfirmedFeesOfAsync(this MoneyDb db, PaymentOrder order, CancellationToken cancellation)
    {
        var (round, move) = (order.RoundNumber, order.MoveNumber);
        var fees = await db.Set<BatchTransaction>()
            .Where(t => db.Set<Batch>().Any(b => b.RoundNumber == round && b.MoveNumber == move && b.BookedTxid == t.Txid)).Select(t => t.Fee).ToListAsync(cancellation);
        return Sats.Sum(fees);
    }

    /// <summary>Says so where more would be paid within 24 hours than is allowed; null where not.</summary>
    internal static async Task<BuildResult?> OverDayAsync(this MoneyDb db, Sats more, DateTimeOffset now, PayoutOptions limits, CancellationToken cancellation)
    {
        var since = now - TimeSpan.FromDays(1);
        var today = await db.Set<BatchTransaction>().Where(t => t.BuiltAt > since && !db.Set<BatchTransaction>().Any(older => older.BatchId == t.BatchId && older.Number < t.Number)).Select(t => t.Paid).ToListAsync(cancellation);
        var sum = Sats.Sum(today) + more;
        return sum > limits.MaxDay ? new BuildResult.DayLimit(sum, limits.MaxDay) : null;
    }

    /// <summary>How the ledger names a version of a batch.</summary>
    internal static BatchTransactionName NameOf(Batch batch, BatchTransaction version) =>
        new(batch.Order, batch.Number, version.Number, version.Txid);
}
