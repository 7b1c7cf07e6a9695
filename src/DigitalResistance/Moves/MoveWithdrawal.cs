using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Moves;

/// <summary>
/// Gives a move up before anything of it is built. Any one admin may: a proposal that one of them does not understand has to be made again.
/// </summary>
public sealed class MoveWithdrawal(MoneyDb db, TimeProvider time)
{
    /// <summary>Withdraws: <see cref="MoveResult.Done"/>, <see cref="MoveResult.NotFound"/>, <see cref="MoveResult.ChangedMeanwhile"/> or <see cref="MoveResult.WrongState"/>.</summary>
    public async Task<MoveResult> WithdrawAsync(int number, long version, CancellationToken cancellation)
    {
        if (await db.Set<Move>().SingleOrDefaultAsync(m => m.Number == number, cancellation) is not { } move) return new MoveResult.NotFound();
        if (move.Version != version) return new MoveResult.ChangedMeanwhile();
        if (move.State is not (MoveState.Proposed or MoveState.Approved)) return new MoveResult.WrongState(move.State);
        var now = time.GetUtcNow();
        (move.State, move.EndedAt, move.TokenSecret) = (MoveState.Withdrawn, now, null);
        move.Version++;
        db.Append(new MoveWithdrawn(number), now);
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new MoveResult.Done(number) : new MoveResult.ChangedMeanwhile();
    }
}
