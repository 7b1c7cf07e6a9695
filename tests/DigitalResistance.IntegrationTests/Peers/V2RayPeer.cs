using System.Text.Json;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// Many protocols by one stranger: <c>v2ray</c>, with one inbound that a test describes. It leads to loopback, as its <c>freedom</c> does to
/// wherever a client says.
/// </summary>
internal sealed class V2RayPeer : IProxyPeer
{
    private const string Loopback = "127.0.0.1";

    private readonly PeerProcess _process;
    private readonly string _folder;

    private V2RayPeer(PeerProcess process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <summary>SOCKS5 with datagrams, open or with a user and a password.</summary>
    public static Task<V2RayPeer> SocksAsync((string User, string Password)? login = null, string at = Loopback) => StartAsync(
        "socks", new { auth = login is null ? "noauth" : "password", accounts = Accounts(login), udp = true, ip = at }, Out, at: at);

    /// <summary>An HTTP proxy, open or with Basic authentication.</summary>
    public static Task<V2RayPeer> HttpAsync((string User, string Password)? login = null, string at = Loopback) => StartAsync("http", new { accounts = Accounts(login) }, Out, at: at);

    /// <summary>VLESS over the given layers.</summary>
    public static Task<V2RayPeer> VlessAsync(Guid id, object? stream = null, string at = Loopback) =>
        StartAsync("vless", new { clients = new[] { new { id } }, decryption = "none" }, Out, stream, at);

    /// <summary>VMess with AEAD headers over the given layers.</summary>
    public static Task<V2RayPeer> VmessAsync(Guid id, object? stream = null, string at = Loopback) =>
        StartAsync("vmess", new { clients = new[] { new { id, alterId = 0 } } }, Out, stream, at);

    /// <summary>Trojan, as a second implementation, without a web site behind it.</summary>
    public static Task<V2RayPeer> TrojanAsync(string password, PeerCertificate certificate, string at = Loopback) =>
        StartAsync("trojan", new { clients = new[] { new { password } } }, Out, Tls(certificate), at);

    /// <summary>Shadowsocks, as a second implementation, over TCP and UDP.</summary>
    public static Task<V2RayPeer> ShadowsocksAsync(string method, string password, string at = Loopback) =>
        StartAsync("shadowsocks", new { method, password, network = "tcp,udp" }, Out, at: at);

    /// <summary>An MTProto proxy with a plain secret (16 bytes in hexadecimal) that takes a port on loopback for every data centre of Telegram's.</summary>
    public static Task<V2RayPeer> MtProtoAsync(string secret, int dataCentre) => StartAsync("mtproto", new { users = new[] { new { secret } } },
    [
        new { tag = "out", protocol = "mtproto", settings = new { }, proxySettings = new { tag = "telegram" } },
        new { tag = "telegram", protocol = "freedom", settings = new { redirect = $"127.0.0.1:{dataCentre}" } },
    ]);

    /// <summary>A SOCKS5 port for an independent client, through a server that a test describes.</summary>
    public static Task<V2RayPeer> ClientAsync(string protocol, object settings, object? stream = null) =>
        StartAsync("socks", new { auth = "noauth", udp = false }, [new { tag = "out", protocol, settings, streamSettings = stream }]);

    /// <summary>TLS with a certificate.</summary>
    public static object Tls(PeerCertificate certificate) => new { network = "tcp", security = "tls", tlsSettings = Certificates(certificate) };

    /// <summary>A WebSocket in the clear.</summary>
    public static object WebSocket(string path) => new { network = "ws", wsSettings = new { path } };

    /// <summary>A WebSocket inside TLS.</summary>
    public static object WebSocket(string path, PeerCertificate certificate) => new { network = "ws", wsSettings = new { path }, security = "tls", tlsSettings = Certificates(certificate) };

    /// <summary>Where a client of VLESS or VMess finds its server, and as whom.</summary>
    public static object At(int port, object user) => new { vnext = new[] { new { address = "127.0.0.1", port, users = new[] { user } } } };

    /// <summary>A client's TLS that takes any certificate, since a test's is nobody else's.</summary>
    public static object Trusting(string network, string path = "") => new { network, wsSettings = new { path }, security = "tls", tlsSettings = new { allowInsecure = true, serverName = "proxy.example.net" } };

    public Task FreezeAsync() => _process.FreezeAsync();

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static object[] Accounts((string User, string Password)? login) => login is { } l ? [new { user = l.User, pass = l.Password }] : [];

    private static object[] Out => [new { tag = "out", protocol = "freedom", settings = new { } }];

    private static object Certificates(PeerCertificate certificate) =>
        new { certificates = new[] { new { certificateFile = certificate.CertificateFile, keyFile = certificate.KeyFile } } };

    private static async Task<V2RayPeer> StartAsync(string protocol, object settings, object[] outbounds, object? streamSettings = null, string at = Loopback)
    {
        var (port, folder) = (PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-v2ray-").FullName);
        var config = new
        {
            log = new { loglevel = "warning" },
            inbounds = new[] { new { tag = "in", listen = at, port, protocol, settings, streamSettings } },
            outbounds,
            routing = new { rules = new[] { new { type = "field", inboundTag = new[] { "in" }, outboundTag = "out" } } },
        };
        await File.WriteAllTextAsync($"{folder}/config.json", JsonSerializer.Serialize(config));
        var process = PeerProcess.Start(Needs.Program("v2ray"), ["-config", $"{folder}/config.json"]);
        await process.WaitForPortAsync(port, at: at);
        return new V2RayPeer(process, folder, port);
    }
}
