using System.Text.Json;
using System.Text.Json.Serialization;

namespace DigitalResistance.Verify;

/// <summary>How a verification ended; its number is the exit code.</summary>
internal enum Outcome
{
    /// <summary>Everything that was to be checked holds.</summary>
    Ok = 0,

    /// <summary>Something does not hold.</summary>
    Failed = 1,

    /// <summary>Everything checked holds, and something could not be checked.</summary>
    Partial = 2,
}

/// <summary>What a verification found.</summary>
internal sealed record Verdict
{
    public required Outcome Outcome { get; init; }

    /// <summary>What is wrong, and where.</summary>
    public string? Failure { get; init; }

    /// <summary>What could not be checked, and what would be needed.</summary>
    public IReadOnlyList<string> NotChecked { get; init; } = [];

    public string? Origin { get; init; }

    public long Entries { get; init; }

    public string? Root { get; init; }

    public long ReceivedSat { get; init; }

    public long PaidSat { get; init; }

    public long FeesSat { get; init; }

    public long BalanceSat { get; init; }

    public long CreditOwedSat { get; init; }

    public IReadOnlyList<RoundFound> Rounds { get; init; } = [];

    /// <summary>For programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, VerdictJson.Default.Verdict);

    /// <summary>For people; the last line says it all.</summary>
    public override string ToString()
    {
        var lines = new List<string>();
        foreach (var round in Rounds)
            lines.Add($"round {round.Number}: {round.Stage}, paid {round.PaidSat} sat, fees {round.FeesSat} sat, approved by {round.SshApprovals} SSH signatures ({round.SshVerified} verified) and {round.SignedInApprovals} signed-in admins");
        if (Origin is not null) lines.Add($"received {ReceivedSat} sat, paid {PaidSat} sat, fees {FeesSat} sat, balance {BalanceSat} sat, credit owed {CreditOwedSat} sat");
        lines.AddRange(NotChecked.Select(n => $"not checked: {n}"));
        lines.Add(Outcome switch
        {
            Outcome.Failed => $"FAILED: {Failure}",
            Outcome.Partial => $"PARTIAL {Origin}: {Entries} entries hold; {NotChecked.Count} thing(s) could not be checked",
            _ => $"OK {Origin}: {Entries} entries, balance {BalanceSat} sat",
        });
        return string.Join('\n', lines);
    }
}

/// <summary>A round, as the log tells it and as far as it was checked.</summary>
internal sealed record RoundFound(long Number, string Stage, long PaidSat, long FeesSat, long SshApprovals, long SshVerified, long SignedInApprovals);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class VerdictJson : JsonSerializerContext;
