using DigitalResistance.Scoring;

namespace DigitalResistance.Rounds;

/// <summary>
/// The policies that a new round can be opened with: the two that are shipped, or only the one that the configuration names. All of them
/// measure in the same slots, since probes are scheduled before anybody knows which round will count them.
/// </summary>
public sealed class RuleBooks
{
    /// <summary>Whoever configured a policy of their own decides by that.</summary>
    public RuleBooks(Policy inForce) => Offered = inForce.Sha256 == Policy.Standard.Sha256 ? [Policy.Founding, inForce] : [inForce];

    /// <summary>Every policy on offer; the last is the usual one.</summary>
    public IReadOnlyList<Policy> Offered { get; }

    /// <summary>The usual one.</summary>
    public Policy Usual => Offered[^1];

    /// <summary>The policy of this name; null where none is offered under it.</summary>
    public Policy? Find(string name) => Offered.FirstOrDefault(p => p.Name == name);

    /// <summary>
    /// What the next round would most naturally be opened with, so many having been opened before. Where only rules of the first rounds are configured and
    /// those are over, it is the usual one all the same: whoever proposes with it is told by its name that it is not on offer.
    /// </summary>
    public Policy For(int openedBefore) => Offered.FirstOrDefault(p => Allows(p, openedBefore)) ?? Usual;

    /// <summary>Whether a policy may rule a round before which so many were opened.</summary>
    public static bool Allows(Policy policy, int openedBefore) => policy.FirstRounds == 0 || openedBefore < policy.FirstRounds;
}
