using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DigitalResistance.Scoring;

/// <summary>
/// The rules of measuring and paying, read from one versioned <c>policy.json</c> whose SHA-256 is in the ledger and is frozen with
/// each round. Every number is an integer with its unit in its name.
/// </summary>
public sealed record Policy
{
    /// <summary>Name of the version, as <c>standard-1</c>; its bytes' hash, not its name, is what a round is bound to.</summary>
    public required string Name { get; init; }

    /// <summary>Length of a slot; each server is probed once per slot and vantage.</summary>
    public required int SlotSeconds { get; init; }

    /// <summary>Length of a window, a whole number of slots.</summary>
    public required int WindowSeconds { get; init; }

    /// <summary>A window counts where at least this share of its slots is valid (ok or fail), in ppm.</summary>
    public required int WindowCoveragePpm { get; init; }

    /// <summary>How many vantages must have seen a window: 2, or 1 where just one vantage exists.</summary>
    public required int MinVantages { get; init; }

    /// <summary>Availability to weight, ascending by <see cref="AvailabilityBucket.FromPpm"/>; below the first bucket the weight is 0.</summary>
    public required IReadOnlyList<AvailabilityBucket> Buckets { get; init; }

    /// <summary>Tenure to a factor in ppm, ascending by age since the proof of control.</summary>
    public required IReadOnlyList<TenureStep> Tenure { get; init; }

    /// <summary>How many servers on one machine address count in full; more share that weight.</summary>
    public required int ServersPerAddress { get; init; }

    /// <summary>How many servers in one /24 (IPv6 /48) count in full; more share that weight.</summary>
    public required int ServersPerNetwork { get; init; }

    /// <summary>How long a changed payout address waits before it counts.</summary>
    public required int AddressCoolingOffSeconds { get; init; }

    /// <summary>How long after an allocation operators may object before it can be approved.</summary>
    public required int ObjectionSeconds { get; init; }

    /// <summary>How long a credit is kept before it returns to the pool.</summary>
    public required int CreditDays { get; init; }

    /// <summary>How many distinct admins must approve a manifest.</summary>
    public required int ApprovalsNeeded { get; init; }

    /// <summary>Share of probes that go to the canary rather than to a TLS host, in ppm.</summary>
    public required int CanarySharePpm { get; init; }

    /// <summary>The bytes this policy was read from: what is hashed, stored with a round and published.</summary>
    [JsonIgnore]
    public byte[] Bytes { get; private init; } = [];

    /// <summary>SHA-256 of <see cref="Bytes"/>, lower-case hex.</summary>
    [JsonIgnore]
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>Reads a policy; throws <see cref="JsonException"/> where a member is missing, unknown or of the wrong kind.</summary>
    public static Policy Read(byte[] json) =>
        JsonSerializer.Deserialize<Policy>(json, Options)! with { Bytes = json };

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };
}

/// <summary>From this availability on a server weighs this much (before tenure and caps).</summary>
/// <param name="FromPpm">Lower bound, 0 to 1,000,000.</param>
/// <param name="Weight">Integer weight.</param>
public sealed record AvailabilityBucket(int FromPpm, int Weight);

/// <summary>From this age on a server's weight is multiplied by this factor.</summary>
/// <param name="FromHours">Hours since control was first proven.</param>
/// <param name="FactorPpm">Factor, 0 to 1,000,000.</param>
public sealed record TenureStep(int FromHours, int FactorPpm);
