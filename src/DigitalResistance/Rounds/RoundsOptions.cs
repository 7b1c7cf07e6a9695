using System.ComponentModel.DataAnnotations;
using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>
/// Ceilings that no round may exceed (section <c>Rounds</c>). They stand in the configuration and not in the database, so that
/// whoever can write to the database alone cannot raise them.
/// </summary>
public sealed class RoundsOptions
{
    /// <summary>Largest budget of one round in satoshi. Default: 10 BTC.</summary>
    [Range(1, 2_100_000_000_000_000, ErrorMessage = "Rounds:MaxBudgetSat must lie between 1 and 2100000000000000.")]
    public long MaxBudgetSat { get; set; } = 1_000_000_000;

    /// <summary>Highest fee rate limit a round may set, in sat/vB. Default: 500.</summary>
    [Range(1, 10_000, ErrorMessage = "Rounds:MaxFeeRateSatPerVByte must lie between 1 and 10000.")]
    public int MaxFeeRateSatPerVByte { get; set; } = 500;

    /// <summary>Lowest floor a round may set, in satoshi. Default: 546, the dust limit of the costliest output kind.</summary>
    [Range(546, 100_000_000, ErrorMessage = "Rounds:MinFloorSat must lie between 546 and 100000000.")]
    public long MinFloorSat { get; set; } = 546;

    /// <summary><see cref="MaxBudgetSat"/> as an amount.</summary>
    public Sats MaxBudget => new(MaxBudgetSat);

    /// <summary><see cref="MinFloorSat"/> as an amount.</summary>
    public Sats MinFloor => new(MinFloorSat);
}
