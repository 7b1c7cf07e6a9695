using System.ComponentModel.DataAnnotations;
using DigitalResistance.Platform;

namespace DigitalResistance.Moves;

/// <summary>
/// Limits of what may be proposed and paid beside rounds (section <c>Moves</c>). They stand in the configuration and not in the database, so
/// that neither a thief in an admin's account nor whoever can write to the database alone can raise them.
/// </summary>
public sealed class MoveOptions
{
    /// <summary>Largest single bill in satoshi. Default 0.1 BTC.</summary>
    [Range(1, 2_100_000_000_000_000, ErrorMessage = "Moves:MaxCostSat must be between 1 and 2100000000000000.")]
    public long MaxCostSat { get; set; } = 10_000_000;

    /// <summary>Largest sum of all bills paid within 30 days, in satoshi. Default 0.3 BTC.</summary>
    [Range(1, 2_100_000_000_000_000, ErrorMessage = "Moves:MaxMonthSat must be between 1 and 2100000000000000.")]
    public long MaxMonthSat { get; set; } = 30_000_000;

    /// <summary>Most bills in one move. Default 20: people must be able to compare them all with their papers and their devices.</summary>
    [Range(1, 100, ErrorMessage = "Moves:MaxCosts must be between 1 and 100.")]
    public int MaxCosts { get; set; } = 20;

    /// <summary>Most transactions in one move. Default 20.</summary>
    [Range(1, 200, ErrorMessage = "Moves:MaxBatches must be between 1 and 200.")]
    public int MaxBatches { get; set; } = 20;

    /// <summary>Highest fee limit that one move may set, in satoshi. Default 1,000,000.</summary>
    [Range(1, 100_000_000, ErrorMessage = "Moves:MaxFeeSat must be between 1 and 100000000.")]
    public long MaxFeeSat { get; set; } = 1_000_000;

    /// <summary>Most that the transaction of one rehearsal may cost in fees, in satoshi. Default 20,000. Nobody approves rehearsals: this is their limit.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Moves:MaxRehearsalFeeSat must be between 1 and 1000000.")]
    public long MaxRehearsalFeeSat { get; set; } = 20_000;

    internal Sats MaxCost => new(MaxCostSat);

    internal Sats MaxMonth => new(MaxMonthSat);
}
