using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// Electrum's wallet file, not encrypted: <c>wallet_type</c> is <c>2of3</c> with the keys <c>x1/</c> to <c>x3/</c>, or <c>standard</c> with
/// one <c>keystore</c>; the letters of its keys say the script. A file that can sign is refused.
/// </summary>
internal static partial class ElectrumFile
{
    public static Descriptor Read(string text, Network network)
    {
        try
        {
            using var file = JsonDocument.Parse(text);
            return Read(file.RootElement, text, network);
        }
        catch (JsonException exception)
        {
            throw Broken(text, exception);
        }
    }

    /// <summary>Throws where there is anything in it that could sign.</summary>
    public static void RefuseSecrets(JsonElement file, string text)
    {
        if (FindSecret(file) is { } secret) throw Fault(DescriptorFaultKind.PrivateKey, text.IndexOf(secret, StringComparison.Ordinal));
    }

    /// <summary>What is wrong with a file that is not JSON.</summary>
    public static DescriptorException Broken(string text, JsonException exception)
    {
        // No other message than a place: what follows there may be a private key.
        if (PrivateParts.Find(text) is var secret && secret >= 0) return Fault(DescriptorFaultKind.PrivateKey, secret);
        return Fault(DescriptorFaultKind.WalletFile, Place(text, exception));
    }

    /// <summary>The keys that a wallet's file holds, whatever wallet they make.</summary>
    public static IReadOnlyList<ExportedKey> Keys(JsonElement file, string text) =>
        [.. file.EnumerateObject().Where(store => (store.Name == "keystore" || Cosigner().IsMatch(store.Name)) && store.Value.ValueKind == JsonValueKind.Object).Select(store => Key(store.Value, text))];

    private static Descriptor Read(JsonElement file, string text, Network network)
    {
        RefuseSecrets(file, text);
        var type = Text(file, "wallet_type");
        if (type == "standard" && file.TryGetProperty("keystore", out var single))
        {
            var key = Key(single, text);
            // A plain xpub is what Electrum calls a legacy wallet, and one with Zpub it does not make.
            if (key.Use != Slip132.Use.WitnessKey) throw Fault(DescriptorFaultKind.Script, key.Position);
            return new DescriptorDraft().AddScript(TreasuryScript.WitnessKey, 1, [key]).Parse(network);
        }

        if (Multisig().Match(type ?? "") is not { Success: true } policy) throw Fault(DescriptorFaultKind.WalletFile, -1);
        var keys = Enumerable.Range(1, Number(policy.Groups["count"]))
            .Select(i => file.TryGetProperty($"x{i}/", out var store) ? Key(store, text) : throw Fault(DescriptorFaultKind.WalletFile, -1)).ToArray();
        if (Array.Find(keys, k => k.Use != Slip132.Use.WitnessScript) is { } other) throw Fault(DescriptorFaultKind.Script, other.Position);
        return new DescriptorDraft().AddScript(TreasuryScript.SortedMultisig, Number(policy.Groups["threshold"]), keys).Parse(network);
    }

    private static ExportedKey Key(JsonElement store, string text)
    {
        if (Text(store, "xpub") is not { } key) throw Fault(DescriptorFaultKind.WalletFile, -1);
        var origin = Text(store, "root_fingerprint") is { } fingerprint && Text(store, "derivation") is { } path ? ExportedKey.JoinOrigin(fingerprint, path) : null;
        return new ExportedKey(origin, -1, key, text.IndexOf(key, StringComparison.Ordinal));
    }

    /// <summary>The first private key, seed or passphrase, wherever in the file it stands.</summary>
    private static string? FindSecret(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Select(p => IsSecret(p) ? p.Value.GetString() : FindSecret(p.Value)).FirstOrDefault(found => found is not null),
        JsonValueKind.Array => element.EnumerateArray().Select(FindSecret).FirstOrDefault(found => found is not null),
        JsonValueKind.String when PrivateParts.Find(element.GetString()!) >= 0 => element.GetString(),
        _ => null,
    };

    private static bool IsSecret(JsonProperty property) =>
        property.Name is "seed" or "xprv" or "passphrase" && property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is { Length: > 0 };

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Place(string text, JsonException exception)
    {
        var start = 0;
        for (var line = 0; line < exception.LineNumber && text.IndexOf('\n', start) is var end && end >= 0; line++) start = end + 1;
        return (int)Math.Min(text.Length, start + (exception.BytePositionInLine ?? 0));
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    private static DescriptorException Fault(DescriptorFaultKind kind, int position) => new(new DescriptorFault(kind, position));

    [GeneratedRegex("^x[0-9]{1,3}/$", RegexOptions.None, 1000)]
    private static partial Regex Cosigner();

    [GeneratedRegex("^(?<threshold>[0-9]{1,3})of(?<count>[0-9]{1,3})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Multisig();
}
