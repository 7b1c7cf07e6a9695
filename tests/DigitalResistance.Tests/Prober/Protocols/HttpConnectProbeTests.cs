using System.Text;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>RFC 9110 §9.3.6 and §11.7, spoken to a server that follows a script.</summary>
public sealed class HttpConnectProbeTests
{
    private static readonly Dictionary<string, string> Basic = Proving.Settings(("auth", "basic"), ("username", "u1"), ("password", "пароль"));

    [Theory]
    [InlineData("407 Proxy Authentication Required", false, Failure.AuthenticationRequired, Stage.Handshake, Level.L0)]
    [InlineData("407 Proxy Authentication Required", true, Failure.AuthenticationRefused, Stage.Handshake, Level.L0)]
    [InlineData("401 Unauthorized", true, Failure.AuthenticationRefused, Stage.Handshake, Level.L0)] // tinyproxy
    [InlineData("403 Forbidden", true, Failure.TunnelNotAllowed, Stage.Handshake, Level.L0)]
    [InlineData("405 Method Not Allowed", false, Failure.CommandUnsupported, Stage.Handshake, Level.L0)]
    [InlineData("400 Bad Request", false, Failure.TunnelFailed, Stage.Handshake, Level.L0)]
    [InlineData("302 Found\r\nLocation: http://169.254.169.254/", false, Failure.TunnelFailed, Stage.Handshake, Level.L0)]
    [InlineData("500 Unable to connect", true, Failure.TunnelFailed, Stage.Tunnel, Level.L1)] // tinyproxy
    [InlineData("501 Not Implemented", false, Failure.CommandUnsupported, Stage.Tunnel, Level.L1)]
    [InlineData("502 Bad Gateway", false, Failure.TargetUnreachable, Stage.Tunnel, Level.L1)]
    [InlineData("503 Service Unavailable", false, Failure.TargetUnreachable, Stage.Tunnel, Level.L1)]
    [InlineData("504 Gateway Timeout", false, Failure.TargetUnreachable, Stage.Tunnel, Level.L1)]
    public async Task Each_status_has_its_own_reason_and_stage(string status, bool withCredentials, Failure failure, Stage stage, Level level)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await HttpConnectServer.SayAsync(stream, status, stop);
        });

        var report = await proving.ProbeAsync("http-connect", server.Address, withCredentials ? Basic : null);

        Assert.Equal((Outcome.Fail, failure, stage, level), (report.Outcome, report.Failure, report.Stage, report.Level));
        Assert.Equal(int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), report.Code);
        Assert.Equal(1, server.Visitors);
    }

    [Theory]
    [InlineData("Date: {0}", true)]
    [InlineData("Server: x\r\ndate:\t{0} ", true)]
    [InlineData("Date: {0}\r\nDate: yesterday", true)]
    [InlineData("Date: yesterday\r\nDate: {0}", false)]
    [InlineData("X-Date: {0}", false)]
    [InlineData("Date: {0}; or so", false)]
    [InlineData("Date:", false)]
    [InlineData("Date: Sunday, 06-Nov-94 08:49:37 GMT", false)] // RFC 9110 §5.6.7: obsolete, and no sender's
    public async Task The_clock_of_who_answers_is_seen_where_it_is_shown(string headers, bool shown)
    {
        await using var proving = new Proving();
        foreach (var status in new[] { "200 OK", "407 Proxy Authentication Required" })
        {
            await using var server = new ScriptedServer(async (stream, stop) =>
            {
                await ScriptedServer.ReadHeadAsync(stream, stop);
                await HttpConnectServer.SayAsync(stream, $"{status}\r\n{string.Format(System.Globalization.CultureInfo.InvariantCulture, headers, $"{DateTimeOffset.UtcNow.AddHours(-3):r}")}", stop);
                if (status[0] == '2') await Relay.RunAsync(stream, proving.CanaryPort, stop);
            });
            var report = await proving.ProbeAsync("http-connect", server.Address);
            Assert.Equal(status[0] == '2', report.Outcome == Outcome.Ok);
            Assert.Equal(shown, report.ClockAhead is not null);
            if (shown) Assert.InRange(report.ClockAhead!.Value, TimeSpan.FromHours(-3.01), TimeSpan.FromHours(-2.99));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n")] // §9.3.6: to be ignored
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 200\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\n\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")]
    public async Task Any_2xx_is_a_tunnel_from_its_empty_line_on(string answer)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop);
            await Relay.RunAsync(stream, proving.CanaryPort, stop);
        });
        Assert.Equal(Outcome.Ok, (await proving.ProbeAsync("http-connect", server.Address)).Outcome);
    }

    [Theory]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n", Failure.ReplyMalformed)]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n", Failure.ReplyMalformed)]
    [InlineData("HTTP/1.1 999 Odd\r\n\r\n", Failure.ReplyMalformed)]
    [InlineData("HTTP/1.x 200 OK\r\n\r\n", Failure.ReplyMalformed)]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n", Failure.WrongProtocol)]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n", Failure.WrongProtocol)]
    [InlineData("\u0005\u0000", Failure.WrongProtocol)]
    public async Task What_is_not_an_HTTP_answer_is_not_taken_for_one(string answer, Failure failure)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop);
        });
        var report = await proving.ProbeAsync("http-connect", server.Address);
        Assert.Equal((failure, Stage.Handshake), (report.Failure, report.Stage));
    }

    [Fact]
    public async Task Endless_interim_answers_and_endless_headers_are_too_large()
    {
        await using var proving = new Proving();
        await using var interim = new ScriptedServer(async (stream, stop) =>
        {
            while (true) await HttpConnectServer.SayAsync(stream, "100 Continue", stop);
        });
        await using var headers = new ScriptedServer(async (stream, stop) =>
        {
            await HttpConnectServer.SayAsync(stream, "200 OK\r\nX: " + new string('x', 20_000), stop);
        });
        await using var lines = new ScriptedServer(async (stream, stop) =>
        {
            await HttpConnectServer.SayAsync(stream, "200 OK" + string.Concat(Enumerable.Repeat("\r\nX: y", 201)), stop);
        });
        Assert.Equal(Failure.ReplyTooLarge, (await proving.ProbeAsync("http-connect", lines.Address)).Failure);
        Assert.Equal(Failure.ReplyTooLarge, (await proving.ProbeAsync("http-connect", interim.Address)).Failure);
        Assert.Equal(Failure.ReplyTooLarge, (await proving.ProbeAsync("http-connect", headers.Address)).Failure);
    }

    [Fact]
    public void The_request_is_that_of_a_common_client_and_nothing_in_it_names_us()
    {
        var request = Encoding.ASCII.GetString(HttpConnectProbe.ConnectRequest(HostPort.Parse("[2a00:1450::1]:443"), "dTE6cDE="));
        Assert.Equal(
            "CONNECT [2a00:1450::1]:443 HTTP/1.1\r\nHost: [2a00:1450::1]:443\r\nProxy-Authorization: Basic dTE6cDE=\r\nUser-Agent: curl/8.5.0\r\nProxy-Connection: Keep-Alive\r\n\r\n", request);
    }

    [Fact]
    public async Task Credentials_go_out_in_UTF8()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer((stream, stop) => HttpConnectServer.ServeAsync(stream, ("u1", "пароль"), stop));
        Assert.Equal(Outcome.Ok, (await proving.ProbeAsync("http-connect", server.Address, Basic)).Outcome);
    }
}
