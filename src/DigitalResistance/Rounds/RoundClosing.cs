using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;

namespace DigitalResistance.Rounds;

/// <summary>Closes the books of a round, within the caller's save: every payment is final, and its tokens can no longer be tied to accounts by a secret.</summary>
public static class RoundClosing
{
    /// <summary>Marks <paramref name="round"/> closed and tells the log what it paid and what its transactions cost, unless it told so before.</summary>
    public static async Task CloseAsync(MoneyDb db, Round round, Sats paid, Sats fee, DateTimeOffset now, CancellationToken cancellation, bool isTold = false)
    {
        (round.State, round.EndedAt, round.TokenSecret) = (RoundState.Closed, now, null);
        await ReviewRecords.ForgetAsync(db, round.Number, cancellation);
        if (!isTold) db.Append(new RoundClosed(round.Number, round.Revision, paid, fee), now);
    }
}
