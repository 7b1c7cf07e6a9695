using System.Security.Cryptography;
using System.Text.Json;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Receipts;

/// <summary>The part of a round's <c>policy.json</c> that weights are made by, read from <c>docs/specs/evidence.md</c> and not from the program that applies it.</summary>
internal sealed record FrozenPolicy(
    long SlotSeconds, long WindowSeconds, long CoveragePpm, long MinVantages,
    IReadOnlyList<(long From, long Gives)> Buckets, IReadOnlyList<(long From, long Gives)> Tenure, IReadOnlyList<(long From, long Gives)> Presence,
    long ServersPerAddress, long ServersPerNetwork)
{
    private const int Day = 86_400;

    /// <summary>Reads the policy that has this hash (<c>sha256:…</c>).</summary>
    public static FrozenPolicy Read(byte[] json, string hash)
    {
        Need($"sha256:{Convert.ToHexStringLower(SHA256.HashData(json))}" == hash, "its policy is not the one that its evidence names");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            var root = document.RootElement;
            var policy = new FrozenPolicy(
                Number(root, "slotSeconds"), Number(root, "windowSeconds"), Number(root, "windowCoveragePpm"), Number(root, "minVantages"),
                Steps(root, "buckets", "fromPpm", "weight"), Steps(root, "tenure", "fromHours", "factorPpm"), Steps(root, "presence", "fromPpm", "factorPpm"),
                Number(root, "serversPerAddress"), Number(root, "serversPerNetwork"));
            Need(policy.SlotSeconds > 0 && policy.WindowSeconds > 0 && Day % policy.WindowSeconds == 0 && policy.WindowSeconds % policy.SlotSeconds == 0, "its policy has windows that are not made of slots");
            return policy;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new FormatException("its policy cannot be read", wrong);
        }
    }

    /// <summary>What a table gives for a value: the last step at or below it, and nothing below the first.</summary>
    public static long Of(IReadOnlyList<(long From, long Gives)> steps, long value) => steps.LastOrDefault(s => s.From <= value).Gives;

    private static long Number(JsonElement of, string name)
    {
        var value = of.GetProperty(name).GetInt64();
        Need(value is >= 0 and <= int.MaxValue, $"its policy has a number that cannot be: {name}");
        return value;
    }

    private static (long From, long Gives)[] Steps(JsonElement of, string table, string from, string gives)
    {
        var steps = of.GetProperty(table).EnumerateArray().Select(s => (From: Number(s, from), Gives: Number(s, gives))).ToArray();
        Need(steps.Zip(steps.Skip(1)).All(p => p.First.From < p.Second.From), $"its policy has a table out of order: {table}");
        return steps;
    }
}
