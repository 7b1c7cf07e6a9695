using DigitalResistance.Platform;

namespace DigitalResistance.Moves;

/// <summary>Everything that a move's manifest says beside its name.</summary>
/// <param name="TreasurySha256">The descriptor in force.</param>
/// <param name="TargetSha256">The descriptor to which everything goes that is not paid to others.</param>
/// <param name="PolicySha256">The rules of approval.</param>
/// <param name="Costs">The bills; none where everything stays the treasury's.</param>
/// <param name="Batches">Most transactions.</param>
/// <param name="Fees">What they may cost.</param>
public sealed record MoveTerms(string TreasurySha256, string TargetSha256, string PolicySha256, IReadOnlyList<MoveCost> Costs, int Batches, MoveFees Fees);

/// <summary>What a move's transactions may cost.</summary>
/// <param name="MaxFee">All of them together.</param>
/// <param name="MaxFeeRate">Any of them, in sat/vB.</param>
public sealed record MoveFees(Sats MaxFee, int MaxFeeRate);
