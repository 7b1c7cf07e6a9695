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

/// <summary>Shadowsocks servers that strangers wrote, probed as in production but for the loopback switch and a shorter deadline, since who is wrong is met with silence.</summary>
public sealed class RealShadowsocksTests : IAsyncLifetime
{
    private readonly CanaryKeyRing _keys = new(new byte[32], ["local"], TimeProvider.System);
    private readonly ProbeCatalog _catalog = new();
    private readonly CanaryListener _canary;

    public RealShadowsocksTests() => _canary = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), _keys, TimeProvider.System);

    public ValueTask InitializeAsync()
    {
        _canary.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _canary.DisposeAsync();

    [Theory]
    [InlineData("chacha20-ietf-poly1305")]
    [InlineData("aes-256-gcm")]
    [InlineData("aes-128-gcm")]
    public async Task Shadowsocks_libev_carries_and_is_silent_to_who_has_another_password_or_cipher(string method)
    {
        await using var peer = await ShadowsocksPeer.StartAsync(method, "secret", more: ["-u"]);
        Carries(await ProbeAsync(peer.Port, Settings(method)));
        Assert.Equal(Stage.Datagrams, Carries(await ProbeAsync(peer.Port, Datagrams(method))).Stage);
        await SilentToOthersAsync(peer.Port, method);
        Fails(await ProbeAsync(peer.Port, Settings(method), target: PeerProcess.FreePort()), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await KilledAsync(peer.Port, Settings(method), peer.KillAsync), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync(peer.Port, Settings(method)), Stage.Dial, Failure.ConnectionRefused);
    }

    [Theory]
    [InlineData("chacha20-ietf-poly1305")]
    [InlineData("aes-256-gcm")]
    [InlineData("aes-128-gcm")]
    public async Task V2ray_speaks_Shadowsocks_too(string method)
    {
        await using var peer = await V2RayPeer.ShadowsocksAsync(method, "secret");
        Carries(await ProbeAsync(peer.Port, Settings(method)));
        Assert.Equal(Stage.Datagrams, Carries(await ProbeAsync(peer.Port, Datagrams(method))).Stage);
        await SilentToOthersAsync(peer.Port, method);

        // It ends after a second of its own.
        Fails(await ProbeAsync(peer.Port, Settings(method), target: PeerProcess.FreePort()), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await KilledAsync(peer.Port, Settings(method), peer.KillAsync), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync(peer.Port, Settings(method)), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task A_server_that_carries_streams_only_loses_datagrams()
    {
        await using var peer = await ShadowsocksPeer.StartAsync("aes-256-gcm", "secret");
        Carries(await ProbeAsync(peer.Port, Settings("aes-256-gcm")));
        Fails(await ProbeAsync(peer.Port, Datagrams("aes-256-gcm")), Stage.Datagrams, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task Behind_simple_obfs_it_carries_and_a_wrong_password_gets_nothing()
    {
        await using var peer = await ShadowsocksPeer.StartAsync("aes-256-gcm", "secret", more: ["-u", "--plugin", Needs.Program("obfs-server"), "--plugin-opts", "obfs=http"]);
        var obfs = Settings("aes-256-gcm");
        (obfs["plugin"], obfs["obfs_host"], obfs["udp"]) = ("obfs-http", "www.example.com", "yes");
        await peer.WaitAsync(async () => (await ProbeAsync(peer.Port, obfs)).Outcome == Outcome.Ok); // the plugin listens before the server behind it does
        Assert.Equal(Stage.Datagrams, Carries(await ProbeAsync(peer.Port, obfs)).Stage);

        var wrong = new Dictionary<string, string>(obfs) { ["password"] = "wrong" };
        Fails(await Runner(1.5).ProbeAsync(Assign(peer.Port, wrong), CancellationToken.None), Stage.Handshake, Failure.NoAnswer, Failure.ConnectionClosed, Failure.ConnectionReset);
        Carries(await ProbeAsync(peer.Port, Settings("aes-256-gcm"))); // it lets through what is not in its form
        Fails(await ProbeAsync(peer.Port, obfs, target: PeerProcess.FreePort()), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);

        await using var client = await ShadowsocksClient.StartAsync(peer.Port, "aes-256-gcm", "secret", "--plugin", Needs.Program("obfs-local"), "--plugin-opts", "obfs=http;obfs-host=www.example.com");
        Assert.True(await FetchesAsync(client.Port));
    }

    [Fact]
    public async Task An_independent_client_agrees()
    {
        await using var peer = await ShadowsocksPeer.StartAsync("aes-256-gcm", "secret");
        foreach (var (password, agrees) in new[] { ("secret", true), ("wrong", false) })
        {
            await using var client = await ShadowsocksClient.StartAsync(peer.Port, "aes-256-gcm", password);
            Assert.Equal(agrees, await FetchesAsync(client.Port));
            Assert.Equal(agrees, (await Runner(2).ProbeAsync(Assign(peer.Port, Settings("aes-256-gcm", password)), CancellationToken.None)).Outcome == Outcome.Ok);
        }
    }

    [Fact]
    public async Task Control_is_proven_by_installing_the_minted_password()
    {
        var probe = (IMintsCredentials)_catalog.Find("shadowsocks")!;
        var minted = probe.Mint(((SettingsParse.Accepted)probe.Parse(Settings("chacha20-ietf-poly1305"))).Settings);
        await using var strangers = await ShadowsocksPeer.StartAsync("chacha20-ietf-poly1305", "secret");
        await using var own = await ShadowsocksPeer.StartAsync("chacha20-ietf-poly1305", minted["password"]);
        var proof = new ControlProof(Runner(2), _catalog);
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(Assign(strangers.Port, minted.Values), CancellationToken.None));
        Carries(Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(Assign(own.Port, minted.Values), CancellationToken.None)).Report);
    }

    private async Task SilentToOthersAsync(int port, string method)
    {
        var others = new[] { "chacha20-ietf-poly1305", "aes-256-gcm", "aes-128-gcm" }.Where(other => other != method).Select(other => Settings(other)).Append(Settings(method, "wrong"));
        Assert.All(await Task.WhenAll(others.Select(settings => Runner(1.5).ProbeAsync(Assign(port, settings), CancellationToken.None))), report => Fails(report, Stage.Handshake, Failure.NoAnswer));
    }

    private static ProbeReport Carries(ProbeReport report)
    {
        Assert.Equal((Outcome.Ok, Level.L2, null), (report.Outcome, report.Level, report.Failure));
        Assert.Equal(IPAddress.Loopback, report.Egress?.Value);
        return report;
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
    private async Task<ProbeReport> KilledAsync(int port, Dictionary<string, string> settings, Func<Task> killAsync)
    {
        await using var target = new ScriptedServer(ScriptedServer.Silence);
        var probing = ProbeAsync(port, settings, target: target.Port);
        while (target.Visitors == 0 && !probing.IsCompleted) await Task.Delay(5);
        await killAsync();
        return await probing;
    }

    /// <summary>Whether curl, through a client of strangers, gets the page that one port on loopback has.</summary>
    private static async Task<bool> FetchesAsync(int client)
    {
        await using var origin = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nORIGIN-OK"u8.ToArray(), stop);
        });
        var page = await PeerProcess.RunAsync("sh", ["-c", $"{Needs.Program("curl")} -sS -m 2 -x socks5h://127.0.0.1:{client} http://127.0.0.1:{origin.Port}/ || true"]);
        return page == "ORIGIN-OK";
    }

    private static Dictionary<string, string> Settings(string method, string password = "secret") => new() { ["method"] = method, ["password"] = password };

    private static Dictionary<string, string> Datagrams(string method) => new(Settings(method)) { ["udp"] = "yes" };

    private Task<ProbeReport> ProbeAsync(int port, Dictionary<string, string> settings, int? target = null) =>
        Runner().ProbeAsync(Assign(port, settings, target), CancellationToken.None);

    private ProbeRunner Runner(double seconds = 10) => new(
        _catalog, new Dialer(new DialingOptions { AllowLoopback = true, Deadline = TimeSpan.FromSeconds(seconds) }, TimeProvider.System), TrustRoots.System, new ProbeRunnerOptions(), TimeProvider.System);

    private ProbeAssignment Assign(int port, IReadOnlyDictionary<string, string> settings, int? target = null) => new(
        Guid.NewGuid(), 1, "shadowsocks", HostPort.Parse($"127.0.0.1:{port}"), settings,
        new ProbeTarget.Canary(HostPort.Parse($"127.0.0.1:{target ?? _canary.LocalEndPoint.Port}"), _keys.Issue("local")));
}
