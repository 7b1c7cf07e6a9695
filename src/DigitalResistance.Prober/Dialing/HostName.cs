using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>Why a text is not accepted as a host.</summary>
public enum HostRefusal
{
    /// <summary>It was accepted.</summary>
    None,

    /// <summary>Nothing was given.</summary>
    Empty,

    /// <summary>Longer than 253 characters.</summary>
    TooLong,

    /// <summary>Reads as an address, but is not spelled in the one canonical way (as <c>127.1</c> or <c>0x7f.0.0.1</c>).</summary>
    NotCanonicalAddress,

    /// <summary>An IPv6 address with a zone: it means something on one machine only.</summary>
    ZoneNotAllowed,

    /// <summary>A single label, such as <c>localhost</c>: not a public name.</summary>
    NoDot,

    /// <summary>Two dots in a row, or a dot at an end.</summary>
    EmptyLabel,

    /// <summary>A label longer than 63 characters.</summary>
    LabelTooLong,

    /// <summary>Something else than letters, digits, hyphens and dots. International names are given in their <c>xn--</c> form.</summary>
    BadCharacter,

    /// <summary>A label that starts or ends with a hyphen.</summary>
    HyphenAtEdge,

    /// <summary>The last label starts with a digit, so that some software would read the name as an address.</summary>
    NumericLastLabel,

    /// <summary>A name that is never public (RFC 6761, RFC 7686): <c>.local</c>, <c>.onion</c> and their like.</summary>
    NotPublic,
}

/// <summary>
/// A host in its one accepted spelling: a canonical IP address, or an LDH name with a dot in it, in lower case.
/// Strictness is the point: what .NET, the resolver and the proxy could each read differently never gets in.
/// Does not print itself, since a server's host is nobody's business but its operator's.
/// </summary>
public sealed record HostName
{
    private static readonly string[] NeverPublic = ["localhost", "local", "internal", "onion", "invalid", "alt", "lan", "home", "corp", "home.arpa"];

    private HostName(string text, IPAddress? address) => (Text, Address) = (text, address);

    /// <summary>The host as it is written.</summary>
    public string Text { get; }

    /// <summary>The address, when the host is one.</summary>
    public IPAddress? Address { get; }

    /// <summary>Reads a host, or says why not.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HostName? host, out HostRefusal refusal)
    {
        host = null;
        refusal = Judge(text, out var address);
        if (refusal != HostRefusal.None) return false;
        host = new HostName(address is null ? text!.ToLowerInvariant() : text!, address);
        return true;
    }

    /// <summary>Reads a host that is known to be good, such as one from our own configuration.</summary>
    public static HostName Parse(string text) =>
        TryParse(text, out var host, out var refusal) ? host : throw new FormatException($"Not a host: {refusal}.");

    /// <summary>The kind of host only.</summary>
    public override string ToString() => Address is null ? "(name)" : "(address)";

    private static HostRefusal Judge(string? text, out IPAddress? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text)) return HostRefusal.Empty;
        if (text.Length > 253) return HostRefusal.TooLong;
        if (text.Contains('%')) return HostRefusal.ZoneNotAllowed;
        if (text.Contains(':')) return JudgeAddress(text, out address);

        // WHATWG URL §3.5: whatever ends in a number is an address for a browser. Then it has to be a canonical one.
        var labels = text.Split('.');
        if (char.IsAsciiDigit(labels[^1].FirstOrDefault()) || IPAddress.TryParse(text, out _))
        {
            return labels.Length == 4 || IPAddress.TryParse(text, out _) ? JudgeAddress(text, out address) : HostRefusal.NumericLastLabel;
        }

        foreach (var label in labels)
        {
            if (JudgeLabel(label) is var bad and not HostRefusal.None) return bad;
        }

        if (labels.Length < 2) return HostRefusal.NoDot;
        return NeverPublic.Any(suffix => text.EndsWith("." + suffix, StringComparison.OrdinalIgnoreCase)) ? HostRefusal.NotPublic : HostRefusal.None;
    }

    private static HostRefusal JudgeAddress(string text, out IPAddress? address)
    {
        if (!IPAddress.TryParse(text, out address)) return text.Contains(':') ? HostRefusal.NotCanonicalAddress : HostRefusal.NumericLastLabel;
        var canonical = address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && address.ToString() == text;
        if (!canonical) address = null;
        return canonical ? HostRefusal.None : HostRefusal.NotCanonicalAddress;
    }

    private static HostRefusal JudgeLabel(string label)
    {
        if (label.Length == 0) return HostRefusal.EmptyLabel;
        if (label.Length > 63) return HostRefusal.LabelTooLong;
        if (label.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')) return HostRefusal.BadCharacter;
        return label[0] == '-' || label[^1] == '-' ? HostRefusal.HyphenAtEdge : HostRefusal.None;
    }
}
