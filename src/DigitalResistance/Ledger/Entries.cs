using DigitalResistance.Platform;

namespace DigitalResistance.Ledger;

/// <summary>A round was announced with its rules.</summary>
public sealed record RoundOpened(int Round, string PolicySha256, Sats Budget, int CapPpm, Sats Floor, Sats Step, DateOnly StartsOn, DateOnly EndsOn) : Entry
{
    /// <inheritdoc/>
    public override string Type => "round.opened";

    /// <inheritdoc/>
    public override int? RoundNumber => Round;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members =>
    [
        ("round", Round), ("policy", "sha256:" + PolicySha256), ("budget_sat", Budget.Value), ("cap_ppm", CapPpm),
        ("floor_sat", Floor.Value), ("step_sat", Step.Value), ("starts", $"{StartsOn:yyyy-MM-dd}"), ("ends", $"{EndsOn:yyyy-MM-dd}"),
    ];
}
