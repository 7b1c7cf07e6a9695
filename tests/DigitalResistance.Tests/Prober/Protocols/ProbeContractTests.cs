using System.Diagnostics;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>What every protocol of the catalogue owes, whatever its servers do: a report, in time, that is never better than the truth.</summary>
public sealed class ProbeContractTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    /// <summary>How late a probe may end on a machine that does other things too.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(8);

    public static TheoryData<string> Protocols => HonestServers.Protocols;

    public static TheoryData<string> StreamProtocols => [.. Proving.Catalog.All.OfType<DigitalResistance.Prober.Protocols.IStreamProbe>().Select(probe => probe.Id)];

    [Fact]
    public void Every_protocol_of_the_catalogue_has_an_honest_server_here() =>
        Assert.Equal(Proving.Catalog.All.Select(probe => probe.Id), HonestServers.All.Keys.Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Protocols))]
    public async Task An_honest_server_is_ok(string protocol)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        var report = await ProbeAsync(proving, protocol, server);
        Assert.Equal((Outcome.Ok, null), (report.Outcome, report.Failure));
        Assert.True(report.Level >= Level.L2);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task An_honest_server_is_ok_even_one_byte_at_a_time(string protocol)
    {
        await using var proving = new Proving();
        await using var honest = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        await using var server = new ScriptedServer(Tampering.After(honest, int.MaxValue, Tampering.Close, singly: true));
        Assert.Equal(Outcome.Ok, (await ProbeAsync(proving, protocol, server)).Outcome);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Cut_off_at_any_byte_is_a_failure_and_stages_only_move_forward(string protocol)
    {
        await using var proving = new Proving();
        await using var honest = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        var stage = Stage.Setup;
        for (var bytes = 0; ; bytes += bytes < 64 ? 1 : HonestServers.All[protocol].Step)
        {
            await using var server = new ScriptedServer(Tampering.After(honest, bytes, bytes % 2 == 0 ? Tampering.Close : Tampering.Reset));
            var report = await ProbeAsync(proving, protocol, server);
            Assert.True(report.Stage >= stage, $"{report.Stage} after {bytes} bytes, {stage} after fewer.");
            stage = report.Stage;
            if (report.Outcome == Outcome.Ok) break;
            Judge(report);
        }

        Assert.Equal(Stage.Proof, stage);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Silence_after_any_message_ends_at_the_deadline(string protocol)
    {
        await using var proving = new Proving(Short);
        await using var honest = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        var stalls = Enumerable.Range(0, 20).Select(async i =>
        {
            await using var server = new ScriptedServer(Tampering.After(honest, i * 8 * HonestServers.All[protocol].Step, ScriptedServer.Silence));
            var watch = Stopwatch.StartNew();
            var report = await ProbeAsync(proving, protocol, server);
            return (Report: report, watch.Elapsed);
        });
        foreach (var (report, elapsed) in await Task.WhenAll(stalls))
        {
            if (report.Outcome == Outcome.Ok) continue; // the cut lay behind the last byte
            Judge(report);
            Assert.Contains(report.Failure!.Value, new[] { Failure.NoAnswer, Failure.TooSlow });
            Assert.InRange(elapsed, Short - TimeSpan.FromMilliseconds(50), Short + Slack);
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_flood_is_cut_off_long_before_the_deadline(string protocol)
    {
        await using var proving = new Proving();
        await using var honest = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        foreach (var bytes in new[] { 0, 1, 2, 4, 12, 40 })
        {
            await using var server = new ScriptedServer(Tampering.After(honest, bytes, Tampering.Flood));
            var watch = Stopwatch.StartNew();
            Judge(await ProbeAsync(proving, protocol, server));
            Assert.True(watch.Elapsed < Slack);
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_drip_ends_at_the_deadline(string protocol)
    {
        await using var proving = new Proving(Short);
        await using var server = new ScriptedServer(Tampering.Drip);
        var watch = Stopwatch.StartNew();
        Judge(await ProbeAsync(proving, protocol, server));
        Assert.True(watch.Elapsed < Short + Slack);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Garbage_is_a_failure(string protocol)
    {
        await using var proving = new Proving(Short);
        for (var seed = 0; seed < Needs.Depth(30, 5000); seed++)
        {
            await using var server = new ScriptedServer(Tampering.Garbage(seed, seed % 300));
            Judge(await ProbeAsync(proving, protocol, server));
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_byte_changed_anywhere_never_ends_in_an_exception(string protocol)
    {
        await using var proving = new Proving(Short);
        await using var honest = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        var random = new Random(2018);
        var probes = Enumerable.Range(0, Needs.Depth(64, 10_000)).Select(_ => (Position: random.Next(HonestServers.All[protocol].Step == 1 ? 200 : 1000), Mask: (byte)random.Next(1, 256))).Chunk(16);
        foreach (var chunk in probes)
        {
            await Task.WhenAll(chunk.Select(async change =>
            {
                await using var server = new ScriptedServer(Tampering.Changing(honest, (position, value) => position == change.Position ? (byte)(value ^ change.Mask) : value));
                var report = await ProbeAsync(proving, protocol, server);
                if (report.Outcome != Outcome.Ok) Judge(report); // some bytes mean nothing, such as a reason phrase
            }));
        }
    }

    [Theory, MemberData(nameof(StreamProtocols))]
    public async Task A_closed_target_behind_a_live_server_is_the_servers_failure(string protocol)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        var closed = new ScriptedServer(ScriptedServer.Silence);
        await closed.DisposeAsync();
        var report = await ProbeAsync(proving, protocol, server, proving.CanaryTarget.At(closed.Address));
        Judge(report);
        Assert.Equal(HonestServers.All[protocol].IsSilent ? Level.L0 : Level.L1, report.Level);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_closed_port_and_a_forbidden_address_are_reported_as_such(string protocol)
    {
        await using var proving = new Proving();
        var closed = new ScriptedServer(ScriptedServer.Silence);
        await closed.DisposeAsync();
        var refused = await ProbeAsync(proving, protocol, closed);
        Assert.Equal((Failure.ConnectionRefused, Stage.Dial, Level.None), (refused.Failure, refused.Stage, refused.Level));

        foreach (var address in new[] { "10.0.0.1:1080", "169.254.169.254:1080", "[2002:7f00:1::]:1080" })
        {
            var report = await proving.ProbeAsync(protocol, HostPort.Parse(address), HonestServers.All[protocol].Settings);
            Assert.Equal((Failure.AddressForbidden, Stage.Resolve, Level.None, Outcome.Fail), (report.Failure, report.Stage, report.Level, report.Outcome));
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Cancelling_ends_a_probe_at_once_and_says_nothing_about_the_server(string protocol)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        using var cancel = new CancellationTokenSource();
        var probing = proving.ProbeAsync(protocol, server.Address, HonestServers.All[protocol].Settings, cancellation: cancel.Token);
        while (server.Visitors == 0) await Task.Delay(5);
        var watch = Stopwatch.StartNew();
        await cancel.CancelAsync();
        var report = await probing;
        Assert.Equal((Outcome.Invalid, Failure.Cancelled), (report.Outcome, report.Failure));
        Assert.True(watch.Elapsed < Slack);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Cancelling_at_any_moment_is_our_doing_and_never_a_crash(string protocol)
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(HonestServers.All[protocol].ServeAsync);
        var random = new Random(1917);
        for (var i = 0; i < Needs.Depth(60, 20_000); i++)
        {
            using var cancel = new CancellationTokenSource();
            var probing = proving.ProbeAsync(protocol, server.Address, HonestServers.All[protocol].Settings, cancellation: cancel.Token);
            for (var spin = random.Next(3000); spin > 0; spin--) Thread.SpinWait(10);
            await cancel.CancelAsync();
            var report = await probing;
            Assert.True(report.Failure is null or Failure.Cancelled, $"{report.Failure} in {report.Stage}");
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public void A_declaration_is_complete(string protocol)
    {
        var probe = Proving.Catalog.Find(protocol)!;
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", probe.Id);
        Assert.True(probe.Version >= 1);
        Assert.Equal("https", probe.Specification.Scheme);
        Assert.False(PortRules.IsForbidden(probe.DefaultPort));
        Assert.InRange(probe.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.Equal(probe.Settings.Count, probe.Settings.DistinctBy(setting => setting.Name).Count());
        Assert.All(probe.Settings, setting => Assert.Matches("^[a-z][a-z0-9_]*$", setting.Name));
    }

    private static Task<ProbeReport> ProbeAsync(Proving proving, string protocol, ScriptedServer server, ProbeTarget? target = null) =>
        proving.ProbeAsync(protocol, server.Address, HonestServers.All[protocol].Settings, target);

    /// <summary>A failure of the server: named, below L2, not blamed on us, and not a crash.</summary>
    private static void Judge(ProbeReport report)
    {
        Assert.NotNull(report.Failure);
        Assert.Equal(Outcome.Fail, report.Outcome);
        Assert.True(report.Level < Level.L2);
        Assert.Null(report.Egress);
    }
}
