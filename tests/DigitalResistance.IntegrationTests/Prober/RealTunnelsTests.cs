using System.Net;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Prober;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>Trojan, VLESS and VMess servers that strangers wrote, probed as in production but for the loopback switch.</summary>
public sealed class RealTunnelsTests : IAsyncLifetime
{
    private static readonly Guid User = Guid.NewGuid();

    private readonly CanaryKeyRing _keys = new(new byte[32], ["local"], TimeProvider.System);
    private readonly ProbeCatalog _catalog = new();
    private readonly CanaryListener _canary;
    private readonly PeerCertificate _certificate = new();
    private readonly ScriptedServer _webSite = new(async (stream, stop) =>
    {
        await ScriptedServer.ReadAsync(stream, 58, stop); // a password and the end of its line
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHi\n"u8.ToArray(), stop);
    });

    public RealTunnelsTests() => _canary = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), _keys, TimeProvider.System);

    public ValueTask InitializeAsync()
    {
        _canary.Start();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _canary.DisposeAsync();
        await _webSite.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task Trojan_carries_for_who_knows_the_password_and_its_web_site_is_not_proof()
    {
        await using var peer = await TrojanPeer.StartAsync("secret", _certificate, _webSite.Port);
        Carries(await ProbeAsync("trojan", peer.Port, Pinned(("password", "secret"))));

        // Trap 2: whoever has another password sees a web site, and "200 OK" through it.
        Fails(await ProbeAsync("trojan", peer.Port, Pinned(("password", "wrong"))), Stage.Handshake, Failure.SecretNotAccepted);
        Assert.True(_webSite.Visitors > 0);
        Fails(await ProbeAsync("trojan", peer.Port, Pinned(("password", "secret")), PeerProcess.FreePort()), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync("trojan", peer.Port, Settings(("password", "secret"))), Stage.Handshake, Failure.CertificateUntrusted);
        Fails(await KilledAsync("trojan", peer.Port, Pinned(("password", "secret")), peer.KillAsync), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync("trojan", peer.Port, Pinned(("password", "secret"))), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task V2ray_speaks_Trojan_too()
    {
        await using var peer = await V2RayPeer.TrojanAsync("secret", _certificate);
        Carries(await ProbeAsync("trojan", peer.Port, Pinned(("password", "secret"))));
        Fails(await ProbeAsync("trojan", peer.Port, Pinned(("password", "wrong"))), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync("trojan", peer.Port, Pinned(("password", "secret")), PeerProcess.FreePort()), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("ws")]
    [InlineData("ws+tls")]
    public async Task V2ray_carries_VLESS_over_every_layer(string layers)
    {
        await using var peer = await V2RayPeer.VlessAsync(User, Stream(layers));
        Carries(await ProbeAsync("vless", peer.Port, Layered(layers, User)));
        Fails(await ProbeAsync("vless", peer.Port, Layered(layers, Guid.NewGuid())), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);

        // Trap 1: nothing that the server says before the target's first byte is a success. It ends after its own second.
        Fails(await ProbeAsync("vless", peer.Port, Layered(layers, User), PeerProcess.FreePort()), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await KilledAsync("vless", peer.Port, Layered(layers, User), peer.KillAsync), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync("vless", peer.Port, Layered(layers, User)), Stage.Dial, Failure.ConnectionRefused);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("ws")]
    [InlineData("ws+tls")]
    public async Task V2ray_carries_VMess_and_is_silent_to_strangers_and_wrong_clocks(string layers)
    {
        await using var peer = await V2RayPeer.VmessAsync(User, Stream(layers));
        Carries(await ProbeAsync("vmess", peer.Port, Layered(layers, User)));

        // Trap 9: silence, whatever TLS and the WebSocket said before. Which of the two is wrong nobody can see from here.
        var wrong = await Task.WhenAll(
            ProbeAsync("vmess", peer.Port, Layered(layers, Guid.NewGuid())),
            ProbeAsync("vmess", peer.Port, Layered(layers, User), time: new OffClock(TimeSpan.FromSeconds(-150))),
            ProbeAsync("vmess", peer.Port, Layered(layers, User), time: new OffClock(TimeSpan.FromSeconds(150))));
        Assert.All(wrong, report => Fails(report, Stage.Handshake, Failure.NoAnswer));
        Carries(await ProbeAsync("vmess", peer.Port, Layered(layers, User), time: new OffClock(TimeSpan.FromSeconds(-90))));

        // Trap 5: the greeting decrypts and bears our mark, though the target is closed.
        var closed = await ProbeAsync("vmess", peer.Port, Layered(layers, User), PeerProcess.FreePort());
        Fails(closed, Stage.Proof, Failure.NothingCarried, Failure.ConnectionReset);
        Assert.Equal(Level.L1, closed.Level);
        var killed = await KilledAsync("vmess", peer.Port, Layered(layers, User), peer.KillAsync);
        Fails(killed, killed.Level == Level.L1 ? Stage.Proof : Stage.Handshake, Failure.NothingCarried, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync("vmess", peer.Port, Layered(layers, User)), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task A_WebSocket_under_another_path_and_TLS_where_there_is_none_say_so()
    {
        await using var ws = await V2RayPeer.VlessAsync(User, Stream("ws"));
        var elsewhere = Layered("ws", User);
        elsewhere["path"] = "/other";
        Fails(await ProbeAsync("vless", ws.Port, elsewhere), Stage.Handshake, Failure.WebSocketRefused);
        Fails(await ProbeAsync("vless", ws.Port, Layered("tls", User)), Stage.Handshake, Failure.TlsFailed);
    }

    [Fact]
    public async Task An_independent_client_agrees()
    {
        await using var vless = await V2RayPeer.VlessAsync(User, Stream("ws+tls"));
        await using var vmess = await V2RayPeer.VmessAsync(User, Stream("ws"));
        await using var trojan = await TrojanPeer.StartAsync("secret", _certificate, _webSite.Port);
        foreach (var (user, password, agrees) in new[] { (User, "secret", true), (Guid.NewGuid(), "wrong", false) })
        {
            await using var overVless = await V2RayPeer.ClientAsync("vless", V2RayPeer.At(vless.Port, new { id = user, encryption = "none" }), V2RayPeer.Trusting("ws", "/a"));
            await using var overVmess = await V2RayPeer.ClientAsync("vmess", V2RayPeer.At(vmess.Port, new { id = user, alterId = 0, security = "auto" }), V2RayPeer.WebSocket("/a"));
            await using var overTrojan = await V2RayPeer.ClientAsync("trojan", new { servers = new[] { new { address = "127.0.0.1", port = trojan.Port, password } } }, V2RayPeer.Trusting("tcp"));
            Assert.Equal((agrees, agrees, agrees), (await FetchesAsync(overVless), await FetchesAsync(overVmess), await FetchesAsync(overTrojan)));
        }
    }

    [Fact]
    public async Task Control_is_proven_by_installing_what_was_minted()
    {
        var vless = (IMintsCredentials)_catalog.Find("vless")!;
        var minted = vless.Mint(((SettingsParse.Accepted)vless.Parse(Layered("tcp", User))).Settings);
        await using var strangers = await V2RayPeer.VlessAsync(User);
        await using var own = await V2RayPeer.VlessAsync(Guid.Parse(minted["id"]));
        var proof = new ControlProof(Runner(), _catalog);
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(Assign("vless", strangers.Port, minted.Values), CancellationToken.None));
        Carries(Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(Assign("vless", own.Port, minted.Values), CancellationToken.None)).Report);
    }

    private static void Carries(ProbeReport report)
    {
        Assert.Equal((Outcome.Ok, Level.L2, null), (report.Outcome, report.Level, report.Failure));
        Assert.Equal(IPAddress.Loopback, report.Egress?.Value);
    }

    private static void Fails(ProbeReport report, Stage stage, params Failure[] one)
    {
        Assert.Equal((Outcome.Fail, stage), (report.Outcome, report.Stage));
        Assert.Contains(report.Failure!.Value, one);
        Assert.Null(report.Egress);
        Assert.False(report.IsLie);
        Assert.True(report.Level < Level.L2);
    }

    /// <summary>A target that takes the connection and says nothing: while the server waits for it, the server dies.</summary>
    private async Task<ProbeReport> KilledAsync(string protocol, int port, Dictionary<string, string> settings, Func<Task> killAsync)
    {
        await using var target = new ScriptedServer(ScriptedServer.Silence);
        var probing = ProbeAsync(protocol, port, settings, target.Port);
        while (target.Visitors == 0 && !probing.IsCompleted) await Task.Delay(5);
        await killAsync();
        return await probing;
    }

    /// <summary>Whether curl, through a client of strangers, gets the page that one port on loopback has.</summary>
    private static async Task<bool> FetchesAsync(V2RayPeer client)
    {
        await using var origin = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nORIGIN-OK"u8.ToArray(), stop);
        });
        var page = await PeerProcess.RunAsync("sh", ["-c", $"{Needs.Program("curl")} -sS -m 5 -x socks5h://127.0.0.1:{client.Port} http://127.0.0.1:{origin.Port}/ || true"]);
        return page == "ORIGIN-OK";
    }

    private object? Stream(string layers) => layers switch
    {
        "tls" => V2RayPeer.Tls(_certificate),
        "ws" => V2RayPeer.WebSocket("/a"),
        "ws+tls" => V2RayPeer.WebSocket("/a", _certificate),
        _ => null,
    };

    private Dictionary<string, string> Layered(string layers, Guid id)
    {
        var settings = layers.EndsWith("tls", StringComparison.Ordinal) ? Pinned(("id", $"{id}"), ("security", "tls")) : Settings(("id", $"{id}"), ("security", "none"));
        if (layers.StartsWith("ws", StringComparison.Ordinal)) (settings["transport"], settings["path"]) = ("ws", "/a");
        return settings;
    }

    private Dictionary<string, string> Pinned(params (string Name, string Value)[] settings) => Settings([.. settings, ("certificate", "pinned"), ("fingerprint", _certificate.Fingerprint)]);

    private static Dictionary<string, string> Settings(params (string Name, string Value)[] settings) => settings.ToDictionary(s => s.Name, s => s.Value);

    private Task<ProbeReport> ProbeAsync(string protocol, int port, Dictionary<string, string> settings, int? target = null, TimeProvider? time = null) =>
        Runner(time).ProbeAsync(Assign(protocol, port, settings, target), CancellationToken.None);

    private ProbeRunner Runner(TimeProvider? time = null) => new(
        _catalog, new Dialer(new DialingOptions { AllowLoopback = true, Deadline = TimeSpan.FromSeconds(4) }, TimeProvider.System), TrustRoots.System, new ProbeRunnerOptions(), time ?? TimeProvider.System);

    private ProbeAssignment Assign(string protocol, int port, IReadOnlyDictionary<string, string> settings, int? target = null) => new(
        Guid.NewGuid(), 1, protocol, HostPort.Parse($"127.0.0.1:{port}"), settings,
        new ProbeTarget.Canary(HostPort.Parse($"127.0.0.1:{target ?? _canary.LocalEndPoint.Port}"), _keys.Issue("local")));
}
