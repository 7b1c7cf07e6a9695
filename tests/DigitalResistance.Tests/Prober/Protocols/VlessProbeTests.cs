using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class VlessProbeTests
{
    [Theory]
    [InlineData("example.net:443", "0001bb020b6578616d706c652e6e6574")]
    [InlineData("8.8.4.4:80", "0000500108080404")]
    [InlineData("[2a00:1450::1]:8080", "001f90032a001450000000000000000000000001")]
    public void The_request_is_the_one_of_the_specification(string target, string end)
    {
        // After the number of options (none) comes the command (1), then port, kind and address.
        var expected = "00b831381d63244d53ad4f8cda48b308110001" + end[2..];
        Assert.Equal(expected, Convert.ToHexStringLower(VlessProbe.Request(HonestServers.User.ToByteArray(bigEndian: true), HostPort.Parse(target))));
    }

    [Theory]
    [InlineData("security=none")]
    [InlineData("security=none;transport=ws")]
    [InlineData("security=none;transport=ws;path=/a/b?c=d;ws_host=cdn.example.net")]
    [InlineData("security=tls")]
    [InlineData("security=tls;transport=ws;path=/a/b?c=d;ws_host=cdn.example.net")]
    public async Task It_carries_over_every_layer(string layers)
    {
        await using var proving = new Proving();
        var settings = Settings(layers);
        await using var server = Server(settings);
        var report = await proving.ProbeAsync("vless", server.Address, settings);
        Assert.Equal((Outcome.Ok, Level.L2, Stage.Proof, null), (report.Outcome, report.Level, report.Stage, report.Failure));
        var wrong = await proving.ProbeAsync("vless", server.Address, new Dictionary<string, string>(settings) { ["id"] = $"{Guid.NewGuid()}" });
        Assert.Equal((Stage.Handshake, Level.L0), (wrong.Stage, wrong.Level));
        Assert.Contains(wrong.Failure!.Value, new[] { Failure.ConnectionClosed, Failure.ConnectionReset });
    }

    [Fact]
    public async Task A_wrong_path_or_host_of_the_WebSocket_says_so()
    {
        await using var proving = new Proving();
        await using var server = Server(Settings("security=none;transport=ws;path=/a;ws_host=cdn.example.net"));
        foreach (var wrong in new[] { "path=/b;ws_host=cdn.example.net", "path=/a", "ws_host=cdn.example.net" })
        {
            var report = await proving.ProbeAsync("vless", server.Address, Settings("security=none;transport=ws;" + wrong));
            Assert.Equal((Failure.WebSocketRefused, 404, Stage.Handshake, Level.L0), (report.Failure, report.Code, report.Stage, report.Level));
        }
    }

    [Fact]
    public async Task An_upgrade_that_did_not_read_the_key_is_none()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await HttpConnectServer.SayAsync(stream, "101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", stop);
            await Task.Delay(Timeout.Infinite, stop);
        });
        var report = await proving.ProbeAsync("vless", server.Address, Settings("security=none;transport=ws"));
        Assert.Equal((Failure.ReplyMalformed, Stage.Handshake), (report.Failure, report.Stage));
    }

    [Theory]
    [InlineData("8902aabb8200", Failure.NoAnswer)] // a ping, which is answered, and an empty message
    [InlineData("8800", Failure.ConnectionClosed)]
    [InlineData("828100000000", Failure.ReplyMalformed)] // masked by a server
    [InlineData("c200", Failure.ReplyMalformed)] // an extension that nobody asked for
    [InlineData("0900", Failure.ReplyMalformed)] // half a ping
    [InlineData("897e0080", Failure.ReplyMalformed)] // a long ping
    [InlineData("827fffffffffffffffff", Failure.ReplyTooLarge)]
    [InlineData("89008900890089008900890089008900890089008900890089008900890089008900", Failure.ReplyTooLarge)] // pings without end
    public async Task Frames_that_break_the_rules_end_the_handshake(string frames, Failure failure)
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        byte[] pong = [];
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            var key = (await ScriptedServer.ReadHeadAsync(stream, stop)).Split("Sec-WebSocket-Key: ")[1].Split('\r')[0];
            await HttpConnectServer.SayAsync(stream, $"101 Switching Protocols\r\nSec-WebSocket-Accept: {DigitalResistance.Prober.Protocols.Streams.WebSocketTransport.AcceptOf(key)}", stop);
            var head = await ScriptedServer.ReadAsync(stream, 4, stop); // FIN, binary, masked, 126, length
            await ScriptedServer.ReadAsync(stream, 4 + ((head[2] << 8) | head[3]), stop);
            await stream.WriteAsync(Convert.FromHexString(frames), stop);
            if (frames[1] == '9' && failure == Failure.NoAnswer) pong = await ScriptedServer.ReadAsync(stream, 8, stop);
            await Task.Delay(Timeout.Infinite, stop);
        });
        var report = await proving.ProbeAsync("vless", server.Address, Settings("security=none;transport=ws"));
        Assert.Equal((failure, Stage.Handshake, Level.L0), (report.Failure, report.Stage, report.Level));
        if (failure == Failure.NoAnswer) Assert.Equal((0x8a, 0x82, 0xaa ^ pong[2], 0xbb ^ pong[3]), (pong[0], pong[1], pong[6], pong[7]));
    }

    /// <summary>RFC 6455 §1.3.</summary>
    [Fact]
    public void The_accept_key_is_the_one_of_the_RFC() =>
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", DigitalResistance.Prober.Protocols.Streams.WebSocketTransport.AcceptOf("dGhlIHNhbXBsZSBub25jZQ=="));

    [Fact]
    public async Task A_web_site_behind_it_is_not_proof()
    {
        await using var proving = new Proving();
        await using var site = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadAsync(stream, 20, stop);
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(TrojanServer.WebSite), stop);
        });
        var report = await proving.ProbeAsync("vless", site.Address, Settings("security=none"));
        Assert.Equal((Failure.SecretNotAccepted, Stage.Handshake, Level.L0), (report.Failure, report.Stage, report.Level));
    }

    [Fact]
    public async Task A_greeting_without_a_byte_from_the_target_carries_nothing()
    {
        await using var proving = new Proving();
        await using var liar = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadAsync(stream, 20, stop);
            await stream.WriteAsync(new byte[2], stop);
            await Task.Delay(50, stop);
        });
        var report = await proving.ProbeAsync("vless", liar.Address, Settings("security=none"));
        Assert.Equal((Stage.Proof, Level.L1, Outcome.Fail), (report.Stage, report.Level, report.Outcome));
        Assert.Contains(report.Failure!.Value, new[] { Failure.NothingCarried, Failure.ConnectionReset });
    }

    [Fact]
    public async Task Control_is_proven_by_a_minted_id()
    {
        await using var proving = new Proving();
        var probe = (IMintsCredentials)Proving.Catalog.Find("vless")!;
        var minted = probe.Mint(((SettingsParse.Accepted)probe.Parse(Settings("security=none"))).Settings);
        await using var strangers = Server(Settings("security=none"));
        await using var own = new ScriptedServer((stream, stop) => VlessServer.ServeAsync(stream, Guid.Parse(minted["id"]), stop));
        var proof = new ControlProof(proving.Runner, Proving.Catalog);
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(proving.Assign("vless", strangers.Address, minted.Values), CancellationToken.None));
        Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(proving.Assign("vless", own.Address, minted.Values), CancellationToken.None));
    }

    [Theory]
    [InlineData("?encryption=none", "id={0};security=none;transport=tcp", "")]
    [InlineData("?type=tcp&security=tls&sni=www.example.net&fp=chrome&headerType=none", "certificate=public;id={0};security=tls;server_name=www.example.net;transport=tcp", "")]
    [InlineData("?type=ws&security=tls&path=%2Fa%3Fed%3D2048&host=cdn.example.net&sni=proxy.example.net", "certificate=public;id={0};path=/a;security=tls;transport=ws;ws_host=cdn.example.net", "")]
    [InlineData("?type=grpc&serviceName=x&security=tls&flow=xtls-rprx-vision", "certificate=public;id={0};security=tls;transport=tcp", "flow=xtls-rprx-vision,serviceName,type=grpc")]
    [InlineData("?type=quic&security=xtls&allowInsecure=1", "id={0};security=none;transport=tcp", "allowInsecure,security=xtls,type=quic")]
    [InlineData("?type=http&encryption=mlkem768x25519plus", "id={0};security=none;transport=tcp", "encryption=mlkem768x25519plus,type=http")]
    public void A_link_is_read_and_what_is_not_supported_is_named(string query, string settings, string unsupported)
    {
        var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read($"vless://{HonestServers.User}@proxy.example.net:443{query}#name"));
        Assert.Equal(("vless", string.Format(System.Globalization.CultureInfo.InvariantCulture, settings, HonestServers.User)), (understood.Protocol, LinkReaderTests.Written(understood.Settings)));
        Assert.Equal(unsupported, string.Join(',', understood.Unsupported));
        Assert.Equal("••••••••", understood.Settings.Masked(Proving.Catalog.Find("vless")!.Settings)["id"]);
    }

    [Theory]
    [InlineData("id=b831381d63244d53ad4f8cda48b3081x", "id", SettingProblem.Malformed)]
    [InlineData("id=b831381d-6324-4d53-ad4f", "id", SettingProblem.TooShort)]
    [InlineData("security=none;fingerprint=00", "fingerprint", SettingProblem.NotApplicable)]
    [InlineData("security=none;server_name=example.net", "server_name", SettingProblem.NotApplicable)]
    [InlineData("security=none;path=/x", "path", SettingProblem.NotApplicable)]
    [InlineData("security=none;transport=ws;path=x", "path", SettingProblem.Malformed)]
    [InlineData("security=none;transport=ws;path=/ж", "path", SettingProblem.Malformed)]
    [InlineData("security=none;transport=ws;path=/a b", "path", SettingProblem.BadCharacter)]
    [InlineData("security=none;transport=ws;ws_host=a/b", "ws_host", SettingProblem.Malformed)]
    [InlineData("transport=grpc", "transport", SettingProblem.NotAChoice)]
    public void A_mistake_names_its_field(string raw, string field, SettingProblem problem)
    {
        var settings = raw.Split(';').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        settings.TryAdd("id", $"{HonestServers.User}");
        Assert.Equal(new SettingsParse.Rejected(field, problem), Proving.Catalog.Find("vless")!.Parse(settings));
    }

    private static Dictionary<string, string> Settings(string layers)
    {
        var settings = layers.Split(';').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        settings["id"] = $"{HonestServers.User}";
        if (settings["security"] == "tls") (settings["certificate"], settings["fingerprint"]) = ("pinned", HonestServers.Fingerprint);
        return settings;
    }

    private static ScriptedServer Server(Dictionary<string, string> settings)
    {
        Func<Stream, CancellationToken, Task> serve = (stream, stop) => VlessServer.ServeAsync(stream, HonestServers.User, stop);
        if (settings.GetValueOrDefault("transport") == "ws") serve = WebSocketFront.Serve(settings.GetValueOrDefault("path", "/"), serve, settings.GetValueOrDefault("ws_host"));
        return new(settings["security"] == "tls" ? TestAuthority.Serve(HonestServers.Certificate, serve) : (stream, stop) => serve(stream, stop));
    }
}
