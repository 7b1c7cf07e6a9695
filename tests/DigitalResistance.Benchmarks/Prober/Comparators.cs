using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace DigitalResistance.Benchmarks.Prober;

/// <summary>Other people's probers on the same job: greeting, CONNECT, GET, the page compared. Each is left out when it is not installed.</summary>
internal static class Comparators
{
    public static async Task RunAsync(int microsocksPort, int seconds, int microsocks)
    {
        using var origin = Usage.Start(Environment.ProcessPath!, "origin");
        try
        {
            var originPort = int.Parse((await origin.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            foreach (var concurrency in new[] { 8, 32 }) await BlackboxAsync(microsocksPort, originPort, concurrency, seconds, microsocks, origin);
            await HaproxyAsync(microsocksPort, originPort, seconds, microsocks, origin);
        }
        finally
        {
            origin.Kill();
        }
    }

    /// <summary>https://github.com/prometheus/blackbox_exporter: asked over HTTP as Prometheus asks it; our asking is counted with the other ends.</summary>
    private static Task BlackboxAsync(int microsocksPort, int originPort, int concurrency, int seconds, int microsocks, Process origin) => BlackboxAsync(
        $"      proxy_url: \"socks5://127.0.0.1:{microsocksPort}\"\n      fail_if_body_not_matches_regexp: [\"{OriginProcess.Page}\"]\n",
        $"http://127.0.0.1:{originPort}/", concurrency, seconds, () => Usage.CpuSeconds(microsocks) + Usage.CpuSeconds(origin.Id));

    /// <summary>The same with any settings of its HTTP prober, as they stand below <c>http</c>, and any target.</summary>
    internal static async Task BlackboxAsync(string http, string target, int concurrency, int seconds, Func<double> others)
    {
        const string program = "/usr/bin/prometheus-blackbox-exporter";
        if (!File.Exists(program)) return;
        var config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, $"modules:\n  probe:\n    prober: http\n    timeout: 5s\n    http:\n{http}");
        var port = ProberComparison.FreePort();
        using var exporter = Usage.Start(program, $"--config.file={config}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error");
        try
        {
            await ProberComparison.WaitForAsync(port);
            using var client = new HttpClient();
            var question = new Uri($"http://127.0.0.1:{port}/probe?module=probe&target={target}");
            await AskAsync(client, question, concurrency, 1);
            var start = Spent(exporter.Id, others);
            var watch = Stopwatch.StartNew();
            var (ok, failed) = await AskAsync(client, question, concurrency, seconds);
            Print($"blackbox exporter, {concurrency} at once", ok, failed, watch.Elapsed.TotalSeconds, start, Spent(exporter.Id, others), exporter.Id);
        }
        finally
        {
            exporter.Kill();
            File.Delete(config);
        }
    }

    private static async Task<(long Ok, long Failed)> AskAsync(HttpClient client, Uri question, int concurrency, int seconds)
    {
        var (ok, failed, watch) = (0L, 0L, Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            while (watch.Elapsed.TotalSeconds < seconds)
            {
                var answer = await client.GetStringAsync(question);
                if (answer.Contains("probe_success 1", StringComparison.Ordinal)) Interlocked.Increment(ref ok);
                else Interlocked.Increment(ref failed);
            }
        }));
        return (ok, failed);
    }

    /// <summary>https://www.haproxy.org tcp-check: 400 servers, each as often as its own clock allows (10,000 a second at most); counted where they arrive.</summary>
    private static async Task HaproxyAsync(int microsocksPort, int originPort, int seconds, int microsocks, Process origin)
    {
        const string program = "/usr/sbin/haproxy";
        if (!File.Exists(program)) return;
        var config = Path.GetTempFileName();
        var text = new StringBuilder("global\n  maxconn 2000\n  spread-checks 50\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n  timeout check 5s\n")
            .Append(CultureInfo.InvariantCulture, $"frontend unused\n  bind 127.0.0.1:{ProberComparison.FreePort()}\n  default_backend socks\nbackend socks\n") // it will not start without one
            .Append("  option tcp-check\n  tcp-check connect\n  tcp-check send-binary 050100\n  tcp-check expect binary 0500\n")
            .Append(CultureInfo.InvariantCulture, $"  tcp-check send-binary 050100017f000001{originPort:x4}\n  tcp-check expect binary 05000001\n")
            .Append(CultureInfo.InvariantCulture, $"  tcp-check send \"GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n\"\n  tcp-check expect string {OriginProcess.Page}\n");
        for (var server = 0; server < 400; server++) text.Append(CultureInfo.InvariantCulture, $"  server s{server} 127.0.0.1:{microsocksPort} check inter 40ms\n");
        await File.WriteAllTextAsync(config, text.ToString());
        using var haproxy = Usage.Start(program, "-db", "-f", config);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            double Others() => Usage.CpuSeconds(microsocks) + Usage.CpuSeconds(origin.Id);
            var (start, served, watch) = (Spent(haproxy.Id, Others), await ServedAsync(origin), Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            var ok = await ServedAsync(origin) - served;
            Print("HAProxy tcp-check, 400 servers", ok, 0, watch.Elapsed.TotalSeconds, start, Spent(haproxy.Id, Others), haproxy.Id);
        }
        finally
        {
            haproxy.Kill();
            File.Delete(config);
        }
    }

    private static async Task<long> ServedAsync(Process origin)
    {
        await origin.StandardInput.WriteLineAsync();
        await origin.StandardInput.FlushAsync();
        return long.Parse((await origin.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
    }

    private static (double Prober, double Others, double Machine) Spent(int prober, Func<double> others) =>
        (Usage.CpuSeconds(prober), others() + Usage.CpuSeconds(Environment.ProcessId), Usage.MachineSeconds());

    private static void Print(string name, long ok, long failed, double seconds, (double Prober, double Others, double Machine) from, (double Prober, double Others, double Machine) to, int pid) =>
        new Row(name, ok, failed, seconds, to.Prober - from.Prober, to.Others - from.Others, to.Machine - from.Machine, Usage.PeakMegabytes(pid)).Print();
}
