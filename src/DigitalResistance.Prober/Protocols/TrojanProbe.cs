using System.Net.Security;
using System.Text;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.Streams;
using Org.BouncyCastle.Crypto.Digests;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// Trojan: TLS as of a web site, and inside it a password and a target. The server says nothing of its own, and shows a web site to
/// whoever has another password; so what comes back proves nothing before the target itself is known to have sent it.
/// </summary>
public sealed class TrojanProbe : IStreamProbe, IMintsCredentials, IReadsLinks
{
    private const byte TlsHandshakeRecord = 22; // RFC 8446 §5.1

    /// <inheritdoc />
    public string Id => "trojan";

    /// <inheritdoc />
    public string DisplayName => "Trojan";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://trojan-gfw.github.io/trojan/protocol");

    /// <inheritdoc />
    public int DefaultPort => 443;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } = [new("password", "Password", SettingKind.Secret), .. TlsSettings.Declared];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings { get; } = ["password"];

    /// <inheritdoc />
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw) => TlsSettings.Check(SettingsParser.Parse(Settings, raw));

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => settings.With(new(new(StringComparer.Ordinal) { ["password"] = MintedText.Password() }));

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => Mint(minted);

    /// <summary>A wrong password is answered by the web site, or by an end where there is none.</summary>
    public bool Refuses(ProbeReport report) => report is
    {
        Stage: Stage.Handshake, Failure: Failure.SecretNotAccepted or Failure.ConnectionClosed or Failure.ConnectionReset or Failure.NoAnswer,
    };

    /// <summary><c>trojan://password@host:port?sni=…</c>, as Trojan's apps pass servers on.</summary>
    public LinkSettings? Read(SettingsLink link)
    {
        if (link.Scheme != "trojan") return null;
        var options = new LinkOptions(link.Query);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["password"] = link.Password is null ? link.User : $"{link.User}:{link.Password}",
            ["server_name"] = options.ServerName(link.Host, "sni", "peer"),
        };
        options.Expect("security", "", "tls");
        options.Expect("type", "", "tcp", "raw", "original");
        options.Expect("headerType", "", "none");
        return new(link.Host, link.Port, settings, options.Unsupported);
    }

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target)
    {
        if (await session.DialAsync() is not { } wire) return null;
        if (await TlsSettings.SecureAsync(session, wire, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11) is not { } secured) return null;
        return session.Lay(new LeadingTransport(secured, Request(session.Settings["password"], target), (server, buffer) => ReceiveFirstAsync(session, server, buffer)));
    }

    /// <summary>
    /// No web site begins in the clear with a TLS record: a target that is asked in TLS has answered then, whatever its certificate turns out to be. A
    /// canary is asked in HTTP, as a web site might be, and only its signature tells the two apart; until then this is the handshake.
    /// </summary>
    private static async ValueTask<Received> ReceiveFirstAsync(ProbeSession session, Wire server, Memory<byte> buffer)
    {
        var received = await server.ReceiveAsync(buffer);
        if (received.Failure is not null || session.Target is not ProbeTarget.Tls) return received;
        if (buffer.Span[0] != TlsHandshakeRecord) return Received.Nothing(Failure.SecretNotAccepted);
        session.Answered();
        return received;
    }

    /// <summary>hex(SHA224(password)) CRLF CMD ATYP DST.ADDR DST.PORT CRLF, the address as in RFC 1928 §5.</summary>
    internal static byte[] Request(string password, HostPort target) =>
        [.. Encoding.ASCII.GetBytes(Sha224(password)), .. "\r\n"u8, 1, .. Socks5Probe.ConnectRequest(target).AsSpan(3), .. "\r\n"u8];

    internal static string Sha224(string password)
    {
        var (digest, hash) = (new Sha224Digest(), new byte[28]);
        digest.BlockUpdate(Encoding.UTF8.GetBytes(password));
        digest.DoFinal(hash);
        return Convert.ToHexStringLower(hash);
    }
}
