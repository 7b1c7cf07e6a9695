using System.Globalization;
using System.Text;
using System.Text.Json;
using DigitalResistance.Testing;
using NBitcoin;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>Public test vectors, read where they lie beside the checkout, and the small languages they are written in.</summary>
internal static class Vectors
{
    private static readonly Dictionary<string, ScriptVerify> Flags = Enum.GetNames<ScriptVerify>()
        .ToDictionary(n => n.ToUpperInvariant(), Enum.Parse<ScriptVerify>, StringComparer.Ordinal);

    public static JsonElement Json(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Needs.Beside("shared/vectors/" + name)));
        return document.RootElement.Clone();
    }

    public static string[] Lines(string name) => File.ReadAllLines(Needs.Beside("shared/vectors/" + name));

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    public static byte[] Hex(this JsonElement element, string property) => Convert.FromHexString(element.Text(property));

    public static string? Optional(this JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Bitcoin Core's names of rules, as <c>P2SH,WITNESS</c>.</summary>
    public static ScriptVerify Rules(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).Aggregate(ScriptVerify.None, (rules, word) => rules | word switch
    {
        "NONE" => ScriptVerify.None,
        "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM" => ScriptVerify.DiscourageUpgradableWitnessProgram,
        "DISCOURAGE_UPGRADABLE_PUBKEYTYPE" => ScriptVerify.DiscourageUpgradablePubKeyType,
        "CONST_SCRIPTCODE" => ScriptVerify.ConstScriptCode,
        _ => Flags[word.Replace("_", "", StringComparison.Ordinal)],
    });

    /// <summary>Every rule but these, and without rules that rest on one of these (Bitcoin Core's <c>TrimFlags</c>).</summary>
    public static ScriptVerify AllRulesBut(string excluded)
    {
        var rules = (ScriptVerify)0x1fffff & ~Rules(excluded);
        if ((rules & ScriptVerify.P2SH) == 0) rules &= ~ScriptVerify.Witness;
        if ((rules & ScriptVerify.Witness) == 0) rules &= ~(ScriptVerify.CleanStack | ScriptVerify.Taproot);
        return rules;
    }

    /// <summary>Bitcoin Core's notation of scripts in its test data: numbers, words without OP_, raw 0x… and 'text'.</summary>
    public static Script CoreScript(string text)
    {
        var bytes = new List<byte>();
        foreach (var word in text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)) bytes.AddRange(CoreWord(word));
        return new Script(bytes.ToArray());
    }

    private static byte[] CoreWord(string word)
    {
        if (word.StartsWith("0x", StringComparison.Ordinal)) return Convert.FromHexString(word[2..]);
        if (word is ['\'', .. var inner, '\'']) return Push(Encoding.ASCII.GetBytes(inner));
        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return Op.GetPushOp(number).ToBytes();
        return [(byte)Enum.Parse<OpcodeType>(word.StartsWith("OP_", StringComparison.Ordinal) ? word : "OP_" + word)];
    }

    /// <summary>Unlike a number, text is pushed as data even when it is one small byte.</summary>
    private static byte[] Push(byte[] data) => data.Length switch
    {
        0 => [0],
        <= 75 => [(byte)data.Length, .. data],
        <= 255 => [(byte)OpcodeType.OP_PUSHDATA1, (byte)data.Length, .. data],
        _ => [(byte)OpcodeType.OP_PUSHDATA2, (byte)data.Length, (byte)(data.Length >> 8), .. data],
    };
}
