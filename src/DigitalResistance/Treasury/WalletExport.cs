using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// Makes a descriptor of whatever wallets give out: a descriptor, Sparrow's file of descriptors, one extended key with its origin or its
/// <see cref="Slip132"/> letters, the multisig file of Coldcard (which Sparrow and others write too), Electrum's wallet file. What is
/// wrong is told with its place in the text that was given, and none of the text is repeated.
/// </summary>
public static class WalletExport
{
    // Electrum's file also holds its history.
    private const int MaxLength = 512 * 1024;

    /// <summary>Reads an export, or says what is wrong and where.</summary>
    public static bool TryRead(string? text, Network network, [NotNullWhen(true)] out Descriptor? descriptor, [NotNullWhen(false)] out DescriptorFault? fault)
    {
        try
        {
            (descriptor, fault) = (Read(text ?? "", network), null);
            return true;
        }
        catch (DescriptorException exception)
        {
            (descriptor, fault) = (null, exception.Fault);
            return false;
        }
    }

    /// <summary>
    /// Reads the one public key that a holder brings to a treasury of several keys, or of one. <paramref name="origin"/> is <c>fingerprint/path</c> where the
    /// wallet tells them apart from the key.
    /// </summary>
    internal static bool TryReadKey(string? text, string? origin, TreasuryScript script, Network network, [NotNullWhen(true)] out DescriptorKey? key, [NotNullWhen(false)] out DescriptorFault? fault)
    {
        try
        {
            (key, fault) = (ReadKey(text ?? "", origin, script, network), null);
            return true;
        }
        catch (DescriptorException exception)
        {
            (key, fault) = (null, exception.Fault);
            return false;
        }
    }

    private static DescriptorKey ReadKey(string text, string? origin, TreasuryScript script, Network network)
    {
        if (text.Length > MaxLength) throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.TooLong, MaxLength));
        if (text.AsSpan().TrimStart().StartsWith("{")) return KeyFile.Read(text).Parse(script, network);
        if (PrivateParts.Find(text) is var secret && secret >= 0) throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.PrivateKey, secret));
        if (string.IsNullOrWhiteSpace(text)) throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.Empty, -1));

        var lines = ExportLine.Split(text);
        if (lines.Find(line => line.IsDescriptor) is { } whole)
        {
            var descriptor = new DescriptorDraft().Add(whole.Text, whole.Position).Parse(network);
            return descriptor.HasOneKey ? KeyOrigin.Checked(descriptor.Keys[0], network) : throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.SeveralKeys, -1));
        }

        if (!lines.Exists(line => line.HoldsKey)) throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.Key, 0));
        return MultisigFile.ReadKeys(lines) switch
        {
            [var one] => (one.Origin is null && origin is not null ? one with { Origin = origin } : one).Parse(script, network),
            [] => throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.WalletFile, -1)),
            _ => throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.SeveralKeys, -1)),
        };
    }

    private static Descriptor Read(string text, Network network)
    {
        if (text.Length > MaxLength) throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.TooLong, MaxLength));
        if (text.AsSpan().TrimStart().StartsWith("{")) return ElectrumFile.Read(text, network);
        // Before anything else, so that no other message can be about a private key.
        if (PrivateParts.Find(text) is var secret && secret >= 0) throw new DescriptorException(new DescriptorFault(DescriptorFaultKind.PrivateKey, secret));

        var lines = ExportLine.Split(text);
        if (!lines.Exists(line => line.HoldsKey)) return Descriptor.Parse(text, network);
        if (lines.Find(line => line.IsDescriptor) is not { } first) return MultisigFile.Read(lines, network);
        // Sparrow writes both branches together first, and then, for older programs, each by itself.
        return new DescriptorDraft().Add(first.Text, first.Position).Parse(network);
    }
}

/// <summary>A line of an export with its place; comments and empty lines are none.</summary>
internal sealed partial record ExportLine(string Text, int Position)
{
    /// <summary>Whether it says something about keys, so that the text is not simply a descriptor on several lines.</summary>
    public bool HoldsKey => IsDescriptor || KeyLine().IsMatch(Text);

    /// <summary>Whether it is a whole descriptor.</summary>
    public bool IsDescriptor => Function().IsMatch(Text) && Text.Contains(')', StringComparison.Ordinal);

    public static List<ExportLine> Split(string text)
    {
        var lines = new List<ExportLine>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.AsSpan(start).IndexOfAny('\r', '\n') is var length && length < 0 ? text.Length : start + length;
            var line = text[start..end];
            var blanks = line.Length - line.TrimStart().Length;
            if (line.Trim() is { Length: > 0 } words && words[0] != '#') lines.Add(new ExportLine(words, start + blanks));
            start = end + 1;
        }

        return lines;
    }

    [GeneratedRegex(@"^[a-z]+\(", RegexOptions.None, 1000)]
    private static partial Regex Function();

    [GeneratedRegex(@"(^|[\]:\s])[xyzYZtuvUV]pub[1-9A-HJ-NP-Za-km-z]{20}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyLine();
}
