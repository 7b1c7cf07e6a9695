using System.Globalization;
using System.Text;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols;

/// <summary>An HTTP proxy that tunnels by CONNECT, without authentication or with Basic (RFC 9110 §9.3.6, RFC 7617).</summary>
public sealed class HttpConnectProbe : IStreamProbe, IMintsCredentials, IReadsLinks
{
    /// <summary>What a widely used client says of itself; a proxy sees it from everybody.</summary>
    private const string UserAgent = "curl/8.5.0";

    /// <summary>Interim answers that an honest server may send before the final one; more is a way to keep us busy.</summary>
    private const int MostInterimAnswers = 4;

    /// <inheritdoc />
    public string Id => "http-connect";

    /// <inheritdoc />
    public string DisplayName => "HTTP proxy (CONNECT)";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://www.rfc-editor.org/rfc/rfc9110#name-connect");

    /// <inheritdoc />
    public int DefaultPort => 3128;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } =
    [
        new("auth", "Authentication", SettingKind.Choice) { Choices = [new("none", "None"), new("basic", "User and password (Basic)")] },
        new("username", "User", SettingKind.Text) { When = new("auth", "basic"), Forbidden = ":" }, // RFC 7617 §2: the first colon ends the user
        new("password", "Password", SettingKind.Secret) { When = new("auth", "basic") },
    ];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings { get; } = ["username", "password"];

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => With(MintedText.User(), MintedText.Password());

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => With(minted["username"], MintedText.Password());

    /// <summary><c>http://user:password@host:port</c>, as in the environment variable <c>http_proxy</c>.</summary>
    public LinkSettings? Read(SettingsLink link) =>
        link.Scheme == "http" ? new(link.Host, link.Port.Length > 0 ? link.Port : "80", Raw(link.User, link.Password ?? ""), link.Beyond()) : null;

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target) =>
        await session.DialAsync() is { } wire ? await OpenTunnelAsync(session, wire, target) : null;

    /// <summary>The conversation over a wire that is already there, so that the same protocol can run inside TLS.</summary>
    internal static async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, Wire wire, HostPort target)
    {
        var withCredentials = session.Settings["auth"] == "basic";
        await wire.SendAsync(ConnectRequest(target, withCredentials ? BasicCredentials(session.Settings["username"], session.Settings["password"]) : null));

        // One exchange opens the tunnel and checks the credentials, so its time stands under the handshake, and which of the two
        // failed shows in the status only.
        for (var interim = 0; interim <= MostInterimAnswers; interim++)
        {
            if (await wire.ReceiveAsync<ResponseHead>() is not { } head) return session.Fail(wire);
            if (head.Date is { } clock) session.Saw(clock);
            if (head.IsInterim) continue;

            // 401 is what some proxies say where RFC 9110 §15.5.8 has 407.
            if (head.Status is 401 or 407) return session.Fail(withCredentials ? Failure.AuthenticationRefused : Failure.AuthenticationRequired, head.Status);
            if (Explain(head.Status) is { } failure)
            {
                // A gateway's error means that it tried; a client's error may have been said before the credentials were looked at.
                if (head.Status >= 500) session.Enter(Stage.Tunnel);
                return session.Fail(failure, head.Status);
            }

            session.Enter(Stage.Tunnel);
            return wire;
        }

        return session.Fail(Failure.ReplyTooLarge);
    }

    /// <summary>RFC 9110 §9.3.6: any 2xx is a tunnel, whatever content its header section announces; anything else is not.</summary>
    private static Failure? Explain(int status) => status switch
    {
        >= 200 and < 300 => null,
        403 => Failure.TunnelNotAllowed,
        405 or 501 => Failure.CommandUnsupported,
        502 or 503 or 504 => Failure.TargetUnreachable,
        _ => Failure.TunnelFailed,
    };

    /// <summary>The settings of a user and a password, or of none.</summary>
    internal static Dictionary<string, string> Raw(string username, string password) => username.Length + password.Length == 0 ? [] : new(StringComparer.Ordinal)
    {
        ["auth"] = "basic",
        ["username"] = username,
        ["password"] = password,
    };

    private static ProbeSettings With(string username, string password) => new(Raw(username, password));

    private static string BasicCredentials(string username, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{password}"));

    /// <summary>The request as that widely used client sends it, byte for byte.</summary>
    internal static byte[] ConnectRequest(HostPort target, string? credentials) => Encoding.ASCII.GetBytes(
        $"CONNECT {target.Authority} HTTP/1.1\r\nHost: {target.Authority}\r\n"
        + (credentials is null ? "" : $"Proxy-Authorization: Basic {credentials}\r\n")
        + $"User-Agent: {UserAgent}\r\nProxy-Connection: Keep-Alive\r\n\r\n");

    /// <summary>Status line and header section (RFC 9112 §2.1), of which the status matters, and the clock where one is shown. A bare LF ends a line too (§2.2).</summary>
    internal sealed record ResponseHead(int Status, DateTimeOffset? Date = null) : IWireMessage<ResponseHead>
    {
        private const int DateLength = 29;

        /// <summary>More lines than any honest server sends. All are gone through again with each byte that trickles in, so there must not be thousands.</summary>
        private const int MostLines = 200;

        private static ReadOnlySpan<byte> Protocol => "HTTP/1."u8;

        public static int MaxLength => 16 * 1024;

        public bool IsInterim => Status is >= 100 and < 200;

        public static Parsed<ResponseHead> Parse(ReadOnlySpan<byte> bytes)
        {
            if (!Protocol.StartsWith(bytes[..Math.Min(bytes.Length, Protocol.Length)])) return Parsed<ResponseHead>.Refused(Failure.WrongProtocol);
            var line = bytes.IndexOf((byte)'\n');
            if (line < 0) return bytes.Length > 512 ? Parsed<ResponseHead>.Refused() : Parsed<ResponseHead>.Partial;
            if (!TryParseStatus(bytes[..line], out var status)) return Parsed<ResponseHead>.Refused();
            return EndOfHeaders(bytes, line + 1) switch
            {
                null => Parsed<ResponseHead>.Refused(Failure.ReplyTooLarge),
                < 0 => Parsed<ResponseHead>.Partial,
                { } end => Parsed<ResponseHead>.Whole(new(status, DateOf(bytes[(line + 1)..end])), end),
            };
        }

        /// <summary><c>HTTP/1.x SSS reason</c>, where the reason and the space before it may be missing (RFC 9112 §4).</summary>
        private static bool TryParseStatus(ReadOnlySpan<byte> line, out int status)
        {
            status = 0;
            if (line.EndsWith("\r"u8)) line = line[..^1];
            if (line.Length < 12 || !char.IsAsciiDigit((char)line[7]) || line[8] != ' ' || (line.Length > 12 && line[12] != ' ')) return false;
            foreach (var digit in line.Slice(9, 3))
            {
                if (!char.IsAsciiDigit((char)digit)) return false;
                status = (status * 10) + (digit - '0');
            }

            return status is >= 100 and < 600;
        }

        /// <summary>The one form of the field that senders may use (RFC 9110 §5.6.7, §6.6.1): <c>Sun, 06 Nov 1994 08:49:37 GMT</c>. The first one counts.</summary>
        private static DateTimeOffset? DateOf(ReadOnlySpan<byte> headers)
        {
            foreach (var range in headers.Split((byte)'\n'))
            {
                var header = headers[range];
                if (header.Length < 5 || !Ascii.EqualsIgnoreCase(header[..5], "Date:"u8)) continue;
                var value = header[5..].Trim(" \t\r"u8);
                return value.Length == DateLength
                    && DateTimeOffset.TryParseExact(Encoding.ASCII.GetString(value), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
            }

            return null;
        }

        /// <summary>Where the header section ends; negative while it has not, null where it has too many lines to be one.</summary>
        private static int? EndOfHeaders(ReadOnlySpan<byte> bytes, int start)
        {
            for (var lines = 0; bytes[start..].IndexOf((byte)'\n') is var length and >= 0; lines++)
            {
                if (length == 0 || (length == 1 && bytes[start] == '\r')) return start + length + 1;
                if (lines == MostLines) return null;
                start += length + 1;
            }

            return -1;
        }
    }
}
