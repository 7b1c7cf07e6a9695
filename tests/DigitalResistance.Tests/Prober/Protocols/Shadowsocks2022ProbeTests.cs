using System.Collections.Concurrent;
using System.Text;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.Shadowsocks;
using DigitalResistance.Prober.Protocols.Shadowsocks2022;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>Streams of the 2022 edition, and its keys.</summary>
public sealed class Shadowsocks2022ProbeTests
{
    private const string Method = "2022-blake3-aes-128-gcm";

    public static TheoryData<string> Methods => [.. ShadowsocksMethod.Edition2022.Select(method => method.Name)];

    [Theory, MemberData(nameof(Methods))]
    public async Task It_carries_with_every_cipher_and_another_key_or_cipher_is_refused(string method)
    {
        await using var proving = new Proving();
        var settings = Settings(method);
        await using var server = Serve(settings);
        var report = await proving.ProbeAsync("shadowsocks-2022", server.Address, settings);
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Proof, null), (report.Outcome, report.Level, report.Stage, report.Failure));

        var other = ShadowsocksMethod.Edition2022.First(m => m.Name != method && m.KeyLength == 32).Name;
        foreach (var wrong in new[] { Settings(method), Settings(other) })
        {
            var refused = await proving.ProbeAsync("shadowsocks-2022", server.Address, wrong);
            Assert.Equal((Outcome.Fail, Level.L0, Stage.Handshake), (refused.Outcome, refused.Level, refused.Stage));
            Assert.Contains(refused.Failure!.Value, new[] { Failure.ConnectionReset, Failure.ConnectionClosed });
        }
    }

    [Theory]
    [InlineData(-25, true)]
    [InlineData(25, true)]
    [InlineData(-35, false)]
    [InlineData(35, false)]
    public async Task A_clock_that_is_off_by_more_than_half_a_minute_is_refused(int seconds, bool carries)
    {
        await using var proving = new Proving();
        var settings = Settings();
        await using var server = Serve(settings, psk => new(Method, psk) { Ahead = TimeSpan.FromSeconds(seconds) });
        var report = await proving.ProbeAsync("shadowsocks-2022", server.Address, settings);
        Assert.Equal((carries ? Outcome.Ok : Outcome.Fail, carries ? Stage.Proof : Stage.Handshake), (report.Outcome, report.Stage));
        if (carries) Assert.InRange(report.ClockAhead!.Value, TimeSpan.FromSeconds(seconds - 3), TimeSpan.FromSeconds(seconds + 1));
        else Assert.Null(report.ClockAhead);
    }

    [Fact]
    public async Task What_no_client_would_take_for_an_answer_is_none()
    {
        await using var proving = new Proving();
        var settings = Settings();
        foreach (var make in new Func<byte[], Shadowsocks2022Server>[]
        {
            psk => new(Method, psk) { Repeat = _ => new byte[16] }, // an answer to somebody else, or to us and long ago
            psk => new(Method, psk) { Type = 0 }, // what a client says
            psk => new(Method, psk) { Ahead = TimeSpan.FromSeconds(40), ChecksTime = false },
        })
        {
            await using var server = Serve(settings, make);
            var report = await proving.ProbeAsync("shadowsocks-2022", server.Address, settings);
            Assert.Equal((Outcome.Fail, Level.L0, Stage.Handshake, Failure.ReplyMalformed, false), (report.Outcome, report.Level, report.Stage, report.Failure, report.IsLie));
        }
    }

    [Fact]
    public async Task An_echo_of_our_own_bytes_is_no_answer()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        await using var echo = new ScriptedServer((stream, stop) => stream.CopyToAsync(stream, stop));
        var report = await proving.ProbeAsync("shadowsocks-2022", echo.Address, Settings());
        Assert.Equal((Outcome.Fail, Level.L0, Stage.Handshake, Failure.WrongProtocol), (report.Outcome, report.Level, report.Stage, report.Failure));
    }

    [Fact]
    public async Task No_request_is_made_twice_and_each_comes_in_one_piece()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        var seen = new ConcurrentBag<byte[]>();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            var first = new byte[4096];
            seen.Add(first[..await stream.ReadAsync(first, stop)]);
        });
        var settings = Settings();
        for (var i = 0; i < 12; i++) await proving.ProbeAsync("shadowsocks-2022", server.Address, settings);
        var requests = seen.ToArray();
        Assert.Equal(12, requests.Select(request => Convert.ToHexString(request.AsSpan(0, 16))).Distinct().Count());
        Assert.True(requests.Select(request => request.Length).Distinct().Count() > 6); // padding hides how long a request is
        var psk = Psk.Parse(settings["psk"], 16)!;
        Assert.All(requests, request =>
        {
            using var up = new ShadowsocksChunks(ShadowsocksMethod.Edition2022[0], Psk.OfSession(psk, request.AsSpan(0, 16)));
            var head = up.Open(request.AsSpan(16, 27))!;
            Assert.Equal(request.Length, 16 + 27 + ((head[9] << 8) | head[10]) + 16);
        });
    }

    [Fact]
    public async Task A_long_request_goes_on_behind_its_head()
    {
        var settings = Settings();
        var text = new byte[100_000];
        new Random(2022).NextBytes(text);
        await using var received = new ScriptedServer(async (stream, stop) => await stream.WriteAsync(await ScriptedServer.ReadAsync(stream, text.Length, stop), stop));
        await using var server = Serve(settings);
        await using var proving = new Proving(readLimit: 1 << 20);
        using var deadline = proving.Dialer.StartDeadline(TimeSpan.FromSeconds(10), CancellationToken.None);
        var accepted = (SettingsParse.Accepted)Proving.Catalog.Find("shadowsocks-2022")!.Parse(settings);
        await using var session = new ProbeSession(proving.Assign("shadowsocks-2022", server.Address, settings), accepted.Settings, proving.Dialer, DigitalResistance.Prober.Dialing.TrustRoots.System, TimeProvider.System, deadline);
        var tunnel = (await ((IStreamProbe)Proving.Catalog.Find("shadowsocks-2022")!).OpenTunnelAsync(session, received.Address))!;
        Assert.Null(await tunnel.SendAsync(text));
        Assert.Equal(text, await tunnel.ReceiveExactlyAsync(text.Length));
    }

    [Fact]
    public async Task A_verified_certificate_through_it_is_the_highest_proof()
    {
        using var authority = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        var settings = Settings("2022-blake3-chacha20-poly1305");
        await using var server = Serve(settings);
        await using var target = new ScriptedServer(TestAuthority.Serve(authority.Issue("127.0.0.1")));
        Assert.Equal(Level.L3, (await proving.ProbeAsync("shadowsocks-2022", server.Address, settings, new ProbeTarget.Tls(target.Address, Unpredictable: true))).Level);
    }

    [Fact]
    public async Task Control_is_proven_by_a_minted_key()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(2));
        var probe = (IMintsCredentials)Proving.Catalog.Find("shadowsocks-2022")!;
        var minted = probe.Mint(((SettingsParse.Accepted)probe.Parse(Settings())).Settings);
        await using var strangers = Serve(Settings());
        await using var own = Serve(new(minted.Values));
        var proof = new ControlProof(proving.Runner, Proving.Catalog);
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(proving.Assign("shadowsocks-2022", strangers.Address, minted.Values), CancellationToken.None));
        Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(proving.Assign("shadowsocks-2022", own.Address, minted.Values), CancellationToken.None));
    }

    /// <summary>The official vectors of the key derivation mode: below, at and above a block and a chunk.</summary>
    [Theory]
    [InlineData(0, "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d905630c8be290dfcf3e6842f13bddd57")]
    [InlineData(1, "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c5827b91bf889b6b97c5477f535361cae")]
    [InlineData(1023, "74a16c1c3d44368a86e1ca6df64be6a2f64cce8f09220787450722d85725dea59c413264404661e9e4d955409dfe4ad3")]
    [InlineData(1024, "7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a6896843027066c23b601d3ddfb391e90d5c8eccdef4a")]
    [InlineData(1025, "effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb5d31013a167509e9066273ab6e2123bc")]
    [InlineData(3073, "72613c9ec9ff7e40f8f5c173784c532ad852e827dba2bf85b2ab4b76f7079081576288e552647a9d86481c2cae75c2dd")]
    public void BLAKE3_derives_keys_as_its_authors_say(int length, string key)
    {
        var context = Encoding.ASCII.GetBytes("BLAKE3 2019-12-27 16:29:52 test vectors context");
        var material = Enumerable.Range(0, length).Select(i => (byte)(i % 251)).ToArray();
        foreach (var count in new[] { 16, 32, 48 }) Assert.Equal(key[..(2 * count)], Convert.ToHexStringLower(Psk.Derive(context, material, count)));
    }

    [Fact]
    public void Whatever_is_sealed_in_a_head_is_read_without_an_exception()
    {
        var random = new Random(2022);
        var salt = new byte[16];
        for (var i = 0; i < 50_000; i++)
        {
            var head = new byte[random.Next(4) == 0 ? random.Next(60) : 27];
            random.NextBytes(head);
            if (head.Length == 27 && i % 2 == 0) (head[0], salt) = (1, head[9..25]);
            StreamHeaders.ReadResponse(head, salt);
        }

        Assert.Null(StreamHeaders.ReadResponse([1, 0x7f, 255, 255, 255, 255, 255, 255, 255, .. salt, 0, 9], salt));
        Assert.Equal(9, StreamHeaders.ReadResponse([1, 0, 0, 0, 0, 90, 255, 255, 255, .. salt, 0, 9], salt)?.Length);
    }

    [Theory]
    [InlineData(Method, "AAECAwQFBgcICQoLDA0ODw==", null)]
    [InlineData("2022-blake3-aes-256-gcm", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", null)]
    [InlineData("2022-blake3-aes-256-gcm", "AAECAwQFBgcICQoLDA0ODw==", SettingProblem.Malformed)] // the key of another cipher
    [InlineData(Method, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", SettingProblem.Malformed)]
    [InlineData(Method, "AAECAwQFBgcICQoLDA0ODw", SettingProblem.TooShort)]
    [InlineData(Method, "correct horse battery st", SettingProblem.Malformed)]
    [InlineData(Method, "AAECAwQFBgcICQoLDA0ODw==:AAECAwQFBgcICQoLDA0ODw==", SettingProblem.TooLong)] // a key for each user (SIP023)
    public void A_key_is_as_long_as_its_cipher_wants_it(string method, string psk, SettingProblem? problem)
    {
        var parsed = Proving.Catalog.Find("shadowsocks-2022")!.Parse(Proving.Settings(("method", method), ("psk", psk)));
        if (problem is { } named) Assert.Equal(new SettingsParse.Rejected("psk", named), parsed);
        else Assert.IsType<SettingsParse.Accepted>(parsed);
    }

    [Theory]
    [InlineData("ss://2022-blake3-aes-128-gcm:AAECAwQFBgcICQoLDA0O_w%3D%3D@proxy.example.net:8443#x", false)] // the alphabet of links is not that of keys
    [InlineData("ss://2022-blake3-aes-128-gcm:AAECAwQFBgcICQoLDA0O%2Fw%3D%3D@proxy.example.net:8443#x", true)]
    [InlineData("ss://MjAyMi1ibGFrZTMtYWVzLTEyOC1nY206QUFFQ0F3UUZCZ2NJQ1FvTERBME8vdz09@proxy.example.net:8443/?plugin=obfs-local%3Bobfs%3Dhttp", true)]
    public void A_link_of_this_edition_is_read_and_its_key_masked(string pasted, bool understood)
    {
        var result = new LinkReader(Proving.Catalog).Read(pasted);
        if (!understood)
        {
            Assert.Equal(new LinkResult.SettingRefused("shadowsocks-2022", "psk", SettingProblem.Malformed), result);
            return;
        }

        var read = Assert.IsType<LinkResult.Understood>(result);
        Assert.Equal(("shadowsocks-2022", "proxy.example.net:8443", "AAECAwQFBgcICQoLDA0O/w=="), (read.Protocol, read.Server.Authority, read.Settings["psk"]));
        Assert.Equal(pasted.Contains("plugin", StringComparison.Ordinal) ? "obfs-http" : "none", read.Settings["plugin"]);
        Assert.Equal("••••••••", read.Settings.Masked(Proving.Catalog.Find("shadowsocks-2022")!.Settings)["psk"]);
    }

    private static Dictionary<string, string> Settings(string method = Method) =>
        Proving.Settings(("method", method), ("psk", Psk.Mint(ShadowsocksMethod.Edition2022.Single(m => m.Name == method).KeyLength)));

    private static ScriptedServer Serve(Dictionary<string, string> settings, Func<byte[], Shadowsocks2022Server>? make = null)
    {
        var psk = Convert.FromBase64String(settings["psk"]);
        return new((make?.Invoke(psk) ?? new Shadowsocks2022Server(settings["method"], psk)).ServeAsync);
    }
}
