using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Moves;

/// <summary>How proposing or withdrawing a move can end.</summary>
public abstract record MoveResult
{
    private MoveResult()
    {
    }

    /// <summary>It is done, and so is its ledger entry.</summary>
    public sealed record Done(int Number) : MoveResult;

    /// <summary>There is no such move.</summary>
    public sealed record NotFound : MoveResult;

    /// <summary>Somebody changed it since the page was read, or the same button was pressed twice; nothing was done.</summary>
    public sealed record ChangedMeanwhile : MoveResult;

    /// <summary>Its transactions are built, or it has ended.</summary>
    public sealed record WrongState(MoveState State) : MoveResult;

    /// <summary>No treasury was adopted.</summary>
    public sealed record NoTreasury : MoveResult;

    /// <summary>A number is outside what the configuration allows.</summary>
    public sealed record OutsideLimits(MoveLimit Limit, long Highest) : MoveResult;

    /// <summary>A bill cannot be paid.</summary>
    /// <param name="Line">1, 2, 3 …</param>
    /// <param name="Problem">Why.</param>
    public sealed record CostRefused(int Line, CostProblem Problem) : MoveResult;

    /// <summary>More would be paid within 30 days than is allowed.</summary>
    public sealed record MonthLimit(Sats Sum, Sats Limit) : MoveResult;

    /// <summary>The new descriptor cannot be used.</summary>
    public sealed record DescriptorRefused(AdoptionResult Reason) : MoveResult;

    /// <summary>The treasury uses this descriptor, or used it before.</summary>
    public sealed record DescriptorKnown : MoveResult;
}

/// <summary>A number with a limit.</summary>
public enum MoveLimit
{
    /// <summary>Bills in one move.</summary>
    Costs,

    /// <summary>Transactions in one move.</summary>
    Batches,

    /// <summary>Fees of all its transactions.</summary>
    Fee,

    /// <summary>Fee rate of any of them.</summary>
    FeeRate,
}

/// <summary>Why a bill cannot be paid.</summary>
public enum CostProblem
{
    /// <summary>It is no address of this network.</summary>
    Address,

    /// <summary>The address is the treasury's own.</summary>
    Ours,

    /// <summary>Nodes do not relay so small an output.</summary>
    Dust,

    /// <summary>It is above the configured limit of one bill.</summary>
    TooLarge,
}
