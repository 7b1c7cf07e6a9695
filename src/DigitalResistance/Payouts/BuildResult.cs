using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>How building the batches of a round or of a move, or looking at what it would cost, can end.</summary>
public abstract record BuildResult
{
    private BuildResult()
    {
    }

    /// <summary>These batches are written down.</summary>
    /// <param name="Numbers">Their numbers.</param>
    /// <param name="Waiting">How many more wait for coins.</param>
    public sealed record Built(IReadOnlyList<int> Numbers, int Waiting) : BuildResult;

    /// <summary>What building now would do.</summary>
    /// <param name="Count">Batches that the coins allow now.</param>
    /// <param name="Missing">Batches that are not built yet.</param>
    /// <param name="Batches">Batches of the round.</param>
    /// <param name="Paid">What those would pay.</param>
    /// <param name="Fee">What those would cost.</param>
    /// <param name="Rate">At this rate.</param>
    /// <param name="Problem">A fee rule that one of them breaks, so that nothing would be built.</param>
    /// <param name="Waiting">Why the next one must wait; null where all could be built.</param>
    public sealed record Outlook(int Count, int Missing, int Batches, Sats Paid, Sats Fee, VByteRate Rate, FeeProblem? Problem, SelectionResult.NotEnough? Waiting) : BuildResult;

    /// <summary>What building the transactions of a move now would do.</summary>
    /// <param name="Count">Transactions.</param>
    /// <param name="Coins">Coins that they spend.</param>
    /// <param name="Kept">What stays the treasury's.</param>
    /// <param name="Paid">What they would pay to others.</param>
    /// <param name="Fee">What they would cost.</param>
    /// <param name="Rate">At this rate.</param>
    /// <param name="Problem">A fee rule that one of them breaks, so that nothing would be built.</param>
    public sealed record MoveOutlook(int Count, int Coins, Sats Kept, Sats Paid, Sats Fee, VByteRate Rate, FeeProblem? Problem) : BuildResult;

    /// <summary>Every batch is built already, or there is no coin that could be moved.</summary>
    public sealed record NothingToBuild : BuildResult;

    /// <summary>No treasury was adopted.</summary>
    public sealed record NoTreasury : BuildResult;

    /// <summary>The round or the move cannot be paid.</summary>
    public sealed record OrderRefused(OrderFault Fault) : BuildResult;

    /// <summary>The approvals are not under a published checkpoint yet; a moment later they are.</summary>
    public sealed record NotPublishedYet : BuildResult;

    /// <summary>The database was restored and does not know yet all that the log says: nothing is built before that.</summary>
    public sealed record Locked(PaymentLockState Why) : BuildResult;

    /// <summary>A coin of the treasury was spent by a transaction that was not built here. Nothing is built before that is understood.</summary>
    public sealed record SpentElsewhere : BuildResult;

    /// <summary>A payment or a batch is outside the limits.</summary>
    public sealed record PlanRefused(PlanResult Plan) : BuildResult;

    /// <summary>The confirmed coins do not pay for even one batch.</summary>
    public sealed record NotEnough(Sats Needed, Sats Available) : BuildResult;

    /// <summary>A batch would cost more than is allowed.</summary>
    public sealed record FeeRefused(int Number, FeeProblem Problem) : BuildResult;

    /// <summary>More would be paid within 24 hours than is allowed.</summary>
    public sealed record DayLimit(Sats Sum, Sats Limit) : BuildResult;

    /// <summary>More running costs would be paid within 30 days than is allowed.</summary>
    public sealed record MonthLimit(Sats Sum, Sats Limit) : BuildResult;

    /// <summary>The bitcoin backend did not answer, so that the fee rate is not known.</summary>
    public sealed record ChainAway : BuildResult;

    /// <summary>Somebody else built or changed the round or the move at this moment; look again.</summary>
    public sealed record ChangedMeanwhile : BuildResult;
}
