using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;

namespace DigitalResistance.Tests.Prober.Carriage;

public sealed class ThroughputProofTests
{
    public static TheoryData<string> Protocols => [.. HonestServers.All.Keys.Where(protocol => Proving.Catalog.Find(protocol)!.LeadsTo == TargetKind.Anywhere)];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Every_protocol_carries_a_megabyte_and_says_how_fast(string protocol)
    {
        await using var proving = new Proving(deadline: TimeSpan.FromSeconds(60));
        await using var server = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        var report = await proving.ProbeAsync(protocol, server.Address, HonestServers.All[protocol].Settings, Download(proving));
        Assert.Equal((Outcome.Ok, Level.L2, null), (report.Outcome, report.Level, report.Failure));
        Assert.InRange(report.Throughput!.Value, 100_000, long.MaxValue);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(500_000)]
    [InlineData(999_999)]
    public async Task One_wrong_byte_is_a_forgery_wherever_it_is(int position)
    {
        await using var proving = new Proving();
        await using var honest = new ScriptedServer(Serve);
        await using var liar = new ScriptedServer(Tampering.Changing(honest, (at, value) => at == position + 12 ? (byte)~value : value)); // 12 bytes of SOCKS come before
        var report = await proving.ProbeAsync("socks5", liar.Address, target: Download(proving));
        Assert.Equal((Failure.ProofForged, true, null), (report.Failure, report.IsLie, report.Throughput));
    }

    [Fact]
    public async Task Who_stalls_or_cuts_short_is_told_so_and_how_fast_it_was_until_then()
    {
        await using var proving = new Proving(deadline: TimeSpan.FromSeconds(2));
        await using var honest = new ScriptedServer(Serve);
        foreach (var (then, failure) in new (Func<NetworkStream, CancellationToken, Task>, Failure)[] { (ScriptedServer.Silence, Failure.TooSlow), (Tampering.Close, Failure.ConnectionClosed) })
        {
            await using var server = new ScriptedServer(Tampering.After(honest, 300_000, then));
            var report = await proving.ProbeAsync("socks5", server.Address, target: Download(proving));
            Assert.Equal((failure, false, true), (report.Failure, report.IsLie, report.Throughput > 0));
        }
    }

    [Fact]
    public async Task A_canary_that_has_no_more_to_give_refuses()
    {
        await using var proving = new Proving();
        await using var poor = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), proving.Keys, TimeProvider.System, downloadsPerDay: 0);
        poor.Start();
        await using var server = new ScriptedServer(Serve);
        var target = new ProbeTarget.Download(DigitalResistance.Prober.Dialing.HostPort.Parse($"{poor.LocalEndPoint}"), proving.Keys.Issue("local"));
        Assert.Equal(Failure.ProofRefused, (await proving.ProbeAsync("socks5", server.Address, target: target)).Failure);
    }

    [Fact]
    public async Task Nobody_may_send_more_than_was_asked_for()
    {
        await using var proving = new Proving();
        await using var honest = new ScriptedServer(Serve);
        await using var flood = new ScriptedServer(Tampering.After(honest, 12, Tampering.Flood));
        Assert.Equal(Failure.ProofForged, (await proving.ProbeAsync("socks5", flood.Address, target: Download(proving))).Failure);
    }

    private static Task Serve(NetworkStream stream, CancellationToken stop) => Socks5Server.ServeAsync(stream, null, stop);

    private static ProbeTarget.Download Download(Proving proving) => new(proving.CanaryTarget.Address, proving.Keys.Issue("local"));
}
