namespace DigitalResistance.Tests.Bitcoin.Bips;

/// <summary>Test vectors that the BIPs themselves print, written down in the text files of this folder.</summary>
internal static class BipVectors
{
    /// <summary>The rows of one BIP, split at <c>|</c>.</summary>
    public static IReadOnlyList<string[]> Of(string bip)
    {
        using var stream = typeof(BipVectors).Assembly.GetManifestResourceStream(bip) ?? throw new FileNotFoundException(bip);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').Select(l => l.Split('|')).ToArray();
    }

    public static IEnumerable<string[]> Of(string bip, string kind) => Of(bip).Where(r => r[0] == kind);
}
