using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Moves batches by what the best chain shows, back too: matched by transaction id alone, never by address and amount. Deeper than final
/// nothing moves back by itself; that is an alarm for people.
/// </summary>
public sealed partial class BatchConfirmation(MoneyDb db, TreasuryWallet wallet, IOptions<BitcoinOptions> options, ILogger<BatchConfirmation> log)
{
    /// <summary>Moves what is due. Gives the number of batches that moved.</summary>
    public async Task<int> RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation) is not { } top) return 0;
        // In whatever state: a version may be signed and sent without our knowing, and a restored database may have forgotten its download.
        var batches = await db.Set<Batch>().Where(b => b.State != BatchState.Final).OrderBy(b => b.RoundNumber).ThenBy(b => b.MoveNumber).ThenBy(b => b.Number).Select(b => b.Id).ToListAsync(cancellation);
        var moved = 0;
        foreach (var id in batches)
        {
            var batch = await db.Set<Batch>().SingleAsync(b => b.Id == id, cancellation);
            if (await MoveAsync(batch, top, now, cancellation)) moved++;
            db.ChangeTracker.Clear();
        }

        return moved;
    }

    private async Task<bool> MoveAsync(Batch batch, int top, DateTimeOffset now, CancellationToken cancellation)
    {
        var seen = await (
            from version in db.Set<BatchTransaction>()
            where version.BatchId == batch.Id
            join transaction in db.Set<TreasuryTransaction>() on version.Txid equals transaction.Txid
            where transaction.Height != null
            select new { Version = version, transaction.Height }).SingleOrDefaultAsync(cancellation);
        var depth = seen is null ? 0 : top - seen.Height!.Value + 1;

        switch (Decide(batch.State, batch.BookedTxid, seen?.Version.Txid, depth, options.Value))
        {
            case ChainTurn.Unconfirm:
                await UnconfirmAsync(batch, batch.BookedTxid!, now, cancellation);
                break;
            case ChainTurn.Finish:
                batch.State = BatchState.Final;
                break;
            case ChainTurn.Confirm:
                await ConfirmAsync(batch, seen!.Version, seen.Height!.Value, now, cancellation);
                break;
            default:
                return false;
        }

        batch.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved;
    }

    /// <summary>What the chain makes of a batch: <paramref name="seen"/> is the version that it shows, so many blocks deep. Pure.</summary>
    internal static ChainTurn Decide(BatchState state, string? booked, string? seen, int depth, BitcoinOptions options)
    {
        // Also where a reorganisation put another version in its place: the one that was booked is taken back first, that one is confirmed next.
        if (state == BatchState.Confirmed && booked is not null && seen != booked) return ChainTurn.Unconfirm;
        if (state == BatchState.Confirmed && depth >= options.FinalConfirmations) return ChainTurn.Finish;
        // Not for a final one: another process may have carried it there since the list was read, and it is booked already.
        return Batch.Waiting.Contains(state) && depth >= options.Confirmations ? ChainTurn.Confirm : ChainTurn.None;
    }

    private async Task ConfirmAsync(Batch batch, BatchTransaction version, int height, DateTimeOffset now, CancellationToken cancellation)
    {
        // A block can hold it before we handed it over: somebody who had all signatures did. Then the log tells both at once.
        if (version.BroadcastAt is null) db.Append(new TxBroadcast(PayoutQueries.NameOf(batch, version)), now);
        version.BroadcastAt ??= now;
        var block = await db.Set<ChainBlock>().Where(b => b.Height == height).Select(b => b.Hash).SingleAsync(cancellation);
        (batch.State, batch.BookedTxid, batch.Refusal) = (BatchState.Confirmed, version.Txid, null);
        if (!await ToldPayments.TakeOverAsync(db, batch, version.Txid, block, now, cancellation))
            db.Append(new TxConfirmed(PayoutQueries.NameOf(batch, version), height, block, version.Paid, version.Fee), now);

        var outputs = PSBT.Load(version.Psbt, wallet.Network).GetGlobalTransaction().Outputs;
        var free = Enumerable.Range(0, outputs.Count).ToList();
        foreach (var payout in await PayoutsOfAsync(db, batch, cancellation))
        {
            // Two payouts may share address and amount; each takes an output of its own.
            var vout = free.Find(i => outputs[i].Value.Satoshi == payout.Amount.Value && outputs[i].ScriptPubKey.ToBytes().AsSpan().SequenceEqual(payout.Script));
            free.Remove(vout);
            (payout.PaidTxid, payout.PaidVout) = (version.Txid, vout);
        }

        LogConfirmed(batch.Order, batch.Number, version.Txid, height);
    }

    private async Task UnconfirmAsync(Batch batch, string txid, DateTimeOffset now, CancellationToken cancellation)
    {
        var version = await db.Set<BatchTransaction>().SingleAsync(t => t.BatchId == batch.Id && t.Txid == txid, cancellation);
        await UnbookAsync(db, batch, cancellation);
        db.Append(new TxUnconfirmed(PayoutQueries.NameOf(batch, version), version.Paid, version.Fee), now);
        LogUnconfirmed(batch.Order, batch.Number, version.Txid);
    }

    /// <summary>Takes a booking out of the rows; the log is told by the caller, or told it before.</summary>
    internal static async Task UnbookAsync(MoneyDb db, Batch batch, CancellationToken cancellation)
    {
        foreach (var payout in await PayoutsOfAsync(db, batch, cancellation)) (payout.PaidTxid, payout.PaidVout) = (null, null);
        (batch.State, batch.BookedTxid) = (await StateWithoutChainAsync(db, batch, cancellation), null);
    }

    // Where its newest version was when another one, or itself, got into the chain.
    private static async Task<BatchState> StateWithoutChainAsync(MoneyDb db, Batch batch, CancellationToken cancellation)
    {
        var newest = await db.Set<BatchTransaction>().Where(t => t.BatchId == batch.Id).OrderByDescending(t => t.Number).FirstAsync(cancellation);
        if (newest.BroadcastAt is not null) return BatchState.Broadcast;
        if (newest.FinalBytes is not null) return BatchState.Signed;
        return await db.Set<BatchSignature>().AnyAsync(s => s.TransactionId == newest.Id, cancellation) ? BatchState.PartlySigned : BatchState.Built;
    }

    private static Task<List<Payout>> PayoutsOfAsync(MoneyDb db, Batch batch, CancellationToken cancellation) => (
        from place in db.Set<BatchPayment>()
        where place.BatchId == batch.Id
        join payout in db.Set<Payout>() on place.PayoutId equals payout.Id
        orderby payout.Token
        select payout).ToListAsync(cancellation);

    [LoggerMessage(1, LogLevel.Information, "Batch {Number} of {Order} is confirmed at height {Height} as {Txid}")]
    private partial void LogConfirmed(PaymentOrder order, int number, string txid, int height);

    [LoggerMessage(2, LogLevel.Warning, "Batch {Number} of {Order} is no longer in the best chain ({Txid}); it is broadcast again")]
    private partial void LogUnconfirmed(PaymentOrder order, int number, string txid);
}

/// <summary>What the chain makes of a batch.</summary>
internal enum ChainTurn
{
    /// <summary>Nothing new.</summary>
    None,

    /// <summary>What was booked is not there any more.</summary>
    Unconfirm,

    /// <summary>A version is deep enough to be booked.</summary>
    Confirm,

    /// <summary>What was booked is so deep that nothing is expected to take it back.</summary>
    Finish,
}
