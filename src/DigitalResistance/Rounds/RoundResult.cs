using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>How a step of a round can end. Each act says which of these it returns.</summary>
public abstract record RoundResult
{
    private RoundResult()
    {
    }

    /// <summary>It is done, and so is its ledger entry.</summary>
    public sealed record Done(int Number, RoundState State) : RoundResult;

    /// <summary>There is no such round.</summary>
    public sealed record NotFound : RoundResult;

    /// <summary>Somebody changed the round since the page was read, or the same button was pressed twice; nothing was done.</summary>
    public sealed record ChangedMeanwhile : RoundResult;

    /// <summary>The round is not in a state that allows this step; nothing was done.</summary>
    public sealed record WrongState(RoundState State) : RoundResult;

    /// <summary>The database was restored, and the log says that transactions of this round were built: it is brought back first.</summary>
    public sealed record LogIsAhead : RoundResult;

    /// <summary>The installation is still being set up: no round is announced.</summary>
    public sealed record SiteClosed : RoundResult;

    /// <summary>The terms cannot be used.</summary>
    public sealed record TermsRefused(IReadOnlyList<TermsProblem> Problems) : RoundResult;

    /// <summary>The rate for readers cannot stand in a manifest.</summary>
    public sealed record RateRefused(IReadOnlyList<RateProblem> Problems) : RoundResult;

    /// <summary>Another round already scores a part of this period: the same uptime would be paid twice.</summary>
    public sealed record PeriodOverlaps(int Other) : RoundResult;

    /// <summary>The period has not ended yet.</summary>
    public sealed record PeriodNotOver(DateTimeOffset Until) : RoundResult;

    /// <summary>Scores cannot change any more without withdrawing the round.</summary>
    public sealed record PeriodIsFrozen : RoundResult;

    /// <summary>Reviewers have not decided about so many operators yet.</summary>
    public sealed record StillPending(int Operators) : RoundResult;

    /// <summary>Another round is allocated and not approved yet: both would count the same credits.</summary>
    public sealed record AnotherIsAllocated(int Other) : RoundResult;

    /// <summary>A later round already counts this one's credits.</summary>
    public sealed record LaterRoundCountsOnIt(int Other) : RoundResult;

    /// <summary>The policy is for the first rounds only, and so many were opened already; or it is not on offer any more.</summary>
    public sealed record RulesNotOffered(string Name) : RoundResult;

    /// <summary>Budget and fee limit are more than the confirmed coins less credits and everything other rounds may still pay.</summary>
    public sealed record BudgetAboveTreasury(Sats Needed, Sats Free) : RoundResult;

    /// <summary>Nobody has a weight or a credit: the round would give nothing to anybody.</summary>
    public sealed record NobodyToPay : RoundResult;

    /// <summary>No treasury is configured.</summary>
    public sealed record NoTreasury : RoundResult;

    /// <summary>The treasury does not hold the budget, the fee limit and all credits.</summary>
    public sealed record TreasuryTooSmall(Sats Needed, Sats Spendable) : RoundResult;
}
