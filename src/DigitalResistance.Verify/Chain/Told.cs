using System.Globalization;
using System.Text.Json;

namespace DigitalResistance.Verify.Chain;

/// <summary>Reads what was told in JSON; whatever is not as it should be is a <see cref="ChainSilentException"/>.</summary>
internal static class Told
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };

    public static async Task<JsonElement> JsonAsync(Func<Task<byte[]>> ask)
    {
        try
        {
            using var document = JsonDocument.Parse(await ask(), Strict);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw Odd();
        }
        catch (AskedException silent)
        {
            throw new ChainSilentException(silent.Message);
        }
    }

    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : throw Odd();

    public static string Text(this JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString()! : throw Odd();

    public static long Whole(this JsonElement json) => json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var number) ? number : throw Odd();

    public static IEnumerable<JsonElement> Items(this JsonElement json) => json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : throw Odd();

    /// <summary>Bitcoin with eight digits behind the point, as the node writes amounts; no floating point comes near it.</summary>
    public static long Satoshi(this JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out var bitcoin) && bitcoin * 100_000_000m is var satoshi && satoshi == decimal.Truncate(satoshi) && satoshi is >= 0 and <= 2_100_000_000_000_000m
            ? (long)satoshi : throw Odd();

    public static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Odd();

    public static ChainSilentException Odd() => new("an answer about the chain is not of the form it should have");
}
