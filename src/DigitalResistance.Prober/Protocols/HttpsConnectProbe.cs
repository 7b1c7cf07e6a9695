using System.Net.Security;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols;

/// <summary>An HTTP proxy that is itself reached by TLS ("HTTPS proxy", "secure web proxy"): a TLS connection, and then CONNECT as always (RFC 9110 §9.3.6).</summary>
public sealed class HttpsConnectProbe : IStreamProbe, IMintsCredentials, IReadsLinks
{
    private static readonly HttpConnectProbe Inner = new();

    /// <inheritdoc />
    public string Id => "https-connect";

    /// <inheritdoc />
    public string DisplayName => "HTTPS proxy (CONNECT)";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://www.rfc-editor.org/rfc/rfc9110#name-connect");

    /// <inheritdoc />
    public int DefaultPort => 443;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } = [.. Inner.Settings, .. TlsSettings.Declared];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings => Inner.MintedSettings;

    /// <inheritdoc />
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw) => TlsSettings.Check(SettingsParser.Parse(Settings, raw));

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => settings.With(Inner.Mint(settings));

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => minted.With(Inner.Counterfeit(minted));

    /// <summary><c>https://user:password@host:port</c>, as in the environment variable <c>https_proxy</c>.</summary>
    public LinkSettings? Read(SettingsLink link) =>
        link.Scheme == "https" ? new(link.Host, link.Port, HttpConnectProbe.Raw(link.User, link.Password ?? ""), link.Beyond()) : null;

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target)
    {
        if (await session.DialAsync() is not { } wire) return null;
        return await TlsSettings.SecureAsync(session, wire, SslApplicationProtocol.Http11) is { } secured ? await HttpConnectProbe.OpenTunnelAsync(session, secured, target) : null;
    }
}
