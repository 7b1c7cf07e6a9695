using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DigitalResistance.Payouts;

/// <summary>
/// Rounds and moves that were built before the tables were restored, and of which nobody has what was approved any more. When admins have booked, n of m, that the coins of all
/// their transactions went elsewhere, and that is final, nobody was paid and nobody can be: they end, in the log too, so that the same people can be paid by a new one.
/// </summary>
public sealed partial class LostOrders(MoneyDb db, PaymentLock payments, TreasuryWallet wallet, ILogger<LostOrders> log)
{
    /// <summary>Ends what is due. Gives the number of rounds and moves.</summary>
    public async Task<int> RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var ended = 0;
        foreach (var order in (await payments.UnknownAsync(cancellation)).GroupBy(unknown => unknown.Payment.Name.Order).Where(g => g.All(unknown => unknown.IsImpossible)).Select(g => g.Key).ToList())
        {
            if (await AnnouncedOrder.ReadAsync(db, order, wallet, cancellation) is not null) continue;
            var (round, move) = (order.RoundNumber, order.MoveNumber);
            // What was paid in part goes on.
            if (await db.Set<Batch>().AnyAsync(b => b.RoundNumber == round && b.MoveNumber == move, cancellation)) continue;
            if (!(round is { } number ? await EndRoundAsync(number, now, cancellation) : await EndMoveAsync(order.Number, now, cancellation))) continue;
            // Lost to another process: it did the same.
            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) continue;
            LogEnded(order);
            ended++;
        }

        db.ChangeTracker.Clear();
        return ended;
    }

    private async Task<bool> EndRoundAsync(int number, DateTimeOffset now, CancellationToken cancellation)
    {
        var told = await ToldRound.ReadAsync(db, number, cancellation);
        if (told.State is RoundState.Cancelled or RoundState.Closed) return false;
        if (await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation) is { } round)
        {
            (round.State, round.Revision, round.EndedAt, round.TokenSecret, round.Version) = (RoundState.Cancelled, told.Revision, now, null, round.Version + 1);
            await ReviewRecords.ForgetAsync(db, number, cancellation);
        }

        db.Append(new RoundCancelled(number, told.Revision, Words.Snake(CancelReason.Safety)), now);
        (await RoundBook.ReadAsync(db, cancellation)).Version++;
        return true;
    }

    private async Task<bool> EndMoveAsync(int number, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await db.Set<LedgerEntry>().AnyAsync(e => e.MoveNumber == number && (e.Type == "move.withdrawn" || e.Type == "move.closed"), cancellation)) return false;
        db.Append(new MoveWithdrawn(number), now);
        // Its row, if it has one, is not what was approved. Of two processes at once one finds another version of the treasury's row.
        if (await db.Set<Move>().SingleOrDefaultAsync(m => m.Number == number, cancellation) is { } move) (move.State, move.EndedAt, move.TokenSecret, move.Version) = (MoveState.Withdrawn, now, null, move.Version + 1);
        (await db.Set<TreasuryDescriptor>().SingleAsync(d => d.IsCurrent, cancellation)).Version++;
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "What was approved of {Order} is lost, and none of its transactions can be mined any more: it has ended, and nobody was paid by it")]
    private partial void LogEnded(PaymentOrder order);
}
