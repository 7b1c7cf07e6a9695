using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.MtProto;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Prober;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>Telegram's own proxies that strangers wrote, in front of a Telegram with a test's key, probed as in production but for the loopback switch.</summary>
public sealed class RealMtProtoTests : IAsyncLifetime
{
    private const string Key = "0102030405060708090a0b0c0d0e0f10";
    private const string OtherKey = "ff02030405060708090a0b0c0d0e0f10";
    private const string Site = "7777772e6578616d706c652e6e6574"; // www.example.net

    private readonly FakeTelegram _telegram = new();
    private readonly FakeTelegram _silent = new() { IsSilent = true };
    private readonly ScriptedServer _dataCentre;
    private readonly ScriptedServer _middleEnd;

    public RealMtProtoTests()
    {
        _dataCentre = new ScriptedServer(new FakeDataCentre(_telegram).ServeAsync);
        _middleEnd = new ScriptedServer(new FakeMiddleEnd(_telegram).ServeAsync);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _dataCentre.DisposeAsync();
        await _middleEnd.DisposeAsync();
    }

    [Fact]
    public async Task V2ray_leads_to_Telegram_with_a_plain_secret()
    {
        await using var peer = await V2RayPeer.MtProtoAsync(Key, _dataCentre.Port);
        Carries(await ProbeAsync(peer.Port, Key));

        // Nobody without the secret, and no other kind of secret than its own, gets an answer.
        foreach (var secret in new[] { OtherKey, "dd" + Key, "ee" + Key + Site }) Fails(await ProbeAsync(peer.Port, secret), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);

        // Silence says nothing of its reason.
        await peer.FreezeAsync();
        Fails(await ProbeAsync(peer.Port, Key, deadline: TimeSpan.FromSeconds(1)), Stage.Handshake, Failure.NoAnswer);
    }

    [Fact]
    public async Task Who_holds_another_key_than_Telegrams_is_not_Telegram()
    {
        await using var peer = await V2RayPeer.MtProtoAsync(Key, _dataCentre.Port);
        Fails(await ProbeAsync(peer.Port, Key, new FakeTelegram(ownKey: true)), Stage.Proof, Failure.ProofRefused);
    }

    [Fact]
    public async Task V2ray_that_cannot_reach_Telegram_or_dies_carries_nothing()
    {
        await using var silent = new ScriptedServer(new FakeDataCentre(_silent).ServeAsync);
        await using var peer = await V2RayPeer.MtProtoAsync(Key, silent.Port);
        Fails(await KilledAsync(peer.Port, Key, peer.KillAsync), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync(peer.Port, Key), Stage.Dial, Failure.ConnectionRefused);

        await using var lonely = await V2RayPeer.MtProtoAsync(Key, PeerProcess.FreePort());
        Fails(await ProbeAsync(lonely.Port, Key), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
    }

    [Fact]
    public async Task Mtprotoproxy_leads_to_Telegram_with_a_padded_secret()
    {
        await using var peer = await MtProtoPeer.StartAsync(_middleEnd.Port, "dd" + Key);
        Carries(await ProbeAsync(peer.Port, "dd" + Key));
        foreach (var secret in new[] { "dd" + OtherKey, Key, "ee" + Key + Site }) Fails(await ProbeAsync(peer.Port, secret), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        await peer.FreezeAsync();
        Fails(await ProbeAsync(peer.Port, "dd" + Key, deadline: TimeSpan.FromSeconds(1)), Stage.Handshake, Failure.NoAnswer);
    }

    [Theory]
    [InlineData("dd" + Key, "", Stage.Handshake)]
    [InlineData("ee" + Key, Site, Stage.Proof)]
    public async Task Mtprotoproxy_that_dies_carries_nothing(string secret, string site, Stage stage)
    {
        await using var silent = new ScriptedServer(new FakeMiddleEnd(_silent).ServeAsync);
        await using var peer = await MtProtoPeer.StartAsync(silent.Port, secret);
        Fails(await KilledAsync(peer.Port, secret + site, peer.KillAsync), stage, Failure.ConnectionClosed, Failure.ConnectionReset, Failure.NothingCarried);
        Fails(await ProbeAsync(peer.Port, secret + site), Stage.Dial, Failure.ConnectionRefused);
    }

    [Fact]
    public async Task Trap_3_fake_TLS_that_shows_a_real_web_site_to_whoever_has_another_secret_or_clock()
    {
        using var certificate = new PeerCertificate();
        await using var site = new ScriptedServer(async (stream, stop) =>
        {
            using var identity = X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile);
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = identity, EnabledSslProtocols = SslProtocols.Tls13 }, stop);
            await ScriptedServer.Silence(stream, stop);
        });

        // None of the proxies that do this runs here; this one is ours, the site's TLS is real.
        await using var proxy = new ScriptedServer(new MtProtoServer(ProxySecret.Parse("ee" + Key + Site)!, _telegram)
        {
            Otherwise = async (stream, hello, stop) =>
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, site.Port, stop);
                await client.GetStream().WriteAsync(hello, stop);
                await Task.WhenAny(stream.CopyToAsync(client.GetStream(), stop), client.GetStream().CopyToAsync(stream, stop));
            },
        }.ServeAsync);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, proxy.Port);
            await client.GetStream().WriteAsync(ClientHello.Write(HelloSize.Large, "www.example.net", new byte[16], DateTimeOffset.UtcNow));
            var answer = new List<byte>();
            while (ServerHello.Parse(answer.ToArray()) is { Message: null, Refusal: null }) answer.AddRange(await ScriptedServer.ReadAsync(client.GetStream(), 1, CancellationToken.None));
            Assert.NotNull(ServerHello.Parse(answer.ToArray()).Message); // in the very shape of the proxy's own
        }

        Carries(await ProbeAsync(proxy.Port, "ee" + Key + Site));
        Fails(await ProbeAsync(proxy.Port, "ee" + OtherKey + Site), Stage.Handshake, Failure.SecretNotAccepted);
        Fails(await ProbeAsync(proxy.Port, "ee" + Key + Site, time: new OffClock(TimeSpan.FromMinutes(2))), Stage.Handshake, Failure.SecretNotAccepted);
    }

    [Fact]
    public async Task Trap_10_Mtprotoproxy_carries_inside_fake_TLS_for_the_apps_of_2019_and_for_no_others()
    {
        await using var peer = await MtProtoPeer.StartAsync(_middleEnd.Port, "ee" + Key);
        var report = await ProbeAsync(peer.Port, "ee" + Key + Site);
        Assert.Equal((Outcome.Fail, Level.L3, Failure.OldClientsOnly), (report.Outcome, report.Level, report.Failure));

        Fails(await ProbeAsync(peer.Port, "ee" + OtherKey + Site), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Fails(await ProbeAsync(peer.Port, "dd" + Key), Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);

        // Ten minutes are allowed.
        foreach (var (minutes, failure) in new[] { (-11, true), (11, true), (-9, false), (9, false) })
        {
            var off = await ProbeAsync(peer.Port, "ee" + Key + Site, time: new OffClock(TimeSpan.FromMinutes(minutes)));
            if (failure) Fails(off, Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
            else Assert.Equal((Level.L3, Failure.OldClientsOnly), (off.Level, off.Failure));
        }
    }

    [Theory]
    [InlineData("dd" + Key, "", Stage.Handshake, Level.L0)]
    [InlineData("ee" + Key, Site, Stage.Proof, Level.L1)]
    public async Task Trap_4_Mtprotoproxy_whose_middle_end_is_dead_carries_nothing_though_it_shakes_hands(string secret, string site, Stage stage, Level level)
    {
        var middleEnd = new ScriptedServer(new FakeMiddleEnd(_telegram).ServeAsync);
        await using var peer = await MtProtoPeer.StartAsync(middleEnd.Port, secret);
        Assert.Equal(Level.L3, (await ProbeAsync(peer.Port, secret + site)).Level);
        await middleEnd.DisposeAsync();
        var report = await ProbeAsync(peer.Port, secret + site);
        Fails(report, stage, Failure.NoAnswer, Failure.TooSlow, Failure.NothingCarried, Failure.ConnectionClosed, Failure.ConnectionReset);
        Assert.Equal(level, report.Level);
    }

    [Fact]
    public async Task Control_is_proven_by_installing_the_secret_that_was_minted()
    {
        var catalog = new ProbeCatalog();
        var probe = (IMintsCredentials)catalog.Find("mtproto")!;
        foreach (var (old, strangers) in new[] { (Key, false), ("dd" + Key, false), ("ee" + Key + Site, false), ("ee" + Key + Site, true) })
        {
            var entered = Assert.IsType<SettingsParse.Accepted>(probe.Parse(new Dictionary<string, string> { ["secret"] = old })).Settings;
            var minted = probe.Mint(entered);
            var installed = strangers ? old : minted["secret"];
            await using IProxyPeer peer = old == Key ? await V2RayPeer.MtProtoAsync(installed, _dataCentre.Port) : await MtProtoPeer.StartAsync(_middleEnd.Port, installed[..34]);
            var result = await new ControlProof(Runner(catalog), catalog).ProveAsync(Assign(peer.Port, minted["secret"], _telegram), CancellationToken.None);
            if (strangers) Assert.IsType<ControlProofResult.MintedRefused>(result);
            else Assert.Equal(Level.L3, Assert.IsType<ControlProofResult.Proven>(result).Report.Level);
        }
    }

    [Fact]
    public async Task Telethon_agrees()
    {
        await using var plain = await V2RayPeer.MtProtoAsync(Key, _dataCentre.Port);
        await using var padded = await MtProtoPeer.StartAsync(_middleEnd.Port, "dd" + Key);
        var asked = new[] { (plain.Port, Key), (plain.Port, OtherKey), (padded.Port, "dd" + Key), (padded.Port, "dd" + OtherKey) };
        var theirs = await Task.WhenAll(asked.Select(proxy => TelethonAsync(proxy.Port, proxy.Item2)));
        var ours = await Task.WhenAll(asked.Select(proxy => ProbeAsync(proxy.Port, proxy.Item2)));
        Assert.Equal([true, false, true, false], theirs.Select(said => said == "ok"));
        Assert.Equal(theirs.Select(said => said == "ok"), ours.Select(report => report.Outcome == Outcome.Ok));
    }

    private static void Carries(ProbeReport report) =>
        Assert.Equal((Outcome.Ok, Level.L3, null, Stage.Proof), (report.Outcome, report.Level, report.Failure, report.Stage));

    private static void Fails(ProbeReport report, Stage stage, params Failure[] one)
    {
        Assert.Equal((Outcome.Fail, stage), (report.Outcome, report.Stage));
        Assert.Contains(report.Failure!.Value, one);
        Assert.False(report.IsLie);
        Assert.True(report.Level < Level.L2);
    }
    /// <summary>While the proxy waits for an answer of Telegram's, it dies.</summary>
    private async Task<ProbeReport> KilledAsync(int port, string secret, Func<Task> killAsync)
    {
        var probing = ProbeAsync(port, secret, _silent);
        while (_silent.Questions == 0 && !probing.IsCompleted) await Task.Delay(5);
        await killAsync();
        return await probing;
    }

    // Debian's own Python: another one that comes first on PATH does not see Debian's packages.
    private static async Task<string> TelethonAsync(int port, string secret)
    {
        if (!Directory.Exists("/usr/lib/python3/dist-packages/telethon")) throw Needs.Missing("python3-telethon is not installed");
        return (await PeerProcess.RunAsync("/usr/bin/python3", [Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/telethon/ask.py"), $"{port}", secret])).Trim();
    }

    private Task<ProbeReport> ProbeAsync(int port, string secret, FakeTelegram? telegram = null, TimeProvider? time = null, TimeSpan? deadline = null) =>
        Runner(new ProbeCatalog(), time, deadline).ProbeAsync(Assign(port, secret, telegram ?? _telegram), CancellationToken.None);

    private static ProbeRunner Runner(ProbeCatalog catalog, TimeProvider? time = null, TimeSpan? deadline = null) => new(
        catalog, new Dialer(new DialingOptions { AllowLoopback = true, Deadline = deadline ?? TimeSpan.FromSeconds(10) }, TimeProvider.System), TrustRoots.System, new ProbeRunnerOptions(),
        time ?? TimeProvider.System);

    private static ProbeAssignment Assign(int port, string secret, FakeTelegram telegram) => new(
        Guid.NewGuid(), 1, "mtproto", HostPort.Parse($"127.0.0.1:{port}"), new Dictionary<string, string> { ["secret"] = secret }, telegram.Target());
}
