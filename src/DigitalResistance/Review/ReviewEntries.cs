using DigitalResistance.Ledger;
using DigitalResistance.Rounds;

namespace DigitalResistance.Review;

// What the public log says of the review: about one operator in one round, by its name there, so that no two rounds are tied. That somebody who
// waited takes part is not said: it changes nothing, and would tell who was held the last time.

/// <summary>An operator is held: the share is computed as ever, and credited.</summary>
public sealed record OperatorHeld(int Round, int Revision, string Token, DecisionReason Reason) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "operator.held";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("token", Token), ("reason", Words.Snake(Reason))];
}

/// <summary>An operator is excluded: its weight does not count.</summary>
public sealed record OperatorExcluded(int Round, int Revision, string Token, DecisionReason Reason) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "operator.excluded";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("token", Token), ("reason", Words.Snake(Reason))];
}

/// <summary>An operator is held or excluded no longer.</summary>
public sealed record OperatorCleared(int Round, int Revision, string Token, DecisionReason Reason) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "operator.cleared";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("token", Token), ("reason", Words.Snake(Reason))];
}

/// <summary>An operator who is held or excluded objects; until it is decided the round is not approved.</summary>
public sealed record ObjectionRaised(int Round, int Revision, string Token) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "objection.raised";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("token", Token)];
}

/// <summary>Admins who had not decided about this operator before decided the objection.</summary>
/// <param name="Round">The round.</param>
/// <param name="Revision">The revision it was decided in.</param>
/// <param name="Token">The operator's name in the round.</param>
/// <param name="Verdict">How.</param>
/// <param name="Admins">How many said so.</param>
public sealed record ObjectionDecided(int Round, int Revision, string Token, ObjectionVerdict Verdict, int Admins) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "objection.decided";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("token", Token), ("decision", Words.Snake(Verdict)), ("admins", Admins)];
}
