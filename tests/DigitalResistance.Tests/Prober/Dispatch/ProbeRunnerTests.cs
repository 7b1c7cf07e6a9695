using System.Diagnostics;
using System.Threading.Channels;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Dispatch;

public sealed class ProbeRunnerTests
{
    [Fact]
    public async Task Each_assignment_gets_exactly_one_report_and_no_more_run_at_once_than_allowed()
    {
        await using var proving = new Proving();
        var (now, most) = (0, 0);
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            var count = Interlocked.Increment(ref now);
            InterlockedMax(ref most, count);
            await Socks5Server.ServeAsync(stream, null, stop);
            Interlocked.Decrement(ref now);
        });
        var assignments = Enumerable.Range(0, 200).Select(slot => proving.Assign("socks5", server.Address) with { Slot = slot }).ToArray();

        var reports = await RunAsync(Runner(proving, concurrency: 16), assignments);

        Assert.Equal(assignments.Select(a => (a.Id, a.Slot)).Order(), reports.Select(r => (r.AssignmentId, r.Slot)).Order());
        Assert.All(reports, report => Assert.Equal(Outcome.Ok, report.Outcome));
        Assert.InRange(most, 2, 24); // the server lets go of a visitor a moment after the prober has
    }

    [Fact]
    public async Task Two_thousand_hanging_probes_fit_into_the_memory_that_is_allowed_and_end_together()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        var assignments = Enumerable.Range(0, 2000).Select(_ => proving.Assign("socks5", server.Address)).ToArray();
        using var cancel = new CancellationTokenSource();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var running = RunAsync(Runner(proving, concurrency: 2000), assignments, cancel.Token);
        for (var waited = Stopwatch.StartNew(); server.Visitors < 2000 && waited.Elapsed < TimeSpan.FromSeconds(8);) await Task.Delay(20);
        Assert.Equal(2000, server.Visitors);

        var perProbe = (GC.GetTotalMemory(forceFullCollection: true) - before) / 2000; // with the server's own end of each connection
        await cancel.CancelAsync();
        var reports = await running.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.InRange(perProbe, 0, 30_000);
        Assert.Equal(2000, reports.Count);
        Assert.All(reports, report => Assert.Equal((Outcome.Invalid, Failure.Cancelled), (report.Outcome, report.Failure)));
    }

    [Fact]
    public async Task Cancelling_leaves_in_the_channel_what_was_not_taken()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        var channel = Channel.CreateUnbounded<ProbeAssignment>();
        for (var i = 0; i < 10; i++) channel.Writer.TryWrite(proving.Assign("socks5", server.Address));
        var reports = Channel.CreateUnbounded<ProbeReport>();
        using var cancel = new CancellationTokenSource();
        var running = Runner(proving, concurrency: 3).RunAsync(channel.Reader, reports.Writer, cancel.Token);
        while (server.Visitors < 3) await Task.Delay(5);
        await cancel.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((7, 3), (channel.Reader.Count, reports.Reader.Count));
    }

    [Fact]
    public async Task What_cannot_begin_is_reported_without_a_packet()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        var unknown = await proving.ProbeAsync("gopher", server.Address);
        var invalid = await proving.ProbeAsync("socks5", server.Address, Proving.Settings(("auth", "password")));
        Assert.Equal((Outcome.Invalid, Failure.UnknownProtocol, Stage.Setup, 0), (unknown.Outcome, unknown.Failure, unknown.Stage, unknown.ProbeVersion));
        Assert.Equal((Outcome.Invalid, Failure.SettingsInvalid, Stage.Setup, 2), (invalid.Outcome, invalid.Failure, invalid.Stage, invalid.ProbeVersion));
        Assert.Equal(0, server.Visitors);
    }

    [Fact]
    public async Task A_protocol_that_throws_costs_its_own_report_only()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        var runner = new ProbeRunner(new ProbeCatalog([new BrokenProbe()]), proving.Dialer, TrustRoots.System, new ProbeRunnerOptions { Concurrency = 2 }, TimeProvider.System);
        var reports = await RunAsync(runner, [.. Enumerable.Range(0, 5).Select(_ => proving.Assign("broken", server.Address))]);
        Assert.Equal(5, reports.Count);
        Assert.All(reports, report => Assert.Equal((Outcome.Invalid, Failure.InternalError, Stage.Handshake), (report.Outcome, report.Failure, report.Stage)));
    }

    [Fact]
    public async Task Reports_and_assignments_print_no_address_and_no_secret()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer((stream, stop) => Socks5Server.ServeAsync(stream, ("u1", "hunter2"), stop));
        var assignment = proving.Assign("socks5", server.Address, Proving.Settings(("auth", "password"), ("username", "u1"), ("password", "hunter2")));
        var printed = $"{assignment} {await proving.Runner.ProbeAsync(assignment, CancellationToken.None)} {assignment.Target}";
        Assert.DoesNotContain("127.0.0.1", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", printed, StringComparison.Ordinal);
        Assert.DoesNotContain($"{server.Port}", printed, StringComparison.Ordinal);
    }

    private static ProbeRunner Runner(Proving proving, int concurrency) =>
        new(Proving.Catalog, proving.Dialer, TrustRoots.System, new ProbeRunnerOptions { Concurrency = concurrency }, TimeProvider.System);

    private static async Task<List<ProbeReport>> RunAsync(ProbeRunner runner, ProbeAssignment[] assignments, CancellationToken cancellation = default)
    {
        var input = Channel.CreateUnbounded<ProbeAssignment>();
        var output = Channel.CreateUnbounded<ProbeReport>();
        foreach (var assignment in assignments) input.Writer.TryWrite(assignment);
        input.Writer.Complete();
        await runner.RunAsync(input.Reader, output.Writer, cancellation);
        output.Writer.Complete();
        return await output.Reader.ReadAllAsync(CancellationToken.None).ToListAsync(CancellationToken.None);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen;) seen = Interlocked.CompareExchange(ref target, value, seen);
    }

    private sealed class BrokenProbe : IProbe
    {
        public string Id => "broken";

        public string DisplayName => "Broken";

        public int Version => 1;

        public Uri Specification { get; } = new("https://example.net/");

        public int DefaultPort => 1080;

        public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

        public IReadOnlyList<Setting> Settings => [];

        public async ValueTask ConverseAsync(ProbeSession session)
        {
            await session.DialAsync();
            throw new FormatException("127.0.0.1 sent something odd");
        }
    }
}
