using System.Net.Sockets;
using System.Text;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Streams;

namespace DigitalResistance.Prober.Protocols;

/// <summary>VLESS over TCP or a WebSocket, with TLS or without: an id and a target in the clear, since the layers beneath encrypt.</summary>
public sealed class VlessProbe : IStreamProbe, IMintsCredentials, IReadsLinks
{
    private const byte Version0 = 0;

    /// <inheritdoc />
    public string Id => "vless";

    /// <inheritdoc />
    public string DisplayName => "VLESS";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://xtls.github.io/en/development/protocols/vless.html");

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

    /// <inheritdoc />
    public bool Refuses(ProbeReport report) => RefusesId(report);

    /// <summary><c>vless://id@host:port?security=…&amp;type=…</c>; with <c>security=reality</c> it is another protocol's.</summary>
    public LinkSettings? Read(SettingsLink link)
    {
        if (link.Scheme != "vless" || link.Value("security") == "reality") return null;
        var options = new LinkOptions(link.Query);
        var security = options.Expect("security", "none", "", "tls") == "tls" ? "tls" : "none";
        var transport = options.Expect("type", "tcp", "", "raw", "ws") == "ws" ? "ws" : "tcp";
        ExpectPlain(options);
        var settings = StreamSettings.Read(options, link.Host, security, transport);
        settings["id"] = link.User;
        return new(link.Host, link.Port, settings, options.Unsupported);
    }

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target) =>
        await StreamSettings.OpenAsync(session) is { } wire ? OpenTunnel(session, wire, target) : null;

    /// <summary>The conversation over a wire that is already there, so that the same protocol can run inside REALITY.</summary>
    internal static Wire OpenTunnel(ProbeSession session, Wire wire, HostPort target) => session.Lay(
        new LeadingTransport(wire, Request(UserId.Of(session.Settings), target), (server, buffer) => ReceiveFirstAsync(session, server, buffer)));

    /// <summary>A server ends the connection when it does not know an id, or hands it to a web site.</summary>
    internal static bool RefusesId(ProbeReport report) => report is
    {
        Stage: Stage.Handshake, Failure: Failure.SecretNotAccepted or Failure.ConnectionClosed or Failure.ConnectionReset or Failure.NoAnswer,
    };

    /// <summary>What a link may say about the protocol itself without asking for more than there is here.</summary>
    internal static void ExpectPlain(LinkOptions options)
    {
        options.Expect("encryption", "none", "");
        options.Expect("flow", "");
        options.Expect("headerType", "", "none");
    }

    /// <summary>The answer comes with the target's first bytes, not before: it shows that the id is known, and that something was carried.</summary>
    private static async ValueTask<Received> ReceiveFirstAsync(ProbeSession session, Wire server, Memory<byte> buffer)
    {
        if (await server.ReceiveAsync<Response>() is null) return Received.Nothing(server.Failure!.Value);
        if (server.HasLeftover) session.Answered();
        else session.Enter(Stage.Proof);
        return await server.ReceiveAsync(buffer);
    }

    /// <summary>Version, id, length of the options (none), command (1 is TCP), port, kind of address, address.</summary>
    internal static byte[] Request(ReadOnlySpan<byte> id, HostPort target) => [Version0, .. id, 0, 1, .. Address(target)];

    /// <summary>Port, kind of address and address, in the order and with the numbers that VLESS and VMess share.</summary>
    internal static byte[] Address(HostPort target)
    {
        byte[] address = target.Host.Address switch
        {
            { AddressFamily: AddressFamily.InterNetwork } ipv4 => [1, .. ipv4.GetAddressBytes()],
            { } ipv6 => [3, .. ipv6.GetAddressBytes()],
            null => [2, (byte)target.Host.Text.Length, .. Encoding.ASCII.GetBytes(target.Host.Text)],
        };
        return [(byte)(target.Port >> 8), (byte)target.Port, .. address];
    }

    /// <summary>Version, length of the options, options, which mean nothing to us.</summary>
    internal sealed record Response : IWireMessage<Response>
    {
        private static ReadOnlySpan<byte> WebSite => "HTTP/"u8;

        public static int MaxLength => 2 + byte.MaxValue;

        public static Parsed<Response> Parse(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > 0 && bytes[0] != Version0)
            {
                if (!WebSite.StartsWith(bytes[..Math.Min(bytes.Length, WebSite.Length)])) return Parsed<Response>.Refused(Failure.WrongProtocol);
                return bytes.Length < WebSite.Length ? Parsed<Response>.Partial : Parsed<Response>.Refused(Failure.SecretNotAccepted);
            }

            return bytes.Length >= 2 && bytes.Length >= 2 + bytes[1] ? Parsed<Response>.Whole(new(), 2 + bytes[1]) : Parsed<Response>.Partial;
        }
    }
}
