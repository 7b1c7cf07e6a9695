using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Shadowsocks;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// Shadowsocks with AEAD ciphers (SIP004, SIP007): everything from the first byte on is noise for who does not know the password, and a server is
/// silent to whoever does not. So a wrong password, another cipher and a dead program look alike. Datagrams go to the same port.
/// </summary>
public sealed class ShadowsocksProbe : IDatagramProbe, IMintsCredentials, IReadsLinks
{
    /// <inheritdoc />
    public string Id => "shadowsocks";

    /// <inheritdoc />
    public string DisplayName => "Shadowsocks";

    /// <inheritdoc />
    public int Version => 2;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://shadowsocks.org/doc/aead.html");

    /// <inheritdoc />
    public int DefaultPort => 8388;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } =
    [
        ShadowsocksMethod.Declare(ShadowsocksMethod.Aead),
        new("password", "Password", SettingKind.Secret),
        Socks5Probe.Datagrams,
        .. ShadowsocksPlugin.Declared,
    ];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings { get; } = ["password"];

    /// <inheritdoc />
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw) => ShadowsocksPlugin.Check(SettingsParser.Parse(Settings, raw));

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => settings.With(new(new(StringComparer.Ordinal) { ["password"] = MintedText.Password() }));

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => Mint(minted);

    /// <summary>A wrong password is met by silence; some servers end the connection at once or after a while.</summary>
    public bool Refuses(ProbeReport report) => report is { Stage: Stage.Handshake, Failure: Failure.NoAnswer or Failure.ConnectionClosed or Failure.ConnectionReset };

    /// <inheritdoc />
    public LinkSettings? Read(SettingsLink link) =>
        ShadowsocksLink.Read(link) is { } read && !read.Method.StartsWith(ShadowsocksMethod.Prefix2022, StringComparison.Ordinal) ? read.Settings(new(StringComparer.Ordinal) { ["method"] = read.Method, ["password"] = read.Password }) : null;

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target)
    {
        if (await session.DialAsync() is not { } wire) return null;
        var method = ShadowsocksMethod.Of(session.Settings, ShadowsocksMethod.Aead);
        return session.Lay(new ShadowsocksTransport(session, ShadowsocksPlugin.Lay(session, wire), method, Key(session, method), target));
    }

    /// <inheritdoc />
    public bool CarriesDatagrams(ProbeSettings settings) => settings["udp"] == "yes";

    /// <summary>They go to the same port.</summary>
    public ValueTask<IDatagrams?> OpenDatagramsAsync(ProbeSession session, HostPort target)
    {
        var method = ShadowsocksMethod.Of(session.Settings, ShadowsocksMethod.Aead);
        return new(session.OpenDatagrams(session.Server.Port) is { } transport ? new ShadowsocksDatagrams(transport, method, Key(session, method), target) : null);
    }

    private static byte[] Key(ProbeSession session, ShadowsocksMethod method) => ShadowsocksKeys.OfPassword(session.Settings["password"], method.KeyLength);
}
