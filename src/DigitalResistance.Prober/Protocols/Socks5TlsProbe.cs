using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols;

/// <summary>SOCKS version 5 inside TLS, as stunnel or a TLS-terminating front makes it: a TLS connection, and then RFC 1928 as always.</summary>
public sealed class Socks5TlsProbe : IStreamProbe, IMintsCredentials
{
    private static readonly Socks5Probe Inner = new();

    /// <inheritdoc />
    public string Id => "socks5-tls";

    /// <inheritdoc />
    public string DisplayName => "SOCKS5 over TLS";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://www.rfc-editor.org/rfc/rfc1928");

    /// <inheritdoc />
    public int DefaultPort => 443;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } = [.. Socks5Probe.Login, .. TlsSettings.Declared];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings => Inner.MintedSettings;

    /// <inheritdoc />
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw) => TlsSettings.Check(SettingsParser.Parse(Settings, raw));

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => settings.With(Inner.Mint(settings));

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => minted.With(Inner.Counterfeit(minted));

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target)
    {
        if (await session.DialAsync() is not { } wire || await TlsSettings.SecureAsync(session, wire) is not { } secured) return null;
        return await Socks5Probe.OpenTunnelAsync(session, secured, target);
    }
}
