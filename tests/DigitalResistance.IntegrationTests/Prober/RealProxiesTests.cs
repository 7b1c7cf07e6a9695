using System.Net;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>Proxies that strangers wrote, probed as in production but for the loopback switch.</summary>
public sealed class RealProxiesTests : IAsyncLifetime
{
    private static readonly (string User, string Password) Login = ("u1", "secret");

    private readonly CanaryKeyRing _keys = new(new byte[32], ["local"], TimeProvider.System);
    private readonly ProbeCatalog _catalog = new();
    private readonly ProbeRunner _runner;
    private readonly CanaryListener _canary;

    public RealProxiesTests()
    {
        var dialer = new Dialer(new DialingOptions { AllowLoopback = true, Deadline = TimeSpan.FromSeconds(4) }, TimeProvider.System);
        _runner = new ProbeRunner(_catalog, dialer, TrustRoots.System, new ProbeRunnerOptions(), TimeProvider.System);
        _canary = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), _keys, TimeProvider.System);
    }

    public ValueTask InitializeAsync()
    {
        _canary.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _canary.DisposeAsync();

    [Fact]
    public async Task Microsocks_without_a_password_carries()
    {
        await using var peer = await MicrosocksPeer.StartAsync();
        Carries(await ProbeAsync("socks5", peer.Port));
        Fails(await ProbeAsync("socks5", peer.Port, target: ClosedPort()), Stage.Tunnel, Failure.TargetRefused);
        await peer.KillAsync();
        Fails(await ProbeAsync("socks5", peer.Port), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task Microsocks_with_a_password_carries_for_who_knows_it()
    {
        await using var peer = await MicrosocksPeer.StartAsync(Login);
        Carries(await ProbeAsync("socks5", peer.Port, Login));
        Fails(await ProbeAsync("socks5", peer.Port, (Login.User, "wrong")), Stage.Handshake, Failure.AuthenticationRefused);
        Fails(await ProbeAsync("socks5", peer.Port, ("nobody", Login.Password)), Stage.Handshake, Failure.AuthenticationRefused);
        Fails(await ProbeAsync("socks5", peer.Port), Stage.Handshake, Failure.AuthenticationRequired);
    }

    [Fact]
    public async Task Dante_carries_and_its_rules_show()
    {
        var forbidden = ClosedPort();
        await using var peer = await DantePeer.StartAsync(forbidden);
        Carries(await ProbeAsync("socks5", peer.Port));
        Fails(await ProbeAsync("socks5", peer.Port, target: ClosedPort()), Stage.Tunnel, Failure.TargetRefused);
        Fails(await ProbeAsync("socks5", peer.Port, target: forbidden), Stage.Tunnel, Failure.TunnelNotAllowed);
        Fails(await ProbeAsync("socks5", peer.Port, Login), Stage.Handshake, Failure.NoAcceptableMethod);
        await peer.KillAsync();
        Fails(await ProbeAsync("socks5", peer.Port), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task Dante_carries_datagrams_and_microsocks_says_that_it_does_not()
    {
        await using var dante = await DantePeer.StartAsync();
        await using var microsocks = await MicrosocksPeer.StartAsync(Login);
        var carried = await ProbeAsync("socks5", dante.Port, udp: true);
        Carries(carried);
        Assert.Equal(Stage.Datagrams, carried.Stage);

        var refused = await ProbeAsync("socks5", microsocks.Port, Login, udp: true);
        Assert.Equal((Outcome.Fail, Level.L1, Stage.Datagrams, Failure.CommandUnsupported), (refused.Outcome, refused.Level, refused.Stage, refused.Failure));
    }

    [Fact]
    public async Task Ssh_carries_and_closes_without_a_word_what_it_cannot_reach()
    {
        await using var peer = await SshProxyPeer.StartAsync();
        Carries(await ProbeAsync("socks5", peer.Port));
        Fails(await ProbeAsync("socks5", peer.Port, target: ClosedPort()), Stage.Tunnel, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync("socks5", peer.Port, Login), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset, Failure.NoAcceptableMethod);
        Fails(await ProbeAsync("socks5", peer.Port, udp: true), Stage.Datagrams, Failure.ConnectionClosed, Failure.ConnectionReset, Failure.CommandUnsupported);
        await peer.KillServerAsync();
        var dead = await ProbeAsync("socks5", peer.Port);
        Assert.Equal((Outcome.Fail, null), (dead.Outcome, dead.Egress));
    }

    [Fact]
    public async Task Squid_carries_for_who_knows_the_password_and_its_rules_show()
    {
        var forbidden = ClosedPort();
        await using var peer = await SquidPeer.StartAsync(Login, forbidden);
        Carries(await ProbeAsync("http-connect", peer.Port, Login));
        var refused = await ProbeAsync("http-connect", peer.Port, (Login.User, "wrong"));
        Fails(refused, Stage.Handshake, Failure.AuthenticationRefused);
        Assert.InRange(refused.ClockAhead!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(5)); // one machine, one clock
        Fails(await ProbeAsync("http-connect", peer.Port), Stage.Handshake, Failure.AuthenticationRequired);
        Fails(await ProbeAsync("http-connect", peer.Port, Login, ClosedPort()), Stage.Tunnel, Failure.TunnelFailed, Failure.TargetUnreachable);
        Fails(await ProbeAsync("http-connect", peer.Port, Login, forbidden), Stage.Handshake, Failure.TunnelNotAllowed);
        await peer.KillAsync();
        Fails(await ProbeAsync("http-connect", peer.Port, Login), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task Tinyproxy_with_basic_authentication_carries_for_who_knows_the_password()
    {
        await using var peer = await TinyproxyPeer.StartAsync(Login);
        Carries(await ProbeAsync("http-connect", peer.Port, Login));
        Fails(await ProbeAsync("http-connect", peer.Port, (Login.User, "wrong")), Stage.Handshake, Failure.AuthenticationRefused);
        Fails(await ProbeAsync("http-connect", peer.Port), Stage.Handshake, Failure.AuthenticationRequired);
        Fails(await ProbeAsync("http-connect", peer.Port, Login, ClosedPort()), Stage.Tunnel, Failure.TunnelFailed);
        await peer.KillAsync();
        Fails(await ProbeAsync("http-connect", peer.Port, Login), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task Tinyproxy_without_a_password_carries_where_its_rules_allow()
    {
        await using var peer = await TinyproxyPeer.StartAsync(connectPort: _canary.LocalEndPoint.Port);
        Carries(await ProbeAsync("http-connect", peer.Port));
        Fails(await ProbeAsync("http-connect", peer.Port, target: ClosedPort()), Stage.Handshake, Failure.TunnelNotAllowed);
    }

    [Fact]
    public async Task Stunnel_carries_both_protocols_inside_TLS_and_alone_it_carries_nothing()
    {
        await using var microsocks = await MicrosocksPeer.StartAsync(Login);
        await using var tinyproxy = await TinyproxyPeer.StartAsync(Login);
        await using var socks = await StunnelPeer.StartAsync(microsocks.Port);
        await using var https = await StunnelPeer.StartAsync(tinyproxy.Port);

        Carries(await ProbeInTlsAsync("socks5-tls", socks, "secret"));
        Carries(await ProbeInTlsAsync("https-connect", https, "secret"));
        Fails(await ProbeInTlsAsync("socks5-tls", socks, "wrong"), Stage.Handshake, Failure.AuthenticationRefused);
        Fails(await ProbeInTlsAsync("https-connect", https, "wrong"), Stage.Handshake, Failure.AuthenticationRefused);
        Fails(await ProbeInTlsAsync("socks5-tls", socks, "secret", https.Fingerprint), Stage.Handshake, Failure.CertificateUntrusted);
        Fails(await ProbeAsync("socks5-tls", microsocks.Port), Stage.Handshake, Failure.TlsFailed, Failure.ConnectionClosed, Failure.ConnectionReset);

        await microsocks.KillAsync();
        await tinyproxy.KillAsync();
        Fails(await ProbeInTlsAsync("socks5-tls", socks, "secret"), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeInTlsAsync("https-connect", https, "secret"), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
    }

    [Fact]
    public async Task Neither_protocol_takes_the_other_for_its_own()
    {
        await using var socks = await MicrosocksPeer.StartAsync();
        await using var http = await TinyproxyPeer.StartAsync();
        Fails(await ProbeAsync("http-connect", socks.Port), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset, Failure.WrongProtocol);
        Fails(await ProbeAsync("socks5", http.Port), Stage.Handshake, Failure.WrongProtocol, Failure.ConnectionClosed, Failure.NoAnswer);
    }

    [Fact]
    public async Task Control_is_proven_by_installing_what_was_minted()
    {
        var proof = new ControlProof(_runner, _catalog);
        var socks5 = (IMintsCredentials)_catalog.Find("socks5")!;
        var minted = socks5.Mint(((SettingsParse.Accepted)socks5.Parse(new Dictionary<string, string>())).Settings);

        await using var strangers = await MicrosocksPeer.StartAsync(Login);
        Assert.IsType<ControlProofResult.Unreachable>(await proof.ProveAsync(Assign("socks5", PeerProcess.FreePort(), minted.Values), CancellationToken.None));
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(Assign("socks5", strangers.Port, minted.Values), CancellationToken.None));

        await using var own = await MicrosocksPeer.StartAsync((minted["username"], minted["password"]));
        var proven = Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(Assign("socks5", own.Port, minted.Values), CancellationToken.None));
        Carries(proven.Report);

        await using var tinyproxy = await TinyproxyPeer.StartAsync((minted["username"], minted["password"]));
        var basic = new Dictionary<string, string> { ["auth"] = "basic", ["username"] = minted["username"], ["password"] = minted["password"] };
        Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(Assign("http-connect", tinyproxy.Port, basic), CancellationToken.None));
    }

    private static int ClosedPort() => PeerProcess.FreePort();

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
        Assert.True(report.Level < Level.L2);
    }

    private Task<ProbeReport> ProbeAsync(string protocol, int port, (string User, string Password)? login = null, int? target = null, bool udp = false)
    {
        var settings = new Dictionary<string, string>();
        if (udp) settings["udp"] = "yes";
        if (login is { } given)
        {
            settings["auth"] = protocol == "socks5" ? "password" : "basic";
            (settings["username"], settings["password"]) = given;
        }

        return _runner.ProbeAsync(Assign(protocol, port, settings, target), CancellationToken.None);
    }

    private Task<ProbeReport> ProbeInTlsAsync(string protocol, StunnelPeer front, string password, string? fingerprint = null) => _runner.ProbeAsync(Assign(protocol, front.Port, new Dictionary<string, string>
    {
        ["auth"] = protocol == "socks5-tls" ? "password" : "basic",
        ["username"] = Login.User,
        ["password"] = password,
        ["certificate"] = "pinned",
        ["fingerprint"] = fingerprint ?? front.Fingerprint,
    }), CancellationToken.None);

    private ProbeAssignment Assign(string protocol, int port, IReadOnlyDictionary<string, string> settings, int? target = null) => new(
        Guid.NewGuid(), 1, protocol, HostPort.Parse($"127.0.0.1:{port}"), settings,
        new ProbeTarget.Canary(HostPort.Parse($"127.0.0.1:{target ?? _canary.LocalEndPoint.Port}"), _keys.Issue("local")));
}
