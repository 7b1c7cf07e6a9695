using System.Text.Json;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Streams;
using DigitalResistance.Prober.Protocols.Vmess;

namespace DigitalResistance.Prober.Protocols;

/// <summary>VMess with AEAD headers (<c>alterId</c> 0) over TCP or a WebSocket, with TLS or without: its own encryption, keyed by a user's id and the time.</summary>
public sealed class VmessProbe : IStreamProbe, IMintsCredentials, IReadsLinks
{
    /// <inheritdoc />
    public string Id => "vmess";

    /// <inheritdoc />
    public string DisplayName => "VMess";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://www.v2fly.org/developer/protocols/vmess.html");

    /// <inheritdoc />
    public int DefaultPort => 443;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } = [UserId.Declared, .. StreamSettings.Declared];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings => UserId.Minted;

    /// <inheritdoc />
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw) => StreamSettings.Check(UserId.Check(SettingsParser.Parse(Settings, raw)));

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => UserId.Mint(settings);

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => UserId.Mint(minted);

    /// <summary>A server that does not know an id reads on in silence, so that nobody learns from it what it is.</summary>
    public bool Refuses(ProbeReport report) => report is { Stage: Stage.Handshake, Failure: Failure.NoAnswer or Failure.ConnectionClosed or Failure.ConnectionReset };

    /// <summary><c>vmess://</c> and a JSON object in base64, as V2RayN began and everybody followed; or written like any other link.</summary>
    public LinkSettings? Read(SettingsLink link)
    {
        if (link.Scheme != "vmess") return null;
        if (link.Host.Length > 0) return Read(new LinkOptions(link.Query), link.Host, link.Port, link.User, "type", "security");
        if (ReadObject(link.Body) is not { } members) return null;
        var options = new LinkOptions(members);
        return Read(options, options.Value("add"), options.Value("port"), options.Value("id"), "net", "tls");
    }

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target) => await StreamSettings.OpenAsync(session) is { } wire
        ? session.Lay(new VmessTransport(session, wire, VmessRequest.Write(UserId.Of(session.Settings), target, session.Time.GetUtcNow())))
        : null;

    private static LinkSettings Read(LinkOptions options, string host, string port, string id, string transportName, string securityName)
    {
        var security = options.Expect(securityName, "none", "", "tls") == "tls" ? "tls" : "none";
        var transport = options.Expect(transportName, "tcp", "", "raw", "ws") == "ws" ? "ws" : "tcp";
        options.Expect("aid", "0", ""); // other numbers mean headers of 2015, which servers no longer accept
        options.Expect("alterId", "0", "");
        options.Expect("encryption", "auto", "", "aes-128-gcm", "chacha20-poly1305", "none", "zero"); // a server takes whichever its client chooses
        if (transportName != "type") options.Expect("type", "none", "");
        options.Expect("headerType", "none", "");
        var settings = StreamSettings.Read(options, host, security, transport);
        settings["id"] = id;
        return new(host, port, settings, options.Unsupported);
    }

    /// <summary>The members of the object as texts; null when it is none. Some writers give numbers as numbers, some as texts.</summary>
    private static Dictionary<string, string>? ReadObject(string base64)
    {
        if (!SettingsLink.TryDecodeBase64(base64, out var bytes)) return null;
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.EnumerateObject().GroupBy(member => member.Name, StringComparer.Ordinal).ToDictionary(same => same.Key, same => Text(same.Last().Value), StringComparer.Ordinal)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // not JSON, or a text in it that is none
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
