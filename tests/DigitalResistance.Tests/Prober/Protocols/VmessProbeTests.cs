using System.Text;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Prober.Protocols.Vmess;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class VmessProbeTests
{
    [Theory]
    [InlineData("security=none")]
    [InlineData("security=none;transport=ws;path=/a")]
    [InlineData("security=tls;transport=ws;path=/a")]
    public async Task It_carries_over_every_layer_and_is_met_with_silence_for_a_wrong_id(string layers)
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(2));
        var settings = Settings(layers);
        await using var server = Server(settings);
        var report = await proving.ProbeAsync("vmess", server.Address, settings);
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Proof, null), (report.Outcome, report.Level, report.Stage, report.Failure));
        var wrong = await proving.ProbeAsync("vmess", server.Address, new Dictionary<string, string>(settings) { ["id"] = $"{Guid.NewGuid()}" });
        Assert.Equal((Stage.Handshake, Level.L0, Failure.NoAnswer), (wrong.Stage, wrong.Level, wrong.Failure)); // whatever TLS and the WebSocket said before
    }

    [Fact]
    public async Task A_web_server_in_front_shows_the_clock_that_VMess_itself_keeps_to_itself()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await HttpConnectServer.SayAsync(stream, $"502 Bad Gateway\r\nDate: {DateTimeOffset.UtcNow.AddMinutes(10):r}", stop);
        });
        var report = await proving.ProbeAsync("vmess", server.Address, Settings("security=none;transport=ws"));
        Assert.Equal(Failure.WebSocketRefused, report.Failure);
        Assert.InRange(report.ClockAhead!.Value, TimeSpan.FromMinutes(9.9), TimeSpan.FromMinutes(10.1));
    }

    [Theory]
    [InlineData("security=none")]
    [InlineData("security=none;transport=ws")]
    public async Task A_header_that_decrypts_is_not_proof(string layers)
    {
        // Trap 5: the greeting comes, well sealed and with our mark, though the target is closed.
        await using var proving = new Proving();
        await using var server = Server(Settings(layers));
        var closed = new ScriptedServer(ScriptedServer.Silence);
        await closed.DisposeAsync();
        var report = await proving.ProbeAsync("vmess", server.Address, Settings(layers), proving.CanaryTarget.At(closed.Address));
        Assert.Equal((Stage.Proof, Level.L1, Outcome.Fail), (report.Stage, report.Level, report.Outcome));
        Assert.Contains(report.Failure!.Value, new[] { Failure.NothingCarried, Failure.ConnectionReset });
    }

    [Fact]
    public async Task A_verified_certificate_through_it_is_the_highest_proof()
    {
        using var authority = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        await using var server = Server(Settings("security=none"));
        await using var target = new ScriptedServer(TestAuthority.Serve(authority.Issue("127.0.0.1")));
        Assert.Equal(Level.L3, (await proving.ProbeAsync("vmess", server.Address, Settings("security=none"), new ProbeTarget.Tls(target.Address, Unpredictable: true))).Level);
    }

    [Theory]
    [InlineData("security=none")]
    [InlineData("security=tls;transport=ws;path=/a")]
    public async Task Control_is_proven_by_a_minted_id_although_refusal_is_silence(string layers)
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        var probe = (IMintsCredentials)Proving.Catalog.Find("vmess")!;
        var minted = probe.Mint(((SettingsParse.Accepted)probe.Parse(Settings(layers))).Settings);
        await using var strangers = Server(Settings(layers));
        await using var own = Server(Settings(layers), Guid.Parse(minted["id"]));
        var proof = new ControlProof(proving.Runner, Proving.Catalog);
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(proving.Assign("vmess", strangers.Address, minted.Values), CancellationToken.None));
        Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(proving.Assign("vmess", own.Address, minted.Values), CancellationToken.None));
    }

    [Fact]
    public void No_two_requests_have_a_byte_of_their_secrets_in_common()
    {
        var target = HostPort.Parse("example.net:443");
        var (one, two) = (Write(), Write());
        Assert.NotEqual(Convert.ToHexString(one.Key), Convert.ToHexString(two.Key));
        Assert.NotEqual(Convert.ToHexString(one.Iv), Convert.ToHexString(two.Iv));
        Assert.NotEqual(Convert.ToHexString(one.Bytes.AsSpan(0, 16)), Convert.ToHexString(two.Bytes.AsSpan(0, 16)));
        VmessRequest Write() => VmessRequest.Write(HonestServers.User.ToByteArray(bigEndian: true), target, DateTimeOffset.UnixEpoch);
    }

    /// <summary>The check values of the CRC catalogue and of the FNV specification.</summary>
    [Fact]
    public void The_checksums_are_the_published_ones()
    {
        Assert.Equal(0xcbf43926, VmessRequest.Crc32("123456789"u8));
        Assert.Equal("bf9cf968", Convert.ToHexStringLower(VmessRequest.Fnv1a("foobar"u8)));
    }

    /// <summary>Of one name the nesting is plain HMAC-SHA256 under the root's name and then under the purpose: built here from the platform's own.</summary>
    [Fact]
    public void Keys_are_HMACs_nested_in_one_another()
    {
        byte[] Root(byte[] message) => System.Security.Cryptography.HMACSHA256.HashData(Encoding.ASCII.GetBytes("VMess AEAD KDF"), message);
        var (inner, outer) = (new byte[64], new byte[64]);
        var name = Encoding.ASCII.GetBytes("AES Auth ID Encryption");
        for (var i = 0; i < 64; i++) (inner[i], outer[i]) = ((byte)(0x36 ^ name.ElementAtOrDefault(i)), (byte)(0x5c ^ name.ElementAtOrDefault(i)));
        byte[] key = [1, 2, 3];
        Assert.Equal(Root([.. outer, .. Root([.. inner, .. key])]), VmessKeys.Derive(key, "AES Auth ID Encryption"));
    }

    [Theory]
    [InlineData("{\"v\":\"2\",\"ps\":\"mine\",\"add\":\"proxy.example.net\",\"port\":\"8443\",\"id\":\"{0}\",\"aid\":\"0\",\"scy\":\"auto\",\"net\":\"ws\",\"type\":\"none\",\"host\":\"cdn.example.net\",\"path\":\"/a?ed=2048\",\"tls\":\"tls\",\"sni\":\"\",\"alpn\":\"\",\"fp\":\"chrome\"}",
        "8443", "certificate=public;id={0};path=/a;security=tls;transport=ws;ws_host=cdn.example.net", "")]
    [InlineData("{\"add\":\"proxy.example.net\",\"port\":443,\"id\":\"{0}\",\"aid\":0,\"net\":\"tcp\",\"tls\":\"\"}", "443", "id={0};security=none;transport=tcp", "")]
    [InlineData("{\"add\":\"proxy.example.net\",\"port\":443,\"id\":\"{0}\",\"aid\":64,\"net\":\"h2\",\"type\":\"http\",\"tls\":\"\",\"allowInsecure\":true}", "443", "id={0};security=none;transport=tcp", "aid=64,allowInsecure,net=h2,type=http")]
    [InlineData("{\"add\":\"proxy.example.net\",\"port\":443,\"id\":\"{0}\",\"net\":\"quic\",\"tls\":\"reality\"}", "443", "id={0};security=none;transport=tcp", "net=quic,tls=reality")]
    public void A_link_of_base64_is_read_and_what_is_not_supported_is_named(string json, string port, string settings, string unsupported)
    {
        var bytes = Encoding.UTF8.GetBytes(json.Replace("{0}", $"{HonestServers.User}", StringComparison.Ordinal));
        foreach (var body in new[] { Convert.ToBase64String(bytes), System.Buffers.Text.Base64Url.EncodeToString(bytes) })
        {
            var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read("vmess://" + body));
            Assert.Equal(("vmess", "proxy.example.net:" + port), (understood.Protocol, understood.Server.Authority));
            Assert.Equal(settings.Replace("{0}", $"{HonestServers.User}", StringComparison.Ordinal), LinkReaderTests.Written(understood.Settings));
            Assert.Equal(unsupported, string.Join(',', understood.Unsupported));
        }
    }

    [Theory]
    [InlineData("vmess://")]
    [InlineData("vmess://!!!!")]
    [InlineData("vmess://aGVsbG8=")] // hello
    [InlineData("vmess://W10=")] // []
    [InlineData("vmess://eyJhIjoiXHVkODAwIn0=")] // half a character
    [InlineData("vmess://eyJhIjpbW1tbW1tbW1tdXV1dXV1dXX0=")] // deeper than any link
    public void What_is_no_such_link_is_not_understood(string pasted) => Assert.IsNotType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read(pasted));

    [Fact]
    public void A_link_written_like_any_other_is_read_too()
    {
        var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read($"vmess://{HonestServers.User}@proxy.example.net:443?type=ws&security=tls&path=%2Fa&encryption=auto#x"));
        Assert.Equal($"certificate=public;id={HonestServers.User};path=/a;security=tls;transport=ws", LinkReaderTests.Written(understood.Settings));
    }

    private static Dictionary<string, string> Settings(string layers)
    {
        var settings = layers.Split(';').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        settings["id"] = $"{HonestServers.User}";
        if (settings["security"] == "tls") (settings["certificate"], settings["fingerprint"]) = ("pinned", HonestServers.Fingerprint);
        return settings;
    }

    private static ScriptedServer Server(Dictionary<string, string> settings, Guid? user = null)
    {
        Func<Stream, CancellationToken, Task> serve = (stream, stop) => VmessServer.ServeAsync(stream, user ?? HonestServers.User, stop);
        if (settings.GetValueOrDefault("transport") == "ws") serve = WebSocketFront.Serve(settings.GetValueOrDefault("path", "/"), serve);
        return new(settings["security"] == "tls" ? TestAuthority.Serve(HonestServers.Certificate, serve) : (stream, stop) => serve(stream, stop));
    }
}
