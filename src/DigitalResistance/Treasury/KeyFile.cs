using System.Text.Json;

namespace DigitalResistance.Treasury;

/// <summary>
/// The one public key in a file: what Coldcard exports for a multisig wallet, for it alone
/// (<see href="https://coldcard.com/docs/multisig/#export-xpub"><c>ccxp-0F056943.json</c></see>) or among others (<c>coldcard-export.json</c>), or Electrum's
/// wallet file where it has only one.
/// </summary>
internal static class KeyFile
{
    public static ExportedKey Read(string text)
    {
        try
        {
            using var file = JsonDocument.Parse(text);
            ElectrumFile.RefuseSecrets(file.RootElement, text);
            var keys = Coldcard(file.RootElement, text) is { } key ? [key] : ElectrumFile.Keys(file.RootElement, text);
            return keys.Count == 1 ? keys[0] : throw new DescriptorException(new DescriptorFault(keys.Count == 0 ? DescriptorFaultKind.WalletFile : DescriptorFaultKind.SeveralKeys, -1));
        }
        catch (JsonException exception)
        {
            throw ElectrumFile.Broken(text, exception);
        }
    }

    // BIP-48, script type 2: native segwit. The other keys of the file are for wallets that no treasury is.
    private static ExportedKey? Coldcard(JsonElement file, string text)
    {
        if (Text(file, "xfp") is not { } fingerprint) return null;
        if (Text(file, "p2wsh") is { } key && Text(file, "p2wsh_deriv") is { } path) return Key(fingerprint, path, key, text);
        return file.TryGetProperty("bip48_2", out var part) && Text(part, "xpub") is { } plain && Text(part, "deriv") is { } deriv ? Key(fingerprint, deriv, plain, text) : null;
    }

    private static ExportedKey Key(string fingerprint, string path, string key, string text) =>
        new(ExportedKey.JoinOrigin(fingerprint, path), -1, key, text.IndexOf(key, StringComparison.Ordinal));

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
