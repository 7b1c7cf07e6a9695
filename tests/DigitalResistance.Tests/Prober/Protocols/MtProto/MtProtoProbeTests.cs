using DigitalResistance.Prober;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Tests.Prober.Protocols.MtProto;

public sealed class MtProtoProbeTests
{
    private const string Domain = "www.example.net";
    private static readonly byte[] Key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    private readonly FakeTelegram _telegram = new();

    public static TheoryData<string> Kinds => ["Plain", "Padded", "FakeTls"];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Telegram_behind_the_proxy_proves_itself_and_shows_its_clock(string kind)
    {
        var telegram = new FakeTelegram { Now = DateTimeOffset.UtcNow.AddMinutes(-7) };
        await using var server = Serve(Secret(kind), telegram);
        var report = await ProbeAsync(server, Secret(kind), telegram);
        Assert.Equal((Outcome.Ok, Level.L3, null, Stage.Proof), (report.Outcome, report.Level, report.Failure, report.Stage));
        Assert.InRange(report.ClockAhead!.Value, TimeSpan.FromMinutes(-8), TimeSpan.FromMinutes(-6.9));
    }

    [Fact]
    public async Task Telegram_itself_proves_itself_to_who_asks_it_directly()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(2));
        await using var centre = new ScriptedServer(new MtProtoServer(new ProxySecret(SecretKind.Plain, [], ""), _telegram).ServeAsync);
        var direct = new DirectCheck(proving.Dialer, DigitalResistance.Prober.Dialing.TrustRoots.System, TimeProvider.System);
        Assert.Equal((Outcome.Ok, Level.L3), (await direct.CheckAsync(_telegram.Target(centre.Port), CancellationToken.None)) is var seen ? (seen.Outcome, seen.Level) : default);

        // Whoever has not its key is not Telegram, wherever it answers.
        var other = new FakeTelegram(ownKey: true);
        Assert.Equal(Failure.ProofRefused, (await direct.CheckAsync(other.Target(centre.Port), CancellationToken.None)).Failure);
    }

    [Fact]
    public async Task A_socks_server_may_lead_to_Telegram_as_well()
    {
        await using var proving = new Proving();
        await using var centre = new ScriptedServer(new MtProtoServer(new ProxySecret(SecretKind.Plain, [], ""), _telegram).ServeAsync);
        await using var server = new ScriptedServer(HonestServers.All["socks5"].ServeAsync);
        var report = await proving.ProbeAsync("socks5", server.Address, HonestServers.All["socks5"].Settings, _telegram.Target(centre.Port));
        Assert.Equal((Outcome.Ok, Level.L3), (report.Outcome, report.Level));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Another_secret_is_refused_in_the_handshake(string kind)
    {
        await using var server = Serve(Secret(kind), _telegram);
        var other = Secret(kind) with { Key = new byte[16] };
        var report = await ProbeAsync(server, other, _telegram, TimeSpan.FromSeconds(1));
        Assert.Equal((Outcome.Fail, Stage.Handshake, Level.L0), (report.Outcome, report.Stage, report.Level));
        Assert.True(((MtProtoProbe)Proving.Catalog.Find("mtproto")!).Refuses(report));
    }

    [Fact]
    public async Task A_real_web_site_behind_a_wrong_secret_is_not_taken_for_the_proxy()
    {
        // Trap 3: the mask site answers a real TLS 1.3 ServerHello of the same shape; only its random tells them apart.
        await using var server = new ScriptedServer(new MtProtoServer(Secret("FakeTls"), _telegram)
        {
            Otherwise = async (stream, hello, stop) =>
            {
                await stream.WriteAsync(new MtProtoServer(Secret("FakeTls") with { Key = new byte[16] }, _telegram).ServerHelloFor(hello), stop);
                await ScriptedServer.Silence(stream, stop);
            },
        }.ServeAsync);
        var report = await ProbeAsync(server, Secret("FakeTls") with { Key = [.. Enumerable.Repeat((byte)7, 16)] }, _telegram);
        Assert.Equal((Failure.SecretNotAccepted, Stage.Handshake, Level.L0), (report.Failure, report.Stage, report.Level));
        Assert.False(report.IsLie);
    }

    [Theory]
    [InlineData(120, Failure.SecretNotAccepted)]
    [InlineData(0, null)]
    public async Task A_clock_that_is_off_counts_as_a_wrong_secret(int secondsOff, Failure? failure)
    {
        await using var server = new ScriptedServer(new MtProtoServer(Secret("FakeTls"), _telegram)
        {
            Otherwise = async (stream, _, stop) => await stream.WriteAsync(new byte[] { 21, 3, 3, 0, 2, 2, 40 }, stop), // a real site's alert
        }.ServeAsync);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow.AddSeconds(secondsOff)) { AutoAdvanceAmount = TimeSpan.Zero };
        var report = await ProbeAsync(server, Secret("FakeTls"), _telegram, time: time);
        Assert.Equal(failure, report.Failure);
    }

    [Fact]
    public async Task A_proxy_that_lets_old_clients_in_only_is_told_so()
    {
        // Trap 10: a prober with the short hello says "up" where today's app cannot connect.
        await using var old = new ScriptedServer(new MtProtoServer(Secret("FakeTls"), _telegram) { Hellos = [HelloSize.Classic] }.ServeAsync);
        var report = await ProbeAsync(old, Secret("FakeTls"), _telegram);
        Assert.Equal((Outcome.Fail, Failure.OldClientsOnly, Level.L3, 2), (report.Outcome, report.Failure, report.Level, old.Visitors));

        await using var modern = new ScriptedServer(new MtProtoServer(Secret("FakeTls"), _telegram) { Hellos = [HelloSize.Large] }.ServeAsync);
        Assert.Equal(Outcome.Ok, (await ProbeAsync(modern, Secret("FakeTls"), _telegram)).Outcome);
        Assert.Equal(1, modern.Visitors);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_handshake_alone_is_not_liveness(string kind)
    {
        // Trap 4: the FakeTLS handshake succeeds although Telegram is out of the proxy's reach; then comes the end, or silence.
        var dead = new FakeTelegram { TransportError = null };
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            if (kind == "FakeTls")
            {
                var head = await ScriptedServer.ReadAsync(stream, 5, stop);
                byte[] hello = [.. head, .. await ScriptedServer.ReadAsync(stream, (head[3] << 8) | head[4], stop)];
                await stream.WriteAsync(new MtProtoServer(Secret(kind), dead).ServerHelloFor(hello), stop);
            }

            await ScriptedServer.ReadAsync(stream, 64, stop);
        });
        var report = await ProbeAsync(server, Secret(kind), _telegram);
        Assert.Equal(Outcome.Fail, report.Outcome);
        Assert.Equal(kind == "FakeTls" ? (Stage.Proof, Level.L1) : (Stage.Handshake, Level.L0), (report.Stage, report.Level));
        Assert.Contains(report.Failure!.Value, new[] { Failure.NothingCarried, Failure.ConnectionClosed, Failure.ConnectionReset });
    }

    [Fact]
    public async Task A_goodbye_in_TLS_is_an_end_and_no_lie()
    {
        var proxy = new MtProtoServer(Secret("FakeTls"), _telegram);
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            var head = await ScriptedServer.ReadAsync(stream, 5, stop);
            byte[] hello = [.. head, .. await ScriptedServer.ReadAsync(stream, (head[3] << 8) | head[4], stop)];
            await stream.WriteAsync((byte[])[.. proxy.ServerHelloFor(hello), 21, 3, 3, 0, 2, 1, 0], stop);
            await ScriptedServer.Silence(stream, stop);
        });
        var report = await ProbeAsync(server, Secret("FakeTls"), _telegram);
        Assert.Equal((Outcome.Fail, Stage.Proof, Level.L1, false), (report.Outcome, report.Stage, report.Level, report.IsLie));
        Assert.Contains(report.Failure!.Value, new[] { Failure.NothingCarried, Failure.ConnectionClosed }); // by whether it came with the handshake's last bytes
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_answer_without_our_nonce_or_without_the_key_is_not_Telegrams(string kind)
    {
        var forgetful = new FakeTelegram { RepeatsNonce = false };
        await using var first = Serve(Secret(kind), forgetful);
        var report = await ProbeAsync(first, Secret(kind), forgetful);
        Assert.Equal(Outcome.Fail, report.Outcome);
        Assert.Equal(kind == "FakeTls" ? Failure.ProofForged : Failure.ReplyMalformed, report.Failure);

        // Anybody can repeat a nonce. The second question finds it out.
        var liar = new FakeTelegram { HasKey = false };
        await using var second = Serve(Secret(kind), liar);
        var caught = await ProbeAsync(second, Secret(kind), liar);
        Assert.Equal((Outcome.Fail, Failure.ProofForged, Stage.Proof, true), (caught.Outcome, caught.Failure, caught.Stage, caught.IsLie));

        // With a key that we do not know it cannot prove anything.
        var stranger = new FakeTelegram(ownKey: true);
        Assert.Equal(Failure.ProofRefused, (await ProbeAsync(second, Secret(kind), stranger)).Failure);
    }

    [Theory]
    [InlineData(429, Failure.TargetBusy)]
    [InlineData(404, Failure.ProofRefused)]
    [InlineData(444, Failure.ProofRefused)]
    public async Task Errors_of_the_transport_are_told_by_their_number(int code, Failure failure)
    {
        var busy = new FakeTelegram { TransportError = code };
        foreach (var kind in new[] { "Plain", "Padded", "FakeTls" })
        {
            await using var server = Serve(Secret(kind), busy);
            var report = await ProbeAsync(server, Secret(kind), busy);
            Assert.Equal((failure, (int?)code, Outcome.Fail), (report.Failure, report.Code, report.Outcome));
        }
    }

    [Theory]
    [InlineData("0102030405060708090a0b0c0d0e0f10", "Plain", "")]
    [InlineData("dd0102030405060708090A0B0C0D0E0F10", "Padded", "")]
    [InlineData("ee0102030405060708090a0b0c0d0e0f107777772e6578616d706c652e6e6574", "FakeTls", "www.example.net")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEA", "Plain", "")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEA==", "Plain", "")]
    [InlineData("7gECAwQFBgcICQoLDA0ODxB3d3cuZXhhbXBsZS5uZXQ", "FakeTls", "www.example.net")]
    public void A_secret_is_read_in_every_form_that_links_have(string text, string kind, string domain)
    {
        var secret = ProxySecret.Parse(text)!;
        Assert.Equal((kind, domain, Convert.ToHexString(Key)), (secret.Kind.ToString(), secret.Domain, Convert.ToHexString(secret.Key)));
        Assert.Equal(Convert.ToHexString(Key), Convert.ToHexString(ProxySecret.Parse(secret.Write())!.Key));
        Assert.DoesNotContain("0102", secret.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0102030405060708090a0b0c0d0e0f")] // 15 bytes
    [InlineData("0102030405060708090a0b0c0d0e0f1011")] // 17 without dd
    [InlineData("dd0102030405060708090a0b0c0d0e")]
    [InlineData("ee0102030405060708090a0b0c0d0e0f10")] // no name
    [InlineData("ee0102030405060708090a0b0c0d0e0f106c6f63616c686f7374")] // localhost
    [InlineData("ee0102030405060708090a0b0c0d0e0f103132372e302e302e31")] // 127.0.0.1
    [InlineData("ee0102030405060708090a0b0c0d0e0f10610d0a622e6e6574")] // a line break in the name
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!")]
    public void What_is_no_secret_is_refused_by_name(string text) =>
        Assert.Equal(new SettingsParse.Rejected("secret", SettingProblem.Malformed), Proving.Catalog.Find("mtproto")!.Parse(Proving.Settings(("secret", text))));

    [Theory]
    [InlineData("tg://proxy?server=proxy.example.net&port=443&secret=dd0102030405060708090a0b0c0d0e0f10")]
    [InlineData("https://t.me/proxy?server=proxy.example.net&port=443&secret=dd0102030405060708090a0b0c0d0e0f10")]
    [InlineData("https://telegram.me/proxy?server=proxy.example.net&port=443&secret=3QECAwQFBgcICQoLDA0ODxA")]
    public void A_link_of_Telegrams_is_read(string link)
    {
        var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read(link));
        Assert.Equal(("mtproto", "proxy.example.net:443"), (understood.Protocol, understood.Server.Authority));
        Assert.Equal(SecretKind.Padded, ProxySecret.Parse(understood.Settings["secret"])!.Kind);
    }

    [Fact]
    public async Task Control_is_proven_with_a_minted_secret_and_only_with_it()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(3));
        var probe = (MtProtoProbe)Proving.Catalog.Find("mtproto")!;
        foreach (var kind in new[] { "Plain", "Padded", "FakeTls" })
        {
            var settings = Assert.IsType<SettingsParse.Accepted>(probe.Parse(Proving.Settings(("secret", Secret(kind).Write())))).Settings;
            var minted = probe.Mint(settings);
            var secret = ProxySecret.Parse(minted["secret"])!;
            Assert.Equal((kind, Secret(kind).Domain), (secret.Kind.ToString(), secret.Domain));
            var runner = new ProbeRunner(Proving.Catalog, proving.Dialer, DigitalResistance.Prober.Dialing.TrustRoots.System, new ProbeRunnerOptions(), TimeProvider.System);
            await using var own = Serve(secret, _telegram);
            await using var strangers = Serve(Secret(kind), _telegram);
            Assert.IsType<ControlProofResult.Proven>(await new ControlProof(runner, Proving.Catalog).ProveAsync(proving.Assign("mtproto", own.Address, minted.Values, _telegram.Target()), CancellationToken.None));
            Assert.IsType<ControlProofResult.MintedRefused>(await new ControlProof(runner, Proving.Catalog).ProveAsync(proving.Assign("mtproto", strangers.Address, minted.Values, _telegram.Target()), CancellationToken.None));
        }
    }

    [Fact]
    public async Task Every_obfuscated_beginning_is_different_and_none_looks_like_something_else()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 2000; i++)
        {
            var sink = new Sink();
            var transport = new ObfuscatedTransport(sink, Key, padded: true, 2);
            await transport.SendAsync(new byte[4]);
            Assert.True(seen.Add(Convert.ToHexString(sink.Sent[..64])));
            Assert.Equal(68, sink.Sent.Length);
            Assert.NotEqual(0xef, sink.Sent[0]);
            Assert.NotEqual(0, BitConverter.ToInt32(sink.Sent, 4));
        }
    }

    private static ProxySecret Secret(string kind) => new(Enum.Parse<SecretKind>(kind), Key, kind == "FakeTls" ? Domain : "");

    private static ScriptedServer Serve(ProxySecret secret, FakeTelegram telegram) => new(new MtProtoServer(secret, telegram).ServeAsync);

    private static async Task<ProbeReport> ProbeAsync(ScriptedServer server, ProxySecret secret, FakeTelegram telegram, TimeSpan? deadline = null, TimeProvider? time = null)
    {
        await using var proving = new Proving(deadline ?? TimeSpan.FromSeconds(8));
        var runner = new ProbeRunner(
            Proving.Catalog, proving.Dialer, DigitalResistance.Prober.Dialing.TrustRoots.System, new ProbeRunnerOptions(), time ?? TimeProvider.System);
        return await runner.ProbeAsync(proving.Assign("mtproto", server.Address, Proving.Settings(("secret", secret.Write())), telegram.Target()), CancellationToken.None);
    }

    private sealed class Sink : DigitalResistance.Prober.Dialing.ITransport
    {
        public byte[] Sent { get; private set; } = [];

        public ValueTask<DigitalResistance.Prober.Dialing.Received> ReceiveAsync(Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
        {
            Sent = [.. Sent, .. bytes.Span];
            return ValueTask.FromResult<Failure?>(null);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
