using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>Closes a move when the last of its transactions is final.</summary>
public sealed class MoveProgress(MoneyDb db)
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
            // Lost to another process: it did the same.
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved) closed++;
            db.ChangeTracker.Clear();
        }

        return closed;
    }
}
