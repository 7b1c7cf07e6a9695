namespace DigitalResistance.Review;

/// <summary>Whether an operator takes part in a round.</summary>
public enum Eligibility
{
    /// <summary>Takes part in full.</summary>
    Eligible,

    /// <summary>Nobody has decided yet. While there is one, the round is not allocated.</summary>
    Pending,

    /// <summary>Takes part in the division; nothing is paid, all of it is credited.</summary>
    Held,

    /// <summary>Takes no part in the division; earlier credit stays credit.</summary>
    Excluded,
}

/// <summary>Why it was decided so: a closed vocabulary, since the public log says it.</summary>
public enum DecisionReason
{
    /// <summary>Servers of several operators are one machine.</summary>
    SameMachine,

    /// <summary>Servers of several operators lie in one network.</summary>
    SameNetwork,

    /// <summary>Servers of several operators have one password or key.</summary>
    SameSecret,

    /// <summary>Servers of several operators fail in the same moments.</summary>
    OutagesInStep,

    /// <summary>Servers answer the prober and nobody else.</summary>
    NotCarryingTraffic,

    /// <summary>Payments to several operators lead to one hand.</summary>
    AddressReused,

    /// <summary>Something is being looked into.</summary>
    UnderInvestigation,

    /// <summary>Taken back: the operator explained it.</summary>
    Explained,

    /// <summary>Taken back: it was a mistake.</summary>
    Mistake,

    /// <summary>Taken back by admins who had not decided before.</summary>
    ObjectionUpheld,
}

/// <summary>Which reasons go with which decision.</summary>
public static class DecisionReasons
{
    /// <summary>For holding and excluding.</summary>
    public static IReadOnlyList<DecisionReason> Against { get; } =
    [
        DecisionReason.SameMachine, DecisionReason.SameNetwork, DecisionReason.SameSecret, DecisionReason.OutagesInStep,
        DecisionReason.NotCarryingTraffic, DecisionReason.AddressReused, DecisionReason.UnderInvestigation,
    ];

    /// <summary>For taking either back.</summary>
    public static IReadOnlyList<DecisionReason> ForClearing { get; } = [DecisionReason.Explained, DecisionReason.Mistake];

    /// <summary>Whether <paramref name="reason"/> says why somebody who was <paramref name="before"/> becomes <paramref name="after"/>. Who only waited needs no reason to take part.</summary>
    public static bool Fits(DecisionReason? reason, Eligibility before, Eligibility after) => after switch
    {
        Eligibility.Held or Eligibility.Excluded => reason is { } against && Against.Contains(against),
        Eligibility.Eligible => before == Eligibility.Pending || (reason is { } clearing && ForClearing.Contains(clearing)),
        _ => false,
    };
}
