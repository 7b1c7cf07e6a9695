using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Prober;
using DigitalResistance.Tests.Prober;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>
/// One of the proxies of strangers, running, with the settings that its operator would have entered, the same with a wrong secret, and how
/// each of the ways to fail looks from outside with this very program. What is true of all of them is tested over all of them.
/// </summary>
internal sealed record ProxyCase(string Protocol, string At, IProxyPeer Peer, Dictionary<string, string> Right) : IAsyncDisposable
{
    private static readonly (string User, string Password) Login = ("u1", "secret");
    private static readonly Guid User = Guid.NewGuid();
    private static readonly Failure[] Cut = [Failure.ConnectionClosed, Failure.ConnectionReset];

    private static readonly Dictionary<string, Func<string, Task<ProxyCase>>> Starts = new()
    {
        ["microsocks"] = async at => Socks(at, await MicrosocksPeer.StartAsync(at: at), login: false),
        ["microsocks, password"] = async at => Socks(at, await MicrosocksPeer.StartAsync(Login, at: at)),
        ["dante"] = async at => Socks(at, await DantePeer.StartAsync(), login: false),
        ["ssh -D"] = async at => Socks(at, await SshProxyPeer.StartAsync(), login: false) with { Closed = new(Stage.Tunnel, Cut) },
        ["v2ray socks"] = async at => Socks(at, await V2RayPeer.SocksAsync(at: at), login: false) with { Closed = Optimistic },
        ["v2ray socks, password"] = async at => Socks(at, await V2RayPeer.SocksAsync(Login, at)) with { Closed = Optimistic },
        ["tinyproxy"] = async at => Http(at, await TinyproxyPeer.StartAsync(at: at), login: false),
        ["tinyproxy, Basic"] = async at => Http(at, await TinyproxyPeer.StartAsync(Login, at: at)),
        ["squid, Basic"] = async at => Http(at, await SquidPeer.StartAsync(Login, PeerProcess.FreePort(), at)),
        ["v2ray http"] = async at => Http(at, await V2RayPeer.HttpAsync(at: at), login: false) with { Closed = Optimistic },
        ["v2ray http, Basic"] = async at => Http(at, await V2RayPeer.HttpAsync(Login, at)) with { Closed = Optimistic },
        ["stunnel, microsocks"] = async at => await InTlsAsync(at, Socks(at, await MicrosocksPeer.StartAsync(Login))),
        ["stunnel, tinyproxy"] = async at => await InTlsAsync(at, Http(at, await TinyproxyPeer.StartAsync(Login))),
        ["stunnel, v2ray http"] = async at => await InTlsAsync(at, Http(at, await V2RayPeer.HttpAsync(Login)) with { Closed = Optimistic }),
        ["trojan"] = TrojanAsync,
        ["v2ray trojan"] = at => V2RayAsync("trojan", "tcp+tls", at),
        ["v2ray vless"] = at => V2RayAsync("vless", "tcp", at),
        ["v2ray vless, tls"] = at => V2RayAsync("vless", "tcp+tls", at),
        ["v2ray vless, ws"] = at => V2RayAsync("vless", "ws", at),
        ["v2ray vless, ws+tls"] = at => V2RayAsync("vless", "ws+tls", at),
        ["v2ray vmess"] = at => V2RayAsync("vmess", "tcp", at),
        ["v2ray vmess, tls"] = at => V2RayAsync("vmess", "tcp+tls", at),
        ["v2ray vmess, ws"] = at => V2RayAsync("vmess", "ws", at),
        ["ss-server"] = async at => Shadowsocks(at, await ShadowsocksPeer.StartAsync("aes-256-gcm", "secret", at)),
        ["v2ray shadowsocks"] = async at => Shadowsocks(at, await V2RayPeer.ShadowsocksAsync("aes-256-gcm", "secret", at)),
        ["v2ray vmess, ws+tls"] = at => V2RayAsync("vmess", "ws+tls", at),
    };

    /// <summary>Every one of them.</summary>
    public static TheoryData<string> All => [.. Starts.Keys];

    /// <summary>Those that can be told an address of IPv6 to listen on.</summary>
    public static TheoryData<string> OfBothFamilies => [.. Starts.Keys.Where(name => name is not ("dante" or "ssh -D") && !name.StartsWith("stunnel", StringComparison.Ordinal))];

    /// <summary>Those that <c>curl</c> speaks to.</summary>
    public static TheoryData<string> OfCurl => [.. Starts.Keys.Where(name => !name.Contains("vless") && !name.Contains("vmess") && !name.Contains("trojan") && name is not ("ss-server" or "v2ray shadowsocks"))];

    /// <summary>The same with a secret that the server does not know; null where there is none.</summary>
    public Dictionary<string, string>? Wrong { get; init; }

    /// <summary>How it refuses them.</summary>
    public Ending Refused { get; init; } = new(Stage.Handshake, [Failure.AuthenticationRefused]);

    /// <summary>How it ends where the target is closed.</summary>
    public Ending Closed { get; init; } = new(Stage.Tunnel, [Failure.TargetRefused]);

    /// <summary>What has to end with it.</summary>
    public IReadOnlyList<IAsyncDisposable> Beside { get; init; } = [];

    /// <summary>The front, where a client that speaks no TLS needs the other end of it.</summary>
    public StunnelPeer? Front => Peer as StunnelPeer;

    /// <summary>Starts one of them on a loopback address.</summary>
    public static Task<ProxyCase> StartAsync(string name, string at = "127.0.0.1") => Starts[name](at);

    public async ValueTask DisposeAsync()
    {
        await Peer.DisposeAsync();
        foreach (var beside in Beside) await beside.DisposeAsync();
    }

    // Trap 1: it says success before it has tried, so only the proof fails.
    private static Ending Optimistic => new(Stage.Proof, [Failure.NothingCarried]);

    private static ProxyCase Socks(string at, IProxyPeer peer, bool login = true) => login
        ? new("socks5", at, peer, Named("password", Login.Password)) { Wrong = Named("password", "wrong") }
        : new("socks5", at, peer, []);

    private static ProxyCase Http(string at, IProxyPeer peer, bool login = true)
    {
        var gateway = new Ending(Stage.Tunnel, [Failure.TunnelFailed, Failure.TargetUnreachable]);
        return login
            ? new("http-connect", at, peer, Named("basic", Login.Password)) { Wrong = Named("basic", "wrong"), Closed = gateway }
            : new("http-connect", at, peer, []) { Closed = gateway };
    }

    private static async Task<ProxyCase> InTlsAsync(string at, ProxyCase inner)
    {
        var front = await StunnelPeer.StartAsync(inner.Peer.Port);
        return inner with
        {
            Protocol = inner.Protocol == "socks5" ? "socks5-tls" : "https-connect", At = at, Peer = front, Beside = [inner.Peer],
            Right = Pinned(inner.Right, front.Fingerprint), Wrong = Pinned(inner.Wrong!, front.Fingerprint),
        };
    }

    private static async Task<ProxyCase> TrojanAsync(string at)
    {
        var (certificate, webSite) = (new PeerCertificate(), new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadAsync(stream, 58, stop); // a password and the end of its line
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHi\n"u8.ToArray(), stop);
        }));
        var peer = await TrojanPeer.StartAsync("secret", certificate, webSite.Port, at);
        return Tunnel("trojan", at, peer, secret => Pinned(new() { ["password"] = secret == User ? "secret" : "wrong" }, certificate.Fingerprint)) with
        {
            Refused = new(Stage.Handshake, [Failure.SecretNotAccepted]), Beside = [webSite, certificate],
        };
    }

    private static async Task<ProxyCase> V2RayAsync(string protocol, string layers, string at)
    {
        var certificate = new PeerCertificate();
        var (ws, tls) = (layers.StartsWith("ws", StringComparison.Ordinal), layers.EndsWith("tls", StringComparison.Ordinal));
        var stream = ws ? tls ? V2RayPeer.WebSocket("/a", certificate) : V2RayPeer.WebSocket("/a") : tls ? V2RayPeer.Tls(certificate) : null;
        var peer = protocol switch
        {
            "trojan" => await V2RayPeer.TrojanAsync("secret", certificate, at),
            "vless" => await V2RayPeer.VlessAsync(User, stream, at),
            _ => await V2RayPeer.VmessAsync(User, stream, at),
        };
        var tunnel = Tunnel(protocol, at, peer, Entered) with { Beside = [certificate] };
        return protocol != "vmess" ? tunnel : tunnel with { Refused = new(Stage.Handshake, [Failure.NoAnswer]), Closed = new(Stage.Proof, [Failure.NothingCarried, Failure.ConnectionReset]) };

        Dictionary<string, string> Entered(Guid id)
        {
            Dictionary<string, string> settings = protocol == "trojan"
                ? new() { ["password"] = id == User ? "secret" : "wrong" }
                : new() { ["id"] = $"{id}", ["security"] = tls ? "tls" : "none", ["transport"] = ws ? "ws" : "tcp" };
            if (ws) settings["path"] = "/a";
            return tls ? Pinned(settings, certificate.Fingerprint) : settings;
        }
    }

    /// <summary>Servers that say nothing of their own: an unknown secret and a closed target are the same to them.</summary>
    private static ProxyCase Tunnel(string protocol, string at, IProxyPeer peer, Func<Guid, Dictionary<string, string>> entered) =>
        new(protocol, at, peer, entered(User)) { Wrong = entered(Guid.NewGuid()), Refused = new(Stage.Handshake, Cut), Closed = new(Stage.Handshake, Cut) };

    /// <summary>Silent to strangers, but not where the target is closed.</summary>
    private static ProxyCase Shadowsocks(string at, IProxyPeer peer)
    {
        Dictionary<string, string> Entered(string password) => new() { ["method"] = "aes-256-gcm", ["password"] = password };
        return new("shadowsocks", at, peer, Entered("secret")) { Wrong = Entered("wrong"), Refused = new(Stage.Handshake, [Failure.NoAnswer]), Closed = new(Stage.Handshake, Cut) };
    }

    private static Dictionary<string, string> Named(string auth, string password) => new() { ["auth"] = auth, ["username"] = Login.User, ["password"] = password };

    private static Dictionary<string, string> Pinned(Dictionary<string, string> settings, string fingerprint) =>
        new(settings) { ["certificate"] = "pinned", ["fingerprint"] = fingerprint };
}

/// <summary>Where a probe ends, and as one of what.</summary>
internal sealed record Ending(Stage Stage, Failure[] OneOf);
