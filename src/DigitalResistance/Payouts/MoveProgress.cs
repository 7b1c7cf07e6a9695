using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>Closes a move when the last of its transactions is final.</summary>
public sealed class MoveProgress(MoneyDb db, TreasuryWallet wallet)
{
    /// <summary>Closes what is due. Gives the number of moves that were closed.</summary>
    public async Task<int> RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var due = await db.Set<Move>()
            .Where(m => m.State == MoveState.Built && !db.Set<Batch>().Any(b => b.MoveNumber == m.Number && b.State != BatchState.Final))
            .OrderBy(m => m.Number).Select(m => m.Number).ToListAsync(cancellation);
        var closed = 0;
        foreach (var number in due)
        {
            var move = await db.Set<Move>().SingleAsync(m => m.Number == number, cancellation);
            if (move.State != MoveState.Built) continue;
            (move.State, move.EndedAt, move.TokenSecret) = (MoveState.Closed, now, null);
            move.Version++;
            // Of a move that a restored database had still open the log may know the end.
            if (!await db.Set<LedgerEntry>().AnyAsync(e => e.MoveNumber == number && e.Type == "move.closed", cancellation))
                db.Append(new MoveClosed(number, move.Paid, await db.ConfirmedFeesOfAsync(PaymentOrder.Move(number), cancellation)), now);
            if (move.Kind == MoveKind.Rehearsal) await TellSignersAsync(move, now, cancellation);
            // Lost to another process: it did the same.
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved) closed++;
            db.ChangeTracker.Clear();
        }

        return closed;
    }

    private async Task TellSignersAsync(Move move, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await db.Set<LedgerEntry>().AnyAsync(e => e.MoveNumber == move.Number && e.Type == "treasury.rehearsed", cancellation)) return;
        var signed = await (
            from batch in db.Set<Batch>()
            where batch.MoveNumber == move.Number
            join built in db.Set<BatchTransaction>() on batch.BookedTxid equals built.Txid
            join mined in db.Set<TreasuryTransaction>() on built.Txid equals mined.Txid
            select new { Built = built, mined.Bytes }).SingleAsync(cancellation);
        var row = await db.Set<TreasuryDescriptor>().AsNoTracking().SingleAsync(d => d.Sha256 == move.TargetSha256, cancellation);
        var (sent, signers) = (signed.Built, RehearsalSigners.Find(signed.Built.Psbt, signed.Bytes, wallet.Open(row).Descriptor));
        db.Append(new TreasuryRehearsed(row.Sha256, move.Number, sent.Txid, sent.InputSum - sent.Fee, sent.Fee, signers), now);
    }
}
