using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>Shadowsocks behind simple-obfs as HTTP (SIP003).</summary>
public sealed partial class ShadowsocksPluginTests
{
    private const string Welcome = "HTTP/1.1 101 Switching Protocols\r\nServer: nginx/1.9.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: 1\r\n\r\n";

    [Theory]
    [InlineData("", "cloudfront.net")]
    [InlineData("www.example.com", "www.example.com")]
    public async Task It_carries_behind_the_head_of_a_web_site(string host, string shown)
    {
        await using var proving = new Proving();
        var head = "";
        await using var server = Server(Welcome, h => head = h);
        var report = await proving.ProbeAsync("shadowsocks", server.Address, Settings(host));
        Assert.Equal((Outcome.Ok, Level.L2, null), (report.Outcome, report.Level, report.Failure));
        Assert.Contains($"\r\nHost: {shown}:{server.Port}\r\n", head, StringComparison.Ordinal);
        Assert.Matches(Head(), head);
    }

    [Fact]
    public async Task Another_web_server_says_its_status_and_its_welcome_alone_is_no_proof()
    {
        await using var proving = new Proving(TimeSpan.FromSeconds(1));
        await using var site = Server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        var other = await proving.ProbeAsync("shadowsocks", site.Address, Settings());
        Assert.Equal((Stage.Handshake, Level.L0, Failure.WebSocketRefused, 404), (other.Stage, other.Level, other.Failure, other.Code));

        await using var server = Server(Welcome);
        var wrong = Settings();
        wrong["password"] = "wrong";
        var report = await proving.ProbeAsync("shadowsocks", server.Address, wrong);
        Assert.Equal((Stage.Handshake, Level.L0, Failure.NoAnswer), (report.Stage, report.Level, report.Failure));
    }

    [Fact]
    public async Task Cut_off_at_any_byte_is_a_failure()
    {
        await using var proving = new Proving();
        await using var honest = Server(Welcome);
        for (var bytes = 0; ; bytes += 3)
        {
            await using var server = new ScriptedServer(Tampering.After(honest, bytes, Tampering.Close));
            var report = await proving.ProbeAsync("shadowsocks", server.Address, Settings());
            if (report.Outcome == Outcome.Ok) break;
            Assert.Equal(Outcome.Fail, report.Outcome);
            Assert.True(report.Level < Level.L2);
        }
    }

    [Theory]
    [InlineData("obfs-local;obfs=http;obfs-host=www.example.com", "method=aes-256-gcm;obfs_host=www.example.com;password=hunter2;plugin=obfs-http;udp=no", "")]
    [InlineData("simple-obfs;obfs=http;fast-open", "method=aes-256-gcm;password=hunter2;plugin=obfs-http;udp=no", "")]
    [InlineData("obfs-local;obfs=http;obfs-uri=/x;obfs-host=a.example.com", "method=aes-256-gcm;obfs_host=a.example.com;password=hunter2;plugin=obfs-http;udp=no", "obfs-uri")]
    [InlineData("obfs-local;obfs=tls;obfs-host=a.example.com", "method=aes-256-gcm;password=hunter2;plugin=none;udp=no", "plugin=obfs-local;obfs=tls")]
    [InlineData("v2ray-plugin;tls;host=a.example.com", "method=aes-256-gcm;password=hunter2;plugin=none;udp=no", "plugin=v2ray-plugin")]
    [InlineData(";", "method=aes-256-gcm;password=hunter2;plugin=none;udp=no", "")]
    public void A_link_says_which_plugin_and_another_is_named(string plugin, string settings, string unsupported)
    {
        var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read($"ss://aes-256-gcm:hunter2@proxy.example.net:8388/?plugin={Uri.EscapeDataString(plugin)}#x"));
        Assert.Equal(settings, LinkReaderTests.Written(understood.Settings));
        Assert.Equal(unsupported, string.Join(',', understood.Unsupported));
    }

    [Fact]
    public void A_host_that_is_none_is_named_by_its_field() => Assert.Equal(
        new LinkResult.SettingRefused("shadowsocks", "obfs_host", SettingProblem.Malformed),
        new LinkReader(Proving.Catalog).Read("ss://aes-256-gcm:hunter2@proxy.example.net:8388/?plugin=obfs-local%3Bobfs%3Dhttp%3Bobfs-host%3Da%20b"));

    private static Dictionary<string, string> Settings(string host = "") => Proving.Settings(("method", "aes-256-gcm"), ("password", "secret"), ("plugin", "obfs-http"), ("obfs_host", host));

    private static ScriptedServer Server(string answer, Action<string>? seen = null) => new(async (stream, stop) =>
    {
        seen?.Invoke(await ScriptedServer.ReadHeadAsync(stream, stop));
        if (seen is null) await ScriptedServer.ReadHeadAsync(stream, stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop);
        await ShadowsocksServer.ServeAsync(stream, "aes-256-gcm", "secret", stop);
    });

    [GeneratedRegex(@"^GET / HTTP/1\.1\r\nHost: \S+\r\nUser-Agent: curl/7\.\d+\.[01]\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: [A-Za-z0-9+/]{22}==\r\nContent-Length: [1-9]\d*\r\n\r\n$")]
    private static partial Regex Head();
}
