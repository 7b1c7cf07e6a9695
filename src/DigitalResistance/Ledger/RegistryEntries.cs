using System.Globalization;

namespace DigitalResistance.Ledger;

// What the log says about the measuring. Never about one server: no id, no address, no hash of one, no moment.

/// <summary>How many servers took part when a round was frozen, by protocol.</summary>
/// <param name="Round">The round.</param>
/// <param name="Counts">Protocol id to count, each rounded up to a multiple of 8; protocols below the anonymity threshold are left out.</param>
/// <param name="CommitmentsRoot">Root of the RFC 6962 tree over the sorted hiding commitments of all of them, lower-case hexadecimal.</param>
public sealed record RegistrySnapshot(int Round, IReadOnlyDictionary<string, int> Counts, string CommitmentsRoot) : Entry
{
    /// <inheritdoc/>
    public override string Type => "registry.snapshot";

    /// <inheritdoc/>
    public override int? RoundNumber => Round;

    /// <inheritdoc/>
    protected override bool DayOnly => true;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members =>
    [
        ("round", Round), ("commitments", Hash(CommitmentsRoot)),
        ("counts", Counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key}={Rounded(c.Value)}"))),
    ];

    private static int Rounded(int count) => count % 8 == 0 ? count : throw new InvalidOperationException("Counts of servers are published rounded up to a multiple of 8 only.");
}

/// <summary>
/// The seed of a day's probe moments is fixed, the day before, so that nobody can choose a convenient one afterwards. Slots that began
/// before a commitment are never scored.
/// </summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="From">Beginning of the first slot that is committed to: midnight, or later where the registry was started or stood still.</param>
/// <param name="SlotSeconds">Length of that day's slots.</param>
/// <param name="PolicySha256">SHA-256 of the policy in force.</param>
/// <param name="TargetsSha256">SHA-256 of the list of TLS hosts that probes go to.</param>
/// <param name="SeedSha256">SHA-256 of the seed.</param>
public sealed record ScheduleCommitted(DateOnly Day, DateTimeOffset From, int SlotSeconds, string PolicySha256, string TargetsSha256, string SeedSha256) : Entry
{
    /// <inheritdoc/>
    public override string Type => "schedule.committed";

    /// <inheritdoc/>
    protected override bool DayOnly => true;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members =>
    [
        ("day", Day.ToString("O", CultureInfo.InvariantCulture)), ("from", Instant(From)), ("slot_s", SlotSeconds),
        ("policy", Hash(PolicySha256)), ("targets", Hash(TargetsSha256)), ("seed", Hash(SeedSha256)),
    ];
}

/// <summary>A day's seed, after the round: everybody can check the moments that concern them.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="SeedHex">The seed, lower-case hexadecimal.</param>
public sealed record ScheduleRevealed(DateOnly Day, string SeedHex) : Entry
{
    /// <inheritdoc/>
    public override string Type => "schedule.revealed";

    /// <inheritdoc/>
    protected override bool DayOnly => true;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("day", Day.ToString("O", CultureInfo.InvariantCulture)), ("seed", SeedHex)];
}
