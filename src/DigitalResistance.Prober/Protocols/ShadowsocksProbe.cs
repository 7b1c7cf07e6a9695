using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Shadowsocks;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// Shadowsocks with AEAD ciphers (SIP004, SIP007): everything from the first byte on is noise for who does not know the password, and a server is
/// silent to whoever does not. So a wrong password, another cipher and a dead program look alike.
/// </summary>
public sealed class ShadowsocksProbe : IStreamProbe, IMintsCredentials, IReadsLinks
{
    /// <inheritdoc />
    public string Id => "shadowsocks";

    /// <inheritdoc />
    public string DisplayName => "Shadowsocks";

    /// <inheritdoc />
    public int Version => 1;

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
    ];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings { get; } = ["password"];

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => settings.With(new(new(StringComparer.Ordinal) { ["password"] = MintedText.Password() }));

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => Mint(minted);

    /// <summary>A wrong password is met by silence; some servers end the connection at once or after a while.</summary>
    public bool Refuses(ProbeReport report) => report is { Stage: Stage.Handshake, Failure: Failure.NoAnswer or Failure.ConnectionClosed or Failure.ConnectionReset };

    /// <inheritdoc />
    public LinkSettings? Read(SettingsLink link) => ShadowsocksLink.Read(link) is { } read
        ? new(read.Host, read.Port, new Dictionary<string, string>(StringComparer.Ordinal) { ["method"] = read.Method, ["password"] = read.Password }, read.Unsupported)
        : null;

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target)
    {
        if (await session.DialAsync() is not { } wire) return null;
        var method = ShadowsocksMethod.Of(session.Settings, ShadowsocksMethod.Aead);
        return session.Lay(new ShadowsocksTransport(session, wire, method, ShadowsocksKeys.OfPassword(session.Settings["password"], method.KeyLength), target));
    }
}
