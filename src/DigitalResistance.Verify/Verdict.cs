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

    /// <summary>Running costs, which are part of <see cref="PaidSat"/>.</summary>
    public long CostsSat { get; init; }

    public long FeesSat { get; init; }

    public long BalanceSat { get; init; }

    public long CreditOwedSat { get; init; }

    public IReadOnlyList<RoundFound> Rounds { get; init; } = [];

    public IReadOnlyList<MoveFound> Moves { get; init; } = [];

    /// <summary>Who was asked about the chain; null when nobody was.</summary>
    public ChainAsked? Chain { get; init; }

    /// <summary>What the checked file says, line by line; for a receipt or a bundle.</summary>
    public IReadOnlyList<string> Says { get; init; } = [];

    /// <summary>For programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, VerdictJson.Default.Verdict);

    /// <summary>For people; the last line says it all.</summary>
    public override string ToString()
    {
        var lines = new List<string>(Says);
        foreach (var round in Rounds)
            lines.Add($"round {round.Number}: {round.Stage}, paid {round.PaidSat} sat, fees {round.FeesSat} sat, approved by {round.SshApprovals} SSH signatures ({round.SshVerified} verified) and {round.SignedInApprovals} signed-in admins");
        foreach (var move in Moves)
            lines.Add($"move {move.Number}: {move.Kind}, {move.Stage}, paid {move.PaidSat} sat, fees {move.FeesSat} sat, approved by {move.SshApprovals} SSH signatures ({move.SshVerified} verified) and {move.SignedInApprovals} signed-in admins");
        if (CostsSat > 0) lines.Add($"of what was paid, {CostsSat} sat were running costs");
        if (Origin is not null) lines.Add($"received {ReceivedSat} sat, paid {PaidSat} sat, fees {FeesSat} sat, balance {BalanceSat} sat, credit owed {CreditOwedSat} sat");
        if (Chain is not null) lines.Add($"{Chain.EntriesCompared} entries compared with the chain as {Chain.AskedOf} has it up to block {Chain.NewestBlock}");
        lines.AddRange(NotChecked.Select(n => $"not checked: {n}"));
        lines.Add(Outcome switch
        {
            Outcome.Failed => $"FAILED: {Failure}",
            Outcome.Partial => $"PARTIAL {Origin}: {Entries} entries hold; {NotChecked.Count} thing(s) could not be checked: {NotChecked[0]}{(NotChecked.Count > 1 ? "; see above" : "")}",
            _ => $"OK {Origin}: {Entries} entries, balance {BalanceSat} sat{(Chain is null ? "; the chain was not asked" : "")}",
        });
        return string.Join('\n', lines.Select(Plain));
    }

    /// <summary>Some words are a stranger's: none of them may move the cursor or write another verdict over this one.</summary>
    private static string Plain(string line) => string.Concat(line.Select(c => c is >= ' ' and <= '~' || char.IsLetterOrDigit(c) ? c : '?'));
}

/// <summary>Who was asked about the chain, and about how much.</summary>
internal sealed record ChainAsked(string AskedOf, long NewestBlock, long EntriesCompared);

/// <summary>A round, as the log tells it and as far as it was checked.</summary>
internal sealed record RoundFound(long Number, string Stage, long PaidSat, long FeesSat, long SshApprovals, long SshVerified, long SignedInApprovals);

/// <summary>A move of the treasury's money, as the log tells it and as far as it was checked.</summary>
internal sealed record MoveFound(long Number, string Kind, string Stage, long PaidSat, long FeesSat, long SshApprovals, long SshVerified, long SignedInApprovals);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class VerdictJson : JsonSerializerContext;
