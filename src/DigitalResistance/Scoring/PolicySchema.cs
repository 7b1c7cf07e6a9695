using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DigitalResistance.Scoring;

/// <summary>
/// Checks a policy against the published <c>docs/specs/policy.schema.json</c>: the same file outsiders validate with is what the
/// program obeys. Knows the part of JSON Schema 2020-12 that the file uses, and refuses to work with a schema that uses more.
/// </summary>
internal static class PolicySchema
{
    private static readonly string[] Understood =
    [
        "$schema", "title", "description", "type", "additionalProperties", "required", "properties",
        "minimum", "maximum", "pattern", "minItems", "maxItems", "items",
    ];

    private static readonly Lazy<JsonElement> Root = new(() =>
    {
        using var stream = typeof(PolicySchema).Assembly.GetManifestResourceStream("policy.schema.json")!;
        return JsonElement.Parse(new BinaryReader(stream).ReadBytes((int)stream.Length));
    });

    /// <summary>Every mistake, each naming the member by its path.</summary>
    public static IReadOnlyList<string> Mistakes(JsonElement document)
    {
        var mistakes = new List<string>();
        Check(document, Root.Value, "", mistakes);
        return mistakes;
    }

    private static void Check(JsonElement value, JsonElement schema, string path, List<string> mistakes)
    {
        foreach (var keyword in schema.EnumerateObject().Where(k => !Understood.Contains(k.Name)))
        {
            throw new NotSupportedException($"policy.schema.json uses '{keyword.Name}', which this program does not understand.");
        }

        switch (schema.GetProperty("type").GetString())
        {
            case "object" when value.ValueKind == JsonValueKind.Object: CheckObject(value, schema, path, mistakes); break;
            case "array" when value.ValueKind == JsonValueKind.Array: CheckArray(value, schema, path, mistakes); break;
            case "string" when value.ValueKind == JsonValueKind.String: CheckString(value, schema, path, mistakes); break;
            case "integer" when value.ValueKind == JsonValueKind.Number: CheckInteger(value, schema, path, mistakes); break;
            case var wanted: mistakes.Add($"{Name(path)}: must be of type {wanted}."); break;
        }
    }

    private static void CheckObject(JsonElement value, JsonElement schema, string path, List<string> mistakes)
    {
        var known = schema.GetProperty("properties");
        foreach (var name in schema.GetProperty("required").EnumerateArray().Select(n => n.GetString()!))
        {
            if (!value.TryGetProperty(name, out _)) mistakes.Add($"{Join(path, name)}: is missing.");
        }

        foreach (var member in value.EnumerateObject())
        {
            if (known.TryGetProperty(member.Name, out var inner)) Check(member.Value, inner, Join(path, member.Name), mistakes);
            else mistakes.Add($"{Join(path, member.Name)}: is not a member of a policy.");
        }
    }

    private static void CheckArray(JsonElement value, JsonElement schema, string path, List<string> mistakes)
    {
        var (least, most) = (schema.GetProperty("minItems").GetInt32(), schema.GetProperty("maxItems").GetInt32());
        if (value.GetArrayLength() < least || value.GetArrayLength() > most) mistakes.Add($"{path}: must have {least} to {most} items.");
        foreach (var (index, item) in value.EnumerateArray().Index())
        {
            Check(item, schema.GetProperty("items"), string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), mistakes);
        }
    }

    private static void CheckString(JsonElement value, JsonElement schema, string path, List<string> mistakes)
    {
        var pattern = schema.GetProperty("pattern").GetString()!;
        // ECMA-262, as JSON Schema §6.3.3 asks: there `$` does not match before a final newline, in .NET it does, hence the second test.
        if (!Regex.IsMatch(value.GetString()!, pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1)) || value.GetString()!.Contains('\n'))
        {
            mistakes.Add($"{path}: must match {pattern}.");
        }
    }

    private static void CheckInteger(JsonElement value, JsonElement schema, string path, List<string> mistakes)
    {
        var (least, most) = (schema.GetProperty("minimum").GetInt64(), schema.GetProperty("maximum").GetInt64());
        // An integer in plain digits: 1e3 and 1.0 are integers for JSON Schema, but not one spelling.
        if (!long.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) mistakes.Add($"{path}: must be of type integer.");
        else if (number < least || number > most) mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: {number} is not between {least} and {most}."));
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Name(string path) => path.Length == 0 ? "the file" : path;
}
