using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>
/// SOCKS5 probes to L2 through a local microsocks, every end on this machine: how many a second, and what they cost. Then the same machine,
/// the same microsocks, and what other people's probers make of it.
/// </summary>
internal static class ProberComparison
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = arguments is [var given, ..] ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : 10;
        var port = FreePort();
        using var microsocks = Usage.Start("microsocks", "-i", "127.0.0.1", "-p", $"{port}");
        try
        {
            await WaitForAsync(port);
            Row.Header("SOCKS5 through microsocks to an answer of the target", seconds);
            foreach (var concurrency in new[] { 32, 128, 2000 }) (await OursAsync(port, concurrency, seconds, microsocks.Id)).Print();
            await Comparators.RunAsync(port, seconds, microsocks.Id);
            return 0;
        }
        finally
        {
            microsocks.Kill();
        }
    }

    private static async Task<Row> OursAsync(int port, int concurrency, int seconds, int microsocks)
    {
        var master = RandomNumberGenerator.GetBytes(CanaryKey.Length);
        using var canary = Usage.Start(Environment.ProcessPath!, "canary", Convert.ToHexString(master));
        var canaryPort = int.Parse((await canary.StandardOutput.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            var ticket = new CanaryKeyRing(master, ["local"], TimeProvider.System).Issue("local");
            var target = new ProbeTarget.Canary(HostPort.Parse($"127.0.0.1:{canaryPort}"), ticket);
            var assignment = new ProbeAssignment(Guid.Empty, 1, "socks5", HostPort.Parse($"127.0.0.1:{port}"), new Dictionary<string, string>(), target);
            await MeasureAsync(assignment, TrustRoots.System, concurrency, 2); // warm: compiled code, filled pools
            var (cpu, others, machine) = (Usage.CpuSeconds(Environment.ProcessId), Usage.CpuSeconds(microsocks) + Usage.CpuSeconds(canary.Id), Usage.MachineSeconds());
            var watch = Stopwatch.StartNew();
            var (ok, failed) = await MeasureAsync(assignment, TrustRoots.System, concurrency, seconds);
            var elapsed = watch.Elapsed.TotalSeconds;
            cpu = Usage.CpuSeconds(Environment.ProcessId) - cpu;
            others = Usage.CpuSeconds(microsocks) + Usage.CpuSeconds(canary.Id) - others;
            return new Row($"ours, {concurrency} in flight", ok, failed, elapsed, cpu, others, Usage.MachineSeconds() - machine, Usage.PeakMegabytes(Environment.ProcessId));
        }
        finally
        {
            canary.Kill();
        }
    }

    /// <summary>A whole runner with its channels, options and guards, fed as fast as it takes.</summary>
    internal static async Task<(int Ok, int Failed)> MeasureAsync(ProbeAssignment assignment, TrustRoots roots, int concurrency, int seconds)
    {
        var dialer = new Dialer(new DialingOptions { AllowLoopback = true }, TimeProvider.System);
        var runner = new ProbeRunner(new ProbeCatalog(), dialer, roots, new ProbeRunnerOptions { Concurrency = concurrency }, TimeProvider.System);
        var assignments = Channel.CreateBounded<ProbeAssignment>(concurrency);
        var reports = Channel.CreateBounded<ProbeReport>(concurrency);
        var running = runner.RunAsync(assignments.Reader, reports.Writer, CancellationToken.None);
        var counting = CountAsync(reports.Reader);
        var watch = Stopwatch.StartNew();
        for (var slot = 0L; watch.Elapsed.TotalSeconds < seconds; slot++) await assignments.Writer.WriteAsync(assignment with { Id = Guid.NewGuid(), Slot = slot });
        assignments.Writer.Complete();
        await running;
        reports.Writer.Complete();
        return await counting;
    }

    private static async Task<(int Ok, int Failed)> CountAsync(ChannelReader<ProbeReport> reports)
    {
        var (ok, failures) = (0, new Dictionary<Failure, int>());
        await foreach (var report in reports.ReadAllAsync())
        {
            if (report.Outcome == Outcome.Ok) ok++;
            else failures[report.Failure!.Value] = failures.GetValueOrDefault(report.Failure!.Value) + 1;
        }

        foreach (var (failure, count) in failures) Console.Error.WriteLine($"  {count} × {failure.Code()}");
        return (ok, failures.Values.Sum());
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal static async Task WaitForAsync(int port)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (attempt < 500)
            {
                await Task.Delay(20);
            }
        }
    }
}
