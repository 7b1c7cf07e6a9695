using System.Net.Sockets;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.Reality;
using DigitalResistance.Prober.Tls;
using DigitalResistance.Tests.Prober.Tls;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class VlessRealityProbeTests
{
    private static readonly Guid User = HonestServers.User;

    [Theory]
    [InlineData("Aes128GcmSha256", false)]
    [InlineData("Aes256GcmSha384", false)]
    [InlineData("ChaCha20Poly1305Sha256", false)]
    [InlineData("Aes128GcmSha256", true)]
    [InlineData("Aes256GcmSha384", true)]
    public async Task It_carries_under_every_cipher_suite_and_through_new_keys(string suite, bool isRestless)
    {
        using var authority = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        await using var server = new ScriptedServer(new RealityServer(User) { Suite = Enum.Parse<CipherSuite>(suite), IsRestless = isRestless }.ServeAsync);
        var report = await proving.ProbeAsync("vless-reality", server.Address, RealityServer.Settings(User));
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Proof, null), (report.Outcome, report.Level, report.Stage, report.Failure));
        await using var target = new ScriptedServer(TestAuthority.Serve(authority.Issue("127.0.0.1")));
        Assert.Equal(Level.L3, (await proving.ProbeAsync("vless-reality", server.Address, RealityServer.Settings(User), new ProbeTarget.Tls(target.Address, Unpredictable: true))).Level);
    }

    [Theory]
    [InlineData("public_key", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA")] // somebody's
    [InlineData("public_key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] // nobody's: no key agrees with it
    [InlineData("short_id", "aabbccde")]
    [InlineData("short_id", "")]
    [InlineData("site", "other.example.net")]
    [InlineData("clock", "")]
    public async Task Whoever_is_not_recognised_sees_a_web_site_and_it_is_not_proof(string setting, string value)
    {
        await using var proving = new Proving();
        await using var site = new ScriptedServer(TestAuthority.Serve(HonestServers.Certificate));
        await using var server = new ScriptedServer(new RealityServer(User, site.Port).ServeAsync);
        var settings = RealityServer.Settings(User);
        if (setting != "clock") settings[setting] = value;
        var runner = new ProbeRunner(Proving.Catalog, proving.Dialer, TrustRoots.System, new ProbeRunnerOptions(), setting == "clock" ? new LateClock() : TimeProvider.System);
        var report = await runner.ProbeAsync(proving.Assign("vless-reality", server.Address, settings), CancellationToken.None);
        Assert.Equal((Failure.SecretNotAccepted, Stage.Handshake, Level.L0), (report.Failure, report.Stage, report.Level));
        Assert.Equal(1, site.Visitors);
    }

    [Theory]
    [InlineData("proof", Failure.SecretNotAccepted)]
    [InlineData("signature", Failure.ReplyMalformed)]
    [InlineData("finished", Failure.ReplyMalformed)]
    public async Task Who_only_plays_the_server_is_not_believed(string spoils, Failure failure)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(new RealityServer(User) { Spoils = spoils }.ServeAsync);
        var report = await proving.ProbeAsync("vless-reality", server.Address, RealityServer.Settings(User));
        Assert.Equal((failure, Stage.Handshake, Level.L0), (report.Failure, report.Stage, report.Level));
    }

    [Fact]
    public async Task A_wrong_id_behind_a_right_handshake_is_refused_and_control_is_proven_by_a_minted_one()
    {
        await using var proving = new Proving();
        var probe = (IMintsCredentials)Proving.Catalog.Find("vless-reality")!;
        var minted = probe.Mint(((SettingsParse.Accepted)probe.Parse(RealityServer.Settings(User))).Settings);
        await using var strangers = new ScriptedServer(new RealityServer(User).ServeAsync);
        await using var own = new ScriptedServer(new RealityServer(Guid.Parse(minted["id"])).ServeAsync);
        var proof = new ControlProof(proving.Runner, Proving.Catalog);
        var refused = Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(proving.Assign("vless-reality", strangers.Address, minted.Values), CancellationToken.None));
        Assert.Equal((Stage.Handshake, Level.L0), (refused.Report.Stage, refused.Report.Level));
        Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(proving.Assign("vless-reality", own.Address, minted.Values), CancellationToken.None));
    }

    [Fact]
    public async Task A_TLS_server_of_strangers_understands_the_hello_and_its_records_open()
    {
        await using var site = new ScriptedServer(TestAuthority.Serve(HonestServers.Certificate));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", site.Port);
        var hello = Hello();
        Assert.Equal(512, hello.Message.Length);
        await client.GetStream().WriteAsync(Tls13Record.Write(ContentType.Handshake, hello.Message));
        var first = await ReadAsync(client);
        var chosen = Tls13ServerHello.Parse(first.Body, hello.SessionId)!;
        var keys = new Tls13Keys(chosen.Suite, hello.Agree(chosen.KeyShare)!);
        using var cipher = new Tls13Cipher(keys, keys.Handshake(keys.Hash([.. hello.Message, .. first.Body])).Server);
        var types = new List<byte>();
        for (var i = 0; i < 2;)
        {
            var record = await ReadAsync(client);
            if (record.Type == ContentType.ChangeCipherSpec) continue;
            types.Add(cipher.Open(record)!.Value.Content.Span[0]);
            i++;
        }

        Assert.Equal([8, 11], types); // EncryptedExtensions, Certificate

        static async Task<Tls13Record> ReadAsync(TcpClient client)
        {
            var head = await ScriptedServer.ReadAsync(client.GetStream(), 5, CancellationToken.None);
            return new((ContentType)head[0], await ScriptedServer.ReadAsync(client.GetStream(), (head[3] << 8) | head[4], CancellationToken.None));
        }
    }

    /// <summary>Chrome 100 to 105 in their order; a list that no browser ever sent would be ours alone.</summary>
    [Fact]
    public void The_extensions_are_those_of_a_browser()
    {
        var hello = Hello().Message.AsSpan();
        var ciphers = 4 + 2 + 32 + 1 + 32;
        List<string> types = [];
        for (var rest = hello[(ciphers + 2 + hello[ciphers + 1] + 2 + 2)..]; rest.Length > 0; rest = rest[(4 + ((rest[2] << 8) | rest[3]))..])
        {
            types.Add((rest[0] & 0xf) == 0xa && rest[0] == rest[1] ? "grease" : $"{(rest[0] << 8) | rest[1]}");
        }

        Assert.Equal("grease 0 23 65281 10 11 35 16 5 13 18 51 45 43 27 17513 grease 21", string.Join(' ', types));
    }

    [Fact]
    public void Nothing_in_two_hellos_repeats_that_a_browser_would_draw()
    {
        var (one, two) = (Hello(), Hello());
        Assert.NotEqual(one.SessionId.ToArray(), two.SessionId.ToArray());
        Assert.NotEqual(one.Message[6..38], two.Message[6..38]);
        Assert.NotEqual(Tls13Server.Share(one.Message), Tls13Server.Share(two.Message));
    }

    private static BrowserHello Hello() => new RealityHello(HostName.Parse("www.example.net"), RealityServer.PublicKey, [1], DateTimeOffset.UtcNow).Hello;

    [Fact]
    public void A_link_is_read_and_what_is_not_supported_is_named()
    {
        var key = System.Buffers.Text.Base64Url.EncodeToString(RealityServer.PublicKey);
        var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read(
            $"vless://{User}@proxy.example.net:443?security=reality&encryption=none&pbk={key}&sid=aabb&sni=www.example.net&fp=chrome&spx=%2F&type=tcp&flow=xtls-rprx-vision&pqv=x#name"));
        Assert.Equal(("vless-reality", $"id={User};public_key={key};short_id=aabb;site=www.example.net"), (understood.Protocol, LinkReaderTests.Written(understood.Settings)));
        Assert.Equal(["flow=xtls-rprx-vision", "pqv"], understood.Unsupported);
        var shown = understood.Settings.Masked(Proving.Catalog.Find("vless-reality")!.Settings);
        Assert.Equal(["••••••••", "••••••••", "••••••••", "www.example.net"], [shown["id"], shown["public_key"], shown["short_id"], shown["site"]]);
    }

    [Theory]
    [InlineData("public_key", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHy!", SettingProblem.Malformed)]
    [InlineData("public_key", "AQID", SettingProblem.TooShort)]
    [InlineData("short_id", "abc", SettingProblem.Malformed)]
    [InlineData("short_id", "zz", SettingProblem.Malformed)]
    [InlineData("short_id", "00112233445566778899", SettingProblem.TooLong)]
    [InlineData("site", "8.8.8.8", SettingProblem.Malformed)]
    [InlineData("site", "", SettingProblem.Missing)]
    public void A_mistake_names_its_field(string field, string value, SettingProblem problem)
    {
        var settings = RealityServer.Settings(User);
        settings[field] = value;
        Assert.Equal(new SettingsParse.Rejected(field, problem), Proving.Catalog.Find("vless-reality")!.Parse(settings));
    }

    private sealed class LateClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - TimeSpan.FromMinutes(5);
    }
}
