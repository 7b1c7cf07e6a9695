using DigitalResistance.Platform;

namespace DigitalResistance.Payouts;

/// <summary>How replacing a transaction, or looking at what that would cost, can end.</summary>
public abstract record ReplaceResult
{
    private ReplaceResult()
    {
    }

    /// <summary>The newer version is written down and announced.</summary>
    /// <param name="Number">Its number in the batch.</param>
    public sealed record Built(int Number) : ReplaceResult;

    /// <summary>What it would cost.</summary>
    /// <param name="Newest">Number of the version that would be replaced.</param>
    /// <param name="Now">What that one costs.</param>
    /// <param name="Then">What its replacement would cost.</param>
    /// <param name="AddedCoins">How many more coins it would spend.</param>
    /// <param name="Problem">A fee rule that it breaks, so that it would not be built.</param>
    public sealed record Outlook(int Newest, Cost Now, Cost Then, int AddedCoins, FeeProblem? Problem) : ReplaceResult;

    /// <summary>A version of it is in a block: there is nothing to replace.</summary>
    public sealed record InBlock : ReplaceResult;

    /// <summary>
    /// A coin of it was spent elsewhere or left the chain, and not deep enough yet: an older version could still be mined beside the new one.
    /// </summary>
    public sealed record CoinsUnsettled : ReplaceResult;

    /// <summary>The database was restored and does not know yet all that the log says: nothing is replaced before that.</summary>
    public sealed record Locked(PaymentLockState Why) : ReplaceResult;

    /// <summary>A coin of the treasury was spent by a transaction that was not built here. Nothing is built before that is understood.</summary>
    public sealed record SpentElsewhere : ReplaceResult;

    /// <summary>The round or the move cannot be paid.</summary>
    public sealed record OrderRefused(OrderFault Fault) : ReplaceResult;

    /// <summary>No treasury was adopted.</summary>
    public sealed record NoTreasury : ReplaceResult;

    /// <summary>The confirmed coins do not pay for it.</summary>
    public sealed record NotEnough(Sats Needed, Sats Available) : ReplaceResult;

    /// <summary>It would cost more than is allowed.</summary>
    public sealed record FeeRefused(FeeProblem Problem) : ReplaceResult;

    /// <summary>The bitcoin backend did not answer, so that the fee rate is not known.</summary>
    public sealed record ChainAway : ReplaceResult;

    /// <summary>Somebody else changed the batch at this moment; look again.</summary>
    public sealed record ChangedMeanwhile : ReplaceResult;

    /// <summary>There is no such batch.</summary>
    public sealed record NotFound : ReplaceResult;
}
