using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DigitalResistance.Scoring;

/// <summary>
/// The rules of measuring and paying, read from one versioned <c>policy.json</c> whose SHA-256 is in the ledger and is frozen with
/// each round. Every number is an integer with its unit in its name; <c>docs/specs/policy.schema.json</c> says what each may be.
/// </summary>
public sealed record Policy
{
    /// <summary>Name of the version, as <c>standard-1</c>; its bytes' hash, not its name, is what a round is bound to.</summary>
    public required string Name { get; init; }

    /// <summary>Length of a slot; each server is probed once per slot and vantage. Divides a day.</summary>
    public required int SlotSeconds { get; init; }

    /// <summary>Length of a window: a whole number of slots that divides a day.</summary>
    public required int WindowSeconds { get; init; }

    /// <summary>A window counts where at least this share of its slots is valid (ok or fail), in ppm.</summary>
    public required int WindowCoveragePpm { get; init; }

    /// <summary>How many vantages must have seen a window: 2 or more, or 1 where just one vantage exists.</summary>
    public required int MinVantages { get; init; }

    /// <summary>Availability to weight, ascending by <see cref="AvailabilityBucket.FromPpm"/>; below the first bucket the weight is 0.</summary>
    public required IReadOnlyList<AvailabilityBucket> Buckets { get; init; }

    /// <summary>Age since control was first proven to a factor, ascending; below the first step the factor is 0.</summary>
    public required IReadOnlyList<TenureStep> Tenure { get; init; }

    /// <summary>Share of the round in which the server was listed to a factor, ascending; below the first step the factor is 0.</summary>
    public required IReadOnlyList<PresenceStep> Presence { get; init; }

    /// <summary>Probes at L2 or above in the period that a server must have behind it before its age counts; 0: none.</summary>
    public int TenureProbes { get; init; }

    /// <summary>An operator's cap is never below so many equal shares of the budget (budget / operators with a weight); 0: the round's cap alone holds.</summary>
    public int CapFairShares { get; init; }

    /// <summary>It may rule only while fewer rounds than these were opened; 0: always.</summary>
    public int FirstRounds { get; init; }

    /// <summary>How many servers on one machine (same ingress or egress address) count in full; more share that weight.</summary>
    public required int ServersPerAddress { get; init; }

    /// <summary>How many machines in one network (/24, IPv6 /48) count in full; more share that weight.</summary>
    public required int ServersPerNetwork { get; init; }

    /// <summary>How long a changed payout address waits before it counts.</summary>
    public required int AddressCoolingOffSeconds { get; init; }

    /// <summary>How long after an allocation operators may object before it can be approved.</summary>
    public required int ObjectionSeconds { get; init; }

    /// <summary>How long a credit is kept before it returns to the pool.</summary>
    public required int CreditDays { get; init; }

    /// <summary>How many distinct admins must approve a manifest.</summary>
    public required int ApprovalsNeeded { get; init; }

    /// <summary>How many of these may be given signed in with a fresh second factor; the others are SSH signatures, which this server cannot forge.</summary>
    public required int MaxSignedInApprovals { get; init; }

    /// <summary><c>automatic</c>: whoever earned something takes part, but for those who were held or excluded the last time; <c>reviewed</c>: everybody waits for reviewers.</summary>
    public required string Eligibility { get; init; }

    /// <summary>Share of probes that go to the canary rather than to a TLS host, in ppm.</summary>
    public required int CanarySharePpm { get; init; }

    /// <summary>The bytes this policy was read from: what is hashed, stored with a round and published.</summary>
    [JsonIgnore]
    public byte[] Bytes { get; private init; } = [];

    /// <summary>SHA-256 of <see cref="Bytes"/>, lower-case hex.</summary>
    [JsonIgnore]
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>Whether everybody waits for reviewers.</summary>
    [JsonIgnore]
    public bool IsReviewed => Eligibility == "reviewed";

    /// <summary>The length of a slot.</summary>
    [JsonIgnore]
    public TimeSpan Slot => TimeSpan.FromSeconds(SlotSeconds);

    /// <summary>The policy that is shipped with the program.</summary>
    public static Policy Standard => Read(Embedded("policy.json"));

    /// <summary>The policy of the first rounds, when no server can be old yet and the operators are few; shipped too.</summary>
    public static Policy Founding => Read(Embedded("policy-founding.json"));

    /// <summary>Reads and checks a policy; throws <see cref="PolicyException"/> with every mistake at once.</summary>
    public static Policy Read(byte[] json)
    {
        JsonElement document;
        try
        {
            document = JsonElement.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new PolicyException(["the file is not JSON, or has a member twice: " + exception.Message]);
        }

        var mistakes = PolicySchema.Mistakes(document);
        if (mistakes.Count > 0) throw new PolicyException(mistakes);
        var policy = document.Deserialize<Policy>(JsonSerializerOptions.Web)! with { Bytes = json };
        mistakes = [.. policy.Contradictions()];
        return mistakes.Count == 0 ? policy : throw new PolicyException(mistakes);
    }

    // What a schema cannot say: how members relate to each other.
    private IEnumerable<string> Contradictions()
    {
        const int Day = 86_400;
        if (Day % SlotSeconds != 0) yield return $"slotSeconds: {SlotSeconds} does not divide a day.";
        if (Day % WindowSeconds != 0) yield return $"windowSeconds: {WindowSeconds} does not divide a day.";
        if (WindowSeconds % SlotSeconds != 0) yield return $"windowSeconds: {WindowSeconds} is not a whole number of slots of {SlotSeconds} s.";
        // More uptime, more age and more presence must never weigh less.
        if (!Ascending(Buckets.Select(b => (b.FromPpm, b.Weight)))) yield return "buckets: fromPpm and weight must both ascend.";
        if (!Ascending(Tenure.Select(t => (t.FromHours, t.FactorPpm)))) yield return "tenure: fromHours and factorPpm must both ascend.";
        if (!Ascending(Presence.Select(p => (p.FromPpm, p.FactorPpm)))) yield return "presence: fromPpm and factorPpm must both ascend.";
    }

    private static bool Ascending(IEnumerable<(int From, int To)> steps) =>
        steps.Zip(steps.Skip(1)).All(pair => pair.First.From < pair.Second.From && pair.First.To < pair.Second.To);

    private static byte[] Embedded(string name)
    {
        using var stream = typeof(Policy).Assembly.GetManifestResourceStream(name)!;
        return new BinaryReader(stream).ReadBytes((int)stream.Length);
    }
}

/// <summary>From this availability on a server weighs this much (before tenure, presence and caps).</summary>
/// <param name="FromPpm">Lower bound, 0 to 1,000,000.</param>
/// <param name="Weight">Integer weight.</param>
public sealed record AvailabilityBucket(int FromPpm, int Weight);

/// <summary>From this age on a server's weight is multiplied by this factor.</summary>
/// <param name="FromHours">Hours since control was first proven.</param>
/// <param name="FactorPpm">Factor, 0 to 1,000,000.</param>
public sealed record TenureStep(int FromHours, int FactorPpm);

/// <summary>From this share of the round on a server's weight is multiplied by this factor.</summary>
/// <param name="FromPpm">Share of the period in which the server was listed, 0 to 1,000,000.</param>
/// <param name="FactorPpm">Factor, 0 to 1,000,000.</param>
public sealed record PresenceStep(int FromPpm, int FactorPpm);

/// <summary>A policy that cannot be used, with everything that is wrong with it.</summary>
public sealed class PolicyException(IReadOnlyList<string> mistakes)
    : Exception("The policy has mistakes:" + string.Concat(mistakes.Select(mistake => "\n  " + mistake)))
{
    /// <summary>Every mistake, each naming its member.</summary>
    public IReadOnlyList<string> Mistakes => mistakes;
}
