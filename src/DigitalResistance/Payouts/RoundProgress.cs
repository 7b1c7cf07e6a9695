using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>Moves rounds by where their batches are, and closes the books when the last one is final.</summary>
public sealed class RoundProgress(MoneyDb db)
{
    /// <summary>Moves what is due. Gives the number of rounds that moved.</summary>
    public async Task<int> RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        RoundState[] moving = [RoundState.Building, RoundState.Signing, RoundState.Broadcast, RoundState.Confirmed];
        var moved = 0;
        foreach (var number in await db.Set<Round>().Where(r => moving.Contains(r.State)).OrderBy(r => r.Number).Select(r => r.Number).ToListAsync(cancellation))
        {
            if (await MoveAsync(number, now, cancellation)) moved++;
            db.ChangeTracker.Clear();
        }

        return moved;
    }

    private async Task<bool> MoveAsync(int number, DateTimeOffset now, CancellationToken cancellation)
    {
        var round = await db.Set<Round>().SingleAsync(r => r.Number == number, cancellation);
        var batches = await db.Set<Batch>().AsNoTracking().Where(b => b.RoundNumber == number).ToListAsync(cancellation);
        var state = StateOf(batches.ConvertAll(b => b.State), RoundPayments.BatchesOf(round));
        if (state == round.State) return false;

        round.State = state;
        round.Version++;
        if (state == RoundState.Closed)
        {
            var paid = await db.Set<Payout>().Where(p => p.RoundNumber == number).Select(p => p.Amount).ToListAsync(cancellation);
            // Of a round that a restored database had still open the log may know the end.
            var isTold = await db.Set<LedgerEntry>().AnyAsync(e => e.RoundNumber == number && e.Type == "round.closed", cancellation);
            await RoundClosing.CloseAsync(db, round, Sats.Sum(paid), await db.ConfirmedFeesOfAsync(PaymentOrder.Round(number), cancellation), now, cancellation, isTold);
        }

        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved;
    }

    /// <summary>Where a round is whose batches are here, of so many that its manifest names.</summary>
    internal static RoundState StateOf(IReadOnlyCollection<BatchState> built, int batches)
    {
        bool All(BatchState least) => built.Count == batches && built.All(state => state >= least);
        if (All(BatchState.Final)) return RoundState.Closed;
        if (All(BatchState.Confirmed)) return RoundState.Confirmed;
        if (All(BatchState.Broadcast)) return RoundState.Broadcast;
        return built.Any(state => state >= BatchState.Exported) ? RoundState.Signing : RoundState.Building;
    }
}
