using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>Closes the books of a round, within the caller's save: every payment is final, and its tokens can no longer be tied to accounts by a secret.</summary>
public static class RoundClosing
{
    /// <summary>Marks <paramref name="round"/> closed and tells the log what it paid and what its transactions cost, unless it told so before.</summary>
    public static void Close(MoneyDb db, Round round, Sats paid, Sats fee, DateTimeOffset now, bool isTold = false)
    {
        (round.State, round.EndedAt, round.TokenSecret) = (RoundState.Closed, now, null);
        if (!isTold) db.Append(new RoundClosed(round.Number, round.Revision, paid, fee), now);
    }
}
