using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols;

/// <summary>SOCKS version 5 over TCP, without authentication or with user and password, with or without UDP ASSOCIATE (RFC 1928, RFC 1929).</summary>
public sealed class Socks5Probe : IDatagramProbe, IMintsCredentials, IReadsLinks
{
    private const byte Version5 = 5;

    /// <summary>What every way to speak SOCKS 5 is set up with.</summary>
    internal static IReadOnlyList<Setting> Login { get; } =
    [
        new("auth", "Authentication", SettingKind.Choice) { Choices = [new("none", "None"), new("password", "User and password")] },
        new("username", "User", SettingKind.Text) { When = new("auth", "password") }, // RFC 1929 §2: 1 to 255 bytes each
        new("password", "Password", SettingKind.Secret) { When = new("auth", "password") },
    ];

    /// <summary>Whether datagrams are carried besides, in every protocol that can.</summary>
    internal static Setting Datagrams { get; } = new("udp", "Datagrams (UDP)", SettingKind.Choice) { Choices = [new("no", "Not carried"), new("yes", "Carried, as calls want it")] };

    /// <inheritdoc />
    public string Id => "socks5";

    /// <inheritdoc />
    public string DisplayName => "SOCKS5";

    /// <inheritdoc />
    public int Version => 2;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://www.rfc-editor.org/rfc/rfc1928");

    /// <inheritdoc />
    public int DefaultPort => 1080;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } =
    [
        .. Login,
        Datagrams,
    ];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings { get; } = ["username", "password"];

    /// <inheritdoc />
    public ProbeSettings Mint(ProbeSettings settings) => settings.With(Credentials(MintedText.User(), MintedText.Password()));

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => minted.With(Credentials(minted["username"], MintedText.Password()));

    /// <summary><c>socks5://user:password@host:port</c>, and Telegram's <c>tg://socks?server=…&amp;port=…&amp;user=…&amp;pass=…</c>.</summary>
    public LinkSettings? Read(SettingsLink link) => link switch
    {
        { Scheme: "socks5" or "socks5h" or "socks" } => new(link.Host, link.Port, Raw(link.User, link.Password ?? ""), link.Beyond()),
        { Scheme: "tg", Kind: "socks" } => new(
            link.Value("server"), link.Value("port"), Raw(link.Value("user"), link.Value("pass")), link.Beyond("server", "port", "user", "pass")),
        _ => null,
    };

    /// <inheritdoc />
    public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target) =>
        await session.DialAsync() is { } wire ? await OpenTunnelAsync(session, wire, target) : null;

    /// <inheritdoc />
    public bool CarriesDatagrams(ProbeSettings settings) => settings["udp"] == "yes";

    /// <inheritdoc />
    public async ValueTask<IDatagrams?> OpenDatagramsAsync(ProbeSession session, HostPort target)
    {
        if (await session.DialAgainAsync() is not { } wire || !await AuthenticateAsync(session, wire)) return null;
        await wire.SendAsync(AssociateRequest());
        if (await wire.ReceiveAsync<Reply>() is not { } reply) session.Fail(wire);
        else if (reply.Code != ReplyCode.Succeeded) session.Fail(Explain(reply.Code), (int)reply.Code);
        else if (session.OpenDatagrams(reply.BoundPort) is { } transport) return new Socks5Datagrams(transport, target);
        return null;
    }

    /// <summary>The conversation over a wire that is already there, so that the same protocol can run inside TLS.</summary>
    internal static async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, Wire wire, HostPort target)
    {
        if (!await AuthenticateAsync(session, wire)) return null;
        session.Enter(Stage.Tunnel);
        await wire.SendAsync(ConnectRequest(target));
        if (await wire.ReceiveAsync<Reply>() is not { } reply) return session.Fail(wire);
        return reply.Code == ReplyCode.Succeeded ? wire : session.Fail(Explain(reply.Code), (int)reply.Code);
    }

    /// <summary>False when the session has failed.</summary>
    private static async ValueTask<bool> AuthenticateAsync(ProbeSession session, Wire wire)
    {
        var wanted = session.Settings["auth"] == "password" ? Method.UsernamePassword : Method.NoAuthentication;
        await wire.SendAsync(VersionIdentifier(wanted));
        if (await wire.ReceiveAsync<MethodSelection>() is not { } selection) return Refuse(wire.Failure ?? Failure.InternalError);
        if (selection.Method == Method.NoAcceptableMethods)
        {
            return Refuse(wanted == Method.NoAuthentication ? Failure.AuthenticationRequired : Failure.NoAcceptableMethod);
        }

        if (selection.Method != wanted) return Refuse(Failure.ReplyMalformed, (int)selection.Method);
        if (wanted == Method.UsernamePassword)
        {
            await wire.SendAsync(UsernamePasswordRequest(session.Settings["username"], session.Settings["password"]));
            if (await wire.ReceiveAsync<UsernamePasswordStatus>() is not { } status)
            {
                // RFC 1929 §2: a refusing server must close. Some close without the status that should come first.
                return Refuse(wire.Failure is Failure.ConnectionClosed or Failure.ConnectionReset ? Failure.AuthenticationRefused : wire.Failure!.Value);
            }

            if (!status.Success) return Refuse(Failure.AuthenticationRefused, status.Code);
        }

        return true;

        bool Refuse(Failure failure, int? code = null)
        {
            session.Fail(failure, code);
            return false;
        }
    }

    private static Failure Explain(ReplyCode code) => code switch
    {
        ReplyCode.NotAllowedByRuleset => Failure.TunnelNotAllowed,
        ReplyCode.NetworkUnreachable or ReplyCode.HostUnreachable or ReplyCode.TtlExpired => Failure.TargetUnreachable,
        ReplyCode.ConnectionRefused => Failure.TargetRefused,
        ReplyCode.CommandNotSupported => Failure.CommandUnsupported,
        ReplyCode.AddressTypeNotSupported => Failure.AddressTypeUnsupported,
        _ => Failure.TunnelFailed,
    };

    private static Dictionary<string, string> Raw(string username, string password) => username.Length + password.Length == 0 ? [] : new(StringComparer.Ordinal)
    {
        ["auth"] = "password",
        ["username"] = username,
        ["password"] = password,
    };

    private static ProbeSettings Credentials(string username, string password) => new(Raw(username, password));

    /// <summary>VER NMETHODS METHODS (RFC 1928 §3). One method, so that a server cannot choose to leave the password unchecked.</summary>
    internal static byte[] VersionIdentifier(Method method) => [Version5, 1, (byte)method];

    /// <summary>VER ULEN UNAME PLEN PASSWD (RFC 1929 §2).</summary>
    internal static byte[] UsernamePasswordRequest(string username, string password)
    {
        var (user, pass) = (Encoding.UTF8.GetBytes(username), Encoding.UTF8.GetBytes(password));
        return [1, (byte)user.Length, .. user, (byte)pass.Length, .. pass];
    }

    /// <summary>VER CMD RSV ATYP DST.ADDR DST.PORT (RFC 1928 §4).</summary>
    internal static byte[] ConnectRequest(HostPort target) => [Version5, 1, 0, .. Address(target)];

    /// <summary>UDP ASSOCIATE; who does not know yet whence the datagrams will come sends zeros (RFC 1928 §4).</summary>
    internal static byte[] AssociateRequest() => [Version5, 3, 0, (byte)AddressType.IPv4, 0, 0, 0, 0, 0, 0];

    /// <summary>ATYP ADDR PORT (RFC 1928 §4 and §7). A name goes as a name: resolving it is part of what the server is asked to do.</summary>
    internal static byte[] Address(HostPort target)
    {
        byte[] address = target.Host.Address switch
        {
            { AddressFamily: AddressFamily.InterNetwork } ipv4 => [(byte)AddressType.IPv4, .. ipv4.GetAddressBytes()],
            { } ipv6 => [(byte)AddressType.IPv6, .. ipv6.GetAddressBytes()],
            null => [(byte)AddressType.DomainName, (byte)target.Host.Text.Length, .. Encoding.ASCII.GetBytes(target.Host.Text)],
        };
        return [.. address, (byte)(target.Port >> 8), (byte)target.Port];
    }

    /// <summary>Length of ATYP ADDR PORT from its first two bytes; negative for a type of address that there is not.</summary>
    internal static int AddressLength(byte type, byte next) => (AddressType)type switch
    {
        AddressType.IPv4 => 1 + 4 + 2,
        AddressType.IPv6 => 1 + 16 + 2,
        AddressType.DomainName => 1 + 1 + next + 2,
        _ => -1,
    };

    /// <summary>RFC 1928 §3.</summary>
    internal enum Method : byte
    {
        NoAuthentication = 0,
        UsernamePassword = 2,
        NoAcceptableMethods = 0xff,
    }

    /// <summary>RFC 1928 §5.</summary>
    internal enum AddressType : byte
    {
        IPv4 = 1,
        DomainName = 3,
        IPv6 = 4,
    }

    /// <summary>RFC 1928 §6.</summary>
    internal enum ReplyCode : byte
    {
        Succeeded,
        GeneralFailure,
        NotAllowedByRuleset,
        NetworkUnreachable,
        HostUnreachable,
        ConnectionRefused,
        TtlExpired,
        CommandNotSupported,
        AddressTypeNotSupported,
    }

    /// <summary>VER METHOD (RFC 1928 §3).</summary>
    internal sealed record MethodSelection(Method Method) : IWireMessage<MethodSelection>
    {
        public static int MaxLength => 2;

        public static Parsed<MethodSelection> Parse(ReadOnlySpan<byte> bytes) => bytes switch
        {
            [] => Parsed<MethodSelection>.Partial,
            [not Version5, ..] => Parsed<MethodSelection>.Refused(Failure.WrongProtocol),
            [_, var method, ..] => Parsed<MethodSelection>.Whole(new((Method)method), 2),
            _ => Parsed<MethodSelection>.Partial,
        };
    }

    /// <summary>VER STATUS (RFC 1929 §2). Zero is success; servers in use refuse with 1, 2 or 255.</summary>
    internal sealed record UsernamePasswordStatus(byte Code) : IWireMessage<UsernamePasswordStatus>
    {
        public static int MaxLength => 2;

        public bool Success => Code == 0;

        // The version of the sub-negotiation is 1; some servers repeat the 5 of the main one, and every client in use lets that pass.
        public static Parsed<UsernamePasswordStatus> Parse(ReadOnlySpan<byte> bytes) => bytes switch
        {
            [] or [1 or Version5] => Parsed<UsernamePasswordStatus>.Partial,
            [1 or Version5, var code, ..] => Parsed<UsernamePasswordStatus>.Whole(new(code), 2),
            _ => Parsed<UsernamePasswordStatus>.Refused(),
        };
    }

    /// <summary>
    /// VER REP RSV ATYP BND.ADDR BND.PORT (RFC 1928 §6). The bound address is read past and never used, least of all dialled; of UDP ASSOCIATE the
    /// port is. A refusal is read to its code only: nothing follows it, and some servers leave out the rest.
    /// </summary>
    internal sealed record Reply(ReplyCode Code, int BoundPort) : IWireMessage<Reply>
    {
        private const int Head = 3;

        public static int MaxLength => Head + AddressLength((byte)AddressType.DomainName, byte.MaxValue);

        public static Parsed<Reply> Parse(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > 0 && bytes[0] != Version5) return Parsed<Reply>.Refused();
            if (bytes.Length >= 2 && bytes[1] != (byte)ReplyCode.Succeeded) return Parsed<Reply>.Whole(new((ReplyCode)bytes[1], 0), 2);
            if (bytes.Length < Head + 2) return Parsed<Reply>.Partial;
            var address = AddressLength(bytes[Head], bytes[Head + 1]);
            if (address < 0) return Parsed<Reply>.Refused();
            var length = Head + address;
            return bytes.Length < length
                ? Parsed<Reply>.Partial
                : Parsed<Reply>.Whole(new(ReplyCode.Succeeded, BinaryPrimitives.ReadUInt16BigEndian(bytes[(length - 2)..])), length);
        }
    }
}
