using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Shadowsocks;
using DigitalResistance.Prober.Protocols.Shadowsocks2022;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// Shadowsocks, edition of 2022 (SIP022): a key instead of a password, the time in every head, and answers that repeat the question's salt. Who has
/// another key or another time is met with a reset or with silence.
/// </summary>
public sealed class Shadowsocks2022Probe : IDatagramProbe, IMintsCredentials, IReadsLinks
{
    /// <inheritdoc />
    public string Id => "shadowsocks-2022";

    /// <inheritdoc />
    public string DisplayName => "Shadowsocks 2022";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://shadowsocks.org/doc/sip022.html");

    /// <inheritdoc />
    public int DefaultPort => 8388;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } =
    [
        ShadowsocksMethod.Declare(ShadowsocksMethod.Edition2022),
        new("psk", "Key (base64)", SettingKind.Secret) { MinBytes = 24, MaxBytes = 44 }, // of 16 and of 32 bytes
        Socks5Probe.Datagrams,
        .. ShadowsocksPlugin.Declared,
    ];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings { get; } = ["psk"];

    /// <summary>A key is as long as its cipher wants it, no more and no less.</summary>
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw) =>
        ShadowsocksPlugin.Check(SettingsParser.Parse(Settings, raw)) is var parsed && parsed is SettingsParse.Accepted { Settings: var settings } && Key(settings) is null
            ? new SettingsParse.Rejected("psk", SettingProblem.Malformed)
            : parsed;

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => settings.With(new(new(StringComparer.Ordinal) { ["psk"] = Psk.Mint(Method(settings).KeyLength) }));

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => Mint(minted);

    /// <inheritdoc />
    public bool Refuses(ProbeReport report) => report is { Stage: Stage.Handshake, Failure: Failure.NoAnswer or Failure.ConnectionClosed or Failure.ConnectionReset };

    /// <inheritdoc />
    public LinkSettings? Read(SettingsLink link) =>
        ShadowsocksLink.Read(link) is { } read && read.Method.StartsWith(ShadowsocksMethod.Prefix2022, StringComparison.Ordinal)
            ? read.Settings(new(StringComparer.Ordinal) { ["method"] = read.Method, ["psk"] = read.Password })
            : null;

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target) => await session.DialAsync() is { } wire
        ? session.Lay(new Shadowsocks2022Transport(session, ShadowsocksPlugin.Lay(session, wire), Method(session.Settings), Key(session.Settings)!, target))
        : null;

    /// <inheritdoc />
    public bool CarriesDatagrams(ProbeSettings settings) => settings["udp"] == "yes";

    /// <summary>They go to the same port.</summary>
    public ValueTask<IDatagrams?> OpenDatagramsAsync(ProbeSession session, HostPort target) => new(session.OpenDatagrams(session.Server.Port) is { } transport
        ? new Shadowsocks2022Datagrams(transport, new PacketCipher(Method(session.Settings), Key(session.Settings)!), target, session.Time)
        : null);

    private static ShadowsocksMethod Method(ProbeSettings settings) => ShadowsocksMethod.Of(settings, ShadowsocksMethod.Edition2022);

    private static byte[]? Key(ProbeSettings settings) => Psk.Parse(settings["psk"], Method(settings).KeyLength);
}
