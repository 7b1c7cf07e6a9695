using System.Text;
using DigitalResistance.Prober.Protocols.Streams;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>
/// A server of Shadowsocks as its apps pass it on: <c>ss://userinfo@host:port/?plugin=…#name</c> (SIP002), where userinfo is <c>method:password</c>
/// in base64 or percent-encoded; or, as before 2017, everything but the name in base64.
/// </summary>
internal sealed record ShadowsocksLink(string Method, string Password, string Host, string Port, string Plugin, LinkOptions Options)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null when it is none.</summary>
    public static ShadowsocksLink? Read(SettingsLink link)
    {
        if (link.Scheme != "ss") return null;
        if (link.Body.Length > 0)
        {
            // Plain text that the password may make look like anything: what stands behind the last sign is the place.
            if (Decode(link.Body) is not { } whole || whole.LastIndexOf('@') is not (>= 0 and var at) || !SettingsLink.TryParse($"ss://-@{whole[(at + 1)..]}", out var place)) return null;
            return Read(whole[..at], place);
        }

        return link.Password is null ? Decode(link.User) is { } both ? Read(both, link) : null : Read($"{link.User}:{link.Password}", link);
    }

    /// <summary>The protocol's own settings with those of the plugin, and what the link asks for beyond that.</summary>
    public LinkSettings Settings(Dictionary<string, string> own)
    {
        var unsupported = ShadowsocksPlugin.Read(Plugin, own);
        return new(Host, Port, own, [.. Options.Unsupported.Concat(unsupported).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Nothing of what the link holds.</summary>
    public override string ToString() => "(ss link)";

    private static ShadowsocksLink? Read(string methodAndPassword, SettingsLink link)
    {
        if (methodAndPassword.IndexOf(':', StringComparison.Ordinal) is not (>= 0 and var colon)) return null;
        var options = new LinkOptions(link.Query);
        options.Value("outline"); // says by whom the link was made
        return new(methodAndPassword[..colon], methodAndPassword[(colon + 1)..], link.Host, link.Port, options.Value("plugin"), options);
    }

    private static string? Decode(string base64)
    {
        try
        {
            return SettingsLink.TryDecodeBase64(base64, out var bytes) ? Strict.GetString(bytes) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
