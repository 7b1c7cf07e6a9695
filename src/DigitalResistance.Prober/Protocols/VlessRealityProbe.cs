using System.Buffers.Text;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Reality;
using DigitalResistance.Prober.Protocols.Streams;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// VLESS inside REALITY: a TLS 1.3 handshake that shows strangers a foreign web site, with that site's own certificate, and shows itself to who seals the right
/// thing into the session id.
/// </summary>
public sealed class VlessRealityProbe : IStreamProbe, IMintsCredentials, IReadsLinks
{
    private const int KeyLength = 32;
    private const int MostShortId = 8;

    /// <inheritdoc />
    public string Id => "vless-reality";

    /// <inheritdoc />
    public string DisplayName => "VLESS with REALITY";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://github.com/XTLS/REALITY");

    /// <inheritdoc />
    public int DefaultPort => 443;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The key is called public, and short id and name no secrets: but who has all three can ask any machine whether it is such a server.</summary>
    public IReadOnlyList<Setting> Settings { get; } =
    [
        UserId.Declared,
        new("public_key", "Public key", SettingKind.Secret) { MinBytes = 43, MaxBytes = 44 },
        new("short_id", "Short id", SettingKind.Secret) { Required = false, MaxBytes = 2 * MostShortId },
        new("site", "Name of the web site that it shows", SettingKind.Text) { MaxBytes = 253 },
    ];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings => UserId.Minted;

    /// <inheritdoc />
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw)
    {
        var parsed = UserId.Check(SettingsParser.Parse(Settings, raw));
        if (parsed is not SettingsParse.Accepted { Settings: var settings }) return parsed;
        if (PublicKey(settings) is null) return new SettingsParse.Rejected("public_key", SettingProblem.Malformed);
        if (ShortId(settings) is null) return new SettingsParse.Rejected("short_id", SettingProblem.Malformed);
        return HostName.TryParse(settings["site"], out var site, out _) && site.Address is null ? parsed : new SettingsParse.Rejected("site", SettingProblem.Malformed);
    }

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => UserId.Mint(settings);

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => UserId.Mint(minted);

    /// <inheritdoc />
    public bool Refuses(ProbeReport report) => VlessProbe.RefusesId(report);

    /// <summary><c>vless://id@host:port?security=reality&amp;pbk=…&amp;sid=…&amp;sni=…</c>.</summary>
    public LinkSettings? Read(SettingsLink link)
    {
        if (link.Scheme != "vless" || link.Value("security") != "reality") return null;
        var options = new LinkOptions(link.Query);
        options.Expect("security", "reality");
        options.Expect("type", "tcp", "", "raw");
        VlessProbe.ExpectPlain(options);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["id"] = link.User, ["public_key"] = options.Value("pbk"), ["short_id"] = options.Value("sid"), ["site"] = options.Value("sni"),
        };
        return new(link.Host, link.Port, settings, options.Unsupported);
    }

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target)
    {
        if (await session.DialAsync() is not { } wire) return null;
        var settings = session.Settings;
        var hello = new RealityHello(HostName.Parse(settings["site"]), PublicKey(settings)!, ShortId(settings)!, session.Time.GetUtcNow());
        var (reality, failure) = await new RealityHandshake(wire, hello).RunAsync();
        return reality is null ? session.Fail(failure ?? Failure.InternalError) : VlessProbe.OpenTunnel(session, session.LayBeneath(reality), target);
    }

    private static byte[]? PublicKey(ProbeSettings settings)
    {
        var text = settings["public_key"].TrimEnd('=');
        return Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is { Length: KeyLength } key ? key : null;
    }

    private static byte[]? ShortId(ProbeSettings settings) =>
        settings["short_id"] is var text && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;
}
