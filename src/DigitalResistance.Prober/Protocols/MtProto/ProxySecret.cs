using System.Buffers.Text;
using System.Text;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>How a proxy wants to be spoken to, as its secret says.</summary>
internal enum SecretKind
{
    /// <summary>Obfuscated only.</summary>
    Plain,

    /// <summary><c>dd</c>: with random padding.</summary>
    Padded,

    /// <summary><c>ee</c>: inside what looks like TLS to a web site.</summary>
    FakeTls,
}

/// <summary>
/// A proxy's secret as links carry it: 16 bytes; or <c>dd</c> and 16 bytes; or <c>ee</c>, 16 bytes and the name of a web site. Hexadecimal or
/// base64url. Does not print itself.
/// </summary>
internal sealed record ProxySecret(SecretKind Kind, byte[] Key, string Domain)
{
    private const int KeyLength = 16;

    /// <summary>Longer names do not fit into the ClientHello of 517 bytes.</summary>
    private const int LongestDomain = 182;

    public static ProxySecret? Parse(string text)
    {
        if (Decode(text) is not { } bytes) return null;
        return bytes switch
        {
            { Length: KeyLength } => new ProxySecret(SecretKind.Plain, bytes, ""),
            [0xdd, .. var key] when key.Length == KeyLength => new ProxySecret(SecretKind.Padded, key, ""),
            [0xee, .. var rest] when rest.Length > KeyLength && rest.Length <= KeyLength + LongestDomain
                && HostName.TryParse(Encoding.Latin1.GetString(rest, KeyLength, rest.Length - KeyLength), out var host, out _) && host.Address is null
                => new ProxySecret(SecretKind.FakeTls, rest[..KeyLength], host.Text),
            _ => null,
        };
    }

    /// <summary>In hexadecimal, with the prefix of its kind.</summary>
    public string Write() => Kind switch
    {
        SecretKind.Padded => "dd",
        SecretKind.FakeTls => "ee",
        _ => "",
    } + Convert.ToHexStringLower(Key) + Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Domain));

    public override string ToString() => $"({Kind} secret)";

    private static byte[]? Decode(string text)
    {
        if (text.Length % 2 == 0 && text.Length >= 2 * KeyLength && text.All(char.IsAsciiHexDigit)) return Convert.FromHexString(text);
        var url = text.TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return url.Length > 0 && Base64Url.IsValid(url) ? Base64Url.DecodeFromChars(url) : null;
    }
}
