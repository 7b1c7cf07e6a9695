using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>What the public can read of the money: page, exports, chain.</summary>
internal static partial class Books
{
    /// <summary>The whole ledger as CSV, one dictionary a line.</summary>
    public static async Task<IReadOnlyList<Dictionary<string, string>>> CsvAsync(this Visitor reader, string path)
    {
        var lines = (await TextAsync(reader, path)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r').Split(',')).ToList();
        return [.. lines.Skip(1).Select(cells => lines[0].Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    public static async Task<JsonNode> JsonAsync(this Visitor reader, string path) => JsonNode.Parse(await TextAsync(reader, path))!;

    /// <summary>The digits of every cell of a column in the page's table, without the thin spaces between thousands.</summary>
    public static async Task<IReadOnlyList<string>> ColumnAsync(this Visitor reader, string cells) =>
        [.. (await reader.ReadAllAsync(cells)).Select(text => NotADigit().Replace(text.Replace('\u2212', '-'), ""))];

    public static long Sats(this Dictionary<string, string> line, string column) =>
        line[column] is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static async Task<string> TextAsync(Visitor reader, string path)
    {
        var response = await reader.Page.APIRequest.GetAsync(path);
        Assert.True(response.Ok, $"{path} answered {response.Status}.");
        return await response.TextAsync();
    }

    [GeneratedRegex(@"[^\d-]")]
    private static partial Regex NotADigit();
}
