using System.Diagnostics;
using System.Net.Sockets;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>Many sessions at once, of every protocol, each with a server that lies, stalls, floods, drips or breaks off somewhere.</summary>
public sealed class HostileSessionsTests(ITestOutputHelper output)
{
    private const int AtOnce = 48;
    private const int BatchSize = 1000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    /// <summary>How late a session may end on a machine that does other things too; what it was on a quiet one is in docs/reliability.md.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task However_servers_behave_every_session_ends_in_time_and_leaves_nothing_behind()
    {
        var (sessions, worst, outcomes) = (Needs.Depth(BatchSize, 100_000), TimeSpan.Zero, new Dictionary<string, int>());
        await BatchAsync(-1, AtOnce); // what is made once and kept
        var (memory, descriptors) = Kept();
        for (var batch = 0; batch < sessions / BatchSize; batch++)
        {
            foreach (var (report, elapsed) in await BatchAsync(batch, BatchSize))
            {
                Assert.NotEqual(Failure.InternalError, report.Failure);
                Assert.True(report.Outcome == Outcome.Ok || report.Level < Level.L2);
                worst = elapsed > worst ? elapsed : worst;
                var end = report.Failure?.Code() ?? "ok";
                outcomes[end] = outcomes.GetValueOrDefault(end) + 1;
            }
        }

        var after = Kept();
        output.WriteLine($"{sessions} sessions, worst {worst.TotalMilliseconds:F0} ms of {Deadline.TotalMilliseconds:F0}; memory {memory} -> {after.Memory} bytes, descriptors {descriptors} -> {after.Descriptors}");
        foreach (var (end, count) in outcomes.OrderByDescending(o => o.Value)) output.WriteLine($"{count,8} {end}");
        Assert.InRange(worst, TimeSpan.Zero, Deadline + Slack);
        // Only who is alone in the process can weigh it: in the short form other tests run beside.
        if (Needs.Depth(0, 1) == 0) return;
        Assert.InRange(after.Memory - memory, long.MinValue, 4L * 1024 * 1024);
        Assert.InRange(after.Descriptors - descriptors, int.MinValue, 8);
    }

    private static async Task<IReadOnlyList<(ProbeReport Report, TimeSpan Elapsed)>> BatchAsync(int batch, int count)
    {
        await using var proving = new Proving(Deadline);
        await using var batchServers = new Servers();
        var results = new List<(ProbeReport, TimeSpan)>(count);
        using var room = new SemaphoreSlim(AtOnce);
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            await room.WaitAsync();
            try
            {
                var random = new Random(HashCode.Combine(batch, i));
                var protocol = HonestServers.All.Keys.ElementAt(i % HonestServers.All.Count);
                await using var server = new ScriptedServer(Hostile(batchServers.Of(protocol), random));
                var watch = Stopwatch.StartNew();
                var report = await proving.ProbeAsync(protocol, server.Address, HonestServers.All[protocol].Settings);
                lock (results) results.Add((report, watch.Elapsed));
            }
            finally
            {
                room.Release();
            }
        }));
        return results;
    }

    /// <summary>One of the ways to behave badly, at a random place.</summary>
    private static Func<NetworkStream, CancellationToken, Task> Hostile(ScriptedServer honest, Random random)
    {
        var (after, position, mask) = (random.Next(4) == 0 ? 0 : random.Next(1500), random.Next(1500), (byte)random.Next(1, 256));
        return random.Next(10) switch
        {
            0 => Tampering.Garbage(random.Next(), random.Next(20_000)),
            1 => Tampering.After(honest, after, Tampering.Flood),
            2 => Tampering.After(honest, after, ScriptedServer.Silence),
            3 => Tampering.After(honest, after, Tampering.Drip),
            4 => Tampering.After(honest, after, Tampering.Reset),
            5 => Tampering.After(honest, after, Tampering.Garbage(random.Next(), random.Next(20_000))),
            6 => Tampering.After(honest, after, Tampering.Close, singly: true),
            _ => Tampering.Changing(honest, (at, value) => at == position ? (byte)(value ^ mask) : value),
        };
    }

    private static (long Memory, int Descriptors) Kept() =>
        (GC.GetTotalMemory(forceFullCollection: true), Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0);

    /// <summary>An honest server of every protocol, which the hostile ones stand before.</summary>
    private sealed class Servers : IAsyncDisposable
    {
        private readonly Dictionary<string, ScriptedServer> _servers = HonestServers.All.ToDictionary(h => h.Key, h => new ScriptedServer(h.Value.ServeAsync));

        public ScriptedServer Of(string protocol) => _servers[protocol];

        public async ValueTask DisposeAsync()
        {
            foreach (var server in _servers.Values) await server.DisposeAsync();
        }
    }
}
