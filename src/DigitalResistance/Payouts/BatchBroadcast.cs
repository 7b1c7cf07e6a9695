using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Hands complete transactions to the network, the same bytes again and again until a block holds them. That it will be done is written
/// down, for the public too, before it is done; doing it twice is harmless. A refusal is kept and shown, and changes nothing.
/// </summary>
public sealed partial class BatchBroadcast(MoneyDb db, IChain chain, TreasuryWallet wallet, ILogger<BatchBroadcast> log)
{
    /// <summary>Broadcasts what is due. Gives the number of batches that moved.</summary>
    public async Task<int> RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        // Of each batch the newest complete version, while none is in a block: the network would not take an older one beside it.
        var due = await (
            from batch in db.Set<Batch>()
            where Batch.Waiting.Contains(batch.State)
            join transaction in db.Set<BatchTransaction>() on batch.Id equals transaction.BatchId
            where transaction.FinalBytes != null
                && !db.Set<BatchTransaction>().Any(newer => newer.BatchId == batch.Id && newer.Number > transaction.Number && newer.FinalBytes != null)
                && !db.Set<TreasuryTransaction>().Any(t => t.Height != null && db.Set<BatchTransaction>().Any(v => v.BatchId == batch.Id && v.Txid == t.Txid))
            orderby batch.RoundNumber, batch.MoveNumber, batch.Number
            select new { batch.Id, TransactionId = transaction.Id }).ToListAsync(cancellation);

        var moved = 0;
        foreach (var item in due)
        {
            var batch = await db.Set<Batch>().SingleAsync(b => b.Id == item.Id, cancellation);
            var version = await db.Set<BatchTransaction>().SingleAsync(t => t.Id == item.TransactionId, cancellation);
            if (await BroadcastAsync(batch, version, now, cancellation)) moved++;
            db.ChangeTracker.Clear();
        }

        return moved;
    }

    private async Task<bool> BroadcastAsync(Batch batch, BatchTransaction version, DateTimeOffset now, CancellationToken cancellation)
    {
        var final = Transaction.Load(version.FinalBytes!, wallet.Network);
        var first = version.BroadcastAt is null;
        var waits = !first && await chain.IsWaitingAsync(final.GetHash(), cancellation);
        var tested = waits ? new ChainVerdict.AlreadyKnown() : await chain.TestAsync(final, cancellation);
        if (waits || tested is ChainVerdict.Refused)
        {
            await KeepAsync(batch, tested, cancellation);
            return false;
        }

        if (first)
        {
            await WriteFirstAsync(batch, version, now, cancellation);
            // Lost to another process: it broadcasts.
            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return false;
        }

        var verdict = await chain.SendAsync(final, cancellation);
        LogHandedOver(batch.Order, batch.Number, version.Txid, first ? "first" : "again");
        await KeepAsync(batch, verdict, cancellation);
        return first;
    }

    private async Task WriteFirstAsync(Batch batch, BatchTransaction version, DateTimeOffset now, CancellationToken cancellation)
    {
        version.BroadcastAt = now;
        // A newer version may be waiting for its signatures; it is where the batch is.
        if (batch.State == BatchState.Signed) batch.State = BatchState.Broadcast;
        batch.Refusal = null;
        batch.Version++;
        var name = PayoutQueries.NameOf(batch, version);
        db.Append(new TxBroadcast(name), now);
        var replaced = await db.Set<BatchTransaction>().Where(t => t.BatchId == batch.Id && t.Number < version.Number && t.BroadcastAt != null)
            .OrderByDescending(t => t.Number).Select(t => t.Txid).FirstOrDefaultAsync(cancellation);
        if (replaced is not null) db.Append(new TxReplaced(name, replaced), now);
    }

    // What the treasurer is shown. Not worth a second try: the next turn asks again.
    private async Task KeepAsync(Batch batch, ChainVerdict verdict, CancellationToken cancellation)
    {
        var reason = (verdict as ChainVerdict.Refused)?.Reason;
        if (reason is { Length: > 300 }) reason = reason[..300];
        if (batch.Refusal == reason) return;
        batch.Refusal = reason;
        batch.Version++;
        if (reason is not null) LogRefused(batch.Order, batch.Number, reason);
        await db.TrySaveAsync(cancellation);
    }

    [LoggerMessage(1, LogLevel.Information, "Batch {Number} of {Order} was handed to the network as {Txid}, {Time}")]
    private partial void LogHandedOver(PaymentOrder order, int number, string txid, string time);

    [LoggerMessage(2, LogLevel.Warning, "The network refuses batch {Number} of {Order}: {Reason}")]
    private partial void LogRefused(PaymentOrder order, int number, string reason);
}
