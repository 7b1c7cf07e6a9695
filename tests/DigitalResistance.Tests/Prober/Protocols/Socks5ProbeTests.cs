using System.Net.Sockets;
using DigitalResistance.Prober;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>RFC 1928 and RFC 1929, spoken to a server that follows a script.</summary>
public sealed class Socks5ProbeTests
{
    [Fact]
    public async Task An_open_server_that_carries_is_ok_at_L2_and_its_egress_is_seen()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer((stream, stop) => Socks5Server.ServeAsync(stream, null, stop));

        var report = await proving.ProbeAsync("socks5", server.Address);

        Assert.Equal((Outcome.Ok, Level.L2, null), (report.Outcome, report.Level, report.Failure));
        Assert.Equal("127.0.0.1", report.Egress?.Value.ToString());
        Assert.Equal(AddressFamily.InterNetwork, report.Family);
        Assert.All(new[] { report.Timings.Dial, report.Timings.Handshake, report.Timings.Tunnel, report.Timings.Proof }, micros => Assert.InRange(micros ?? -1, 1, 10_000_000));
    }

    [Theory]
    [InlineData("u1", "secret", Outcome.Ok, Level.L2, null)]
    [InlineData("u1", "wrong", Outcome.Fail, Level.L0, Failure.AuthenticationRefused)]
    public async Task A_password_is_checked_in_the_handshake(string user, string password, Outcome outcome, Level level, Failure? failure)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer((stream, stop) => Socks5Server.ServeAsync(stream, ("u1", "secret"), stop));

        var report = await proving.ProbeAsync("socks5", server.Address, Proving.Settings(("auth", "password"), ("username", user), ("password", password)));

        Assert.Equal((outcome, level, failure), (report.Outcome, report.Level, report.Failure));
        if (failure is not null) Assert.Equal(Stage.Handshake, report.Stage);
    }

    [Fact]
    public async Task A_server_that_wants_a_password_is_told_apart_from_one_that_refuses_it()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer((stream, stop) => Socks5Server.ServeAsync(stream, ("u1", "secret"), stop));

        var report = await proving.ProbeAsync("socks5", server.Address);

        Assert.Equal((Failure.AuthenticationRequired, Stage.Handshake), (report.Failure, report.Stage));
    }

    [Theory]
    [InlineData(0)] // as if the password did not matter
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0x80)]
    public async Task A_method_that_was_not_offered_breaks_the_protocol(byte method)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            Assert.Equal([5, 1, 2], await ScriptedServer.ReadAsync(stream, 3, stop));
            await stream.WriteAsync(new byte[] { 5, method }, stop);
            await stream.WriteAsync(new byte[] { 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
            await ScriptedServer.Silence(stream, stop);
        });

        var report = await proving.ProbeAsync("socks5", server.Address, Proving.Settings(("auth", "password"), ("username", "u1"), ("password", "secret")));

        Assert.Equal((Failure.ReplyMalformed, Stage.Handshake, Level.L0, (int?)method), (report.Failure, report.Stage, report.Level, report.Code));
    }

    [Theory]
    [InlineData(1, Failure.TunnelFailed)]
    [InlineData(2, Failure.TunnelNotAllowed)]
    [InlineData(3, Failure.TargetUnreachable)]
    [InlineData(4, Failure.TargetUnreachable)]
    [InlineData(5, Failure.TargetRefused)]
    [InlineData(6, Failure.TargetUnreachable)]
    [InlineData(7, Failure.CommandUnsupported)]
    [InlineData(8, Failure.AddressTypeUnsupported)]
    [InlineData(200, Failure.TunnelFailed)]
    public async Task Each_reply_code_has_its_own_reason(byte code, Failure failure)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadAsync(stream, 3, stop);
            await stream.WriteAsync(new byte[] { 5, 0 }, stop);
            await ScriptedServer.ReadAsync(stream, 10, stop);
            await stream.WriteAsync(new byte[] { 5, code, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
        });

        var report = await proving.ProbeAsync("socks5", server.Address);

        Assert.Equal((failure, Stage.Tunnel, Level.L1, (int?)code), (report.Failure, report.Stage, report.Level, report.Code));
    }
}
