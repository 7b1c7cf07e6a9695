using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Web.About;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Benchmarks.Ledger;

/// <summary>
/// <c>ledger 1000000</c>: a log of so many donations from nothing. Appended and sealed as the product does it; verified by the outsider's command;
/// then the program is started on the folder and asked for pages, for the whole as CSV, and how long an event waits for its checkpoint.
/// </summary>
internal static class LedgerBenchmark
{
    private const string Origin = "ledger.example/dr";
    private const int Together = 1000;

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args is [var number, ..] ? int.Parse(number, CultureInfo.InvariantCulture) : 1_000_000;
        var program = args is [_, var path, ..] ? Path.GetFullPath(path) : Path.Combine(AppContext.BaseDirectory, "DigitalResistance.Web.dll");
        var folder = Directory.CreateTempSubdirectory("dr-ledger-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "instance.json"), InstanceExample.For(TimeProvider.System.GetUtcNow()));
            await FillAsync(folder.FullName, count);
            await VerifyAsync(folder.FullName);
            await using var site = await Site.StartAsync(program, folder.FullName);
            await PagesAsync(site, count);
            await CachedAsync(site);
            await CsvAsync(site, count);
            await WaitAsync(site, folder.FullName, count);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task FillAsync(string folder, int count)
    {
        await using (var db = Open(folder)) await db.Database.MigrateAsync();
        var (append, seal) = (new Took(), new Took());
        var state = new LedgerState();
        for (var done = 0; done < count;)
        {
            append.Start();
            for (var batch = 0; batch < 8 && done < count; batch++)
            {
                var together = Math.Min(Together, count - done);
                await AppendAsync(folder, done, together);
                done += together;
            }

            append.Stop();
            seal.Start();
            await SealAsync(folder, state);
            seal.Stop();
        }

        seal.Start();
        while (await SealAsync(folder, state) > 0)
        {
        }

        seal.Stop();
        var seconds = append.Seconds + seal.Seconds;
        Say($"append and seal: {count / seconds:N0} entries a second (append {append.Seconds:0.0} s, of it {append.Cpu:0.0} s CPU, in transactions of {Together}; seal {seal.Seconds:0.0} s, {seal.Cpu:0.0} s CPU)");
    }

    private static async Task AppendAsync(string folder, int from, int count)
    {
        await using var db = Open(folder);
        for (var i = from; i < from + count; i++) db.Append(Donation(i), DateTimeOffset.UnixEpoch.AddDays(20_000 + (i / 1000)));
        await db.SaveChangesAsync();
    }

    private static DonationConfirmed Donation(int number) => new(new Sats(1000 + (number % 100_000)), Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number))), 0, 800_000 + (number / 100), number);

    private static async Task<int> SealAsync(string folder, LedgerState state)
    {
        await using var db = Open(folder);
        var folders = new LedgerFolders(Path.Combine(folder, "ledger"), Path.Combine(folder, "keys"));
        return await new SealingPass(db, folders, state, Options.Create(new LedgerOptions { Origin = Origin }), TimeProvider.System, NullLogger<SealingPass>.Instance).RunAsync(default);
    }

    private static async Task VerifyAsync(string folder)
    {
        string key;
        await using (var db = Open(folder)) key = await db.Set<LedgerHead>().Select(h => h.VerifierKey).SingleAsync();
        var command = Path.Combine(AppContext.BaseDirectory, "DigitalResistance.Verify.dll");
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [command, Path.Combine(folder, "ledger"), key]) { RedirectStandardOutput = true })!;
        var (output, peak) = (process.StandardOutput.ReadToEndAsync(), 0.0);
        while (!process.HasExited)
        {
            try
            {
                peak = Math.Max(peak, Prober.Usage.PeakMegabytes(process.Id));
            }
            catch (Exception ended) when (ended is IOException or InvalidOperationException)
            {
                break;
            }

            await Task.Delay(50);
        }

        await process.WaitForExitAsync();

        Say($"verify from local files: {clock.Elapsed.TotalSeconds:0.0} s, {peak:0} MiB at most: {(await output).TrimEnd().Split('\n')[^1]}");
    }

    private static async Task PagesAsync(Site site, int count)
    {
        var random = new Random(1);
        // A program that has run for a minute has compiled what it uses all the time.
        for (var i = 0; i < 500; i++) await site.Http.GetByteArrayAsync(new Uri(site.Address, $"/en/ledger?after={random.Next(200, Math.Max(201, count))}"));
        string[] filters = ["", "kind=money", "kind=donation.confirmed", "from=2024-10-04&to=2024-12-30", "min=50000&max=51000"];
        foreach (var filter in filters)
        {
            var times = new List<double>();
            for (var i = 0; i < 220; i++)
            {
                // Another place each time, so that nothing answers from memory.
                var clock = Stopwatch.StartNew();
                await site.Http.GetByteArrayAsync(new Uri(site.Address, $"/en/ledger?after={random.Next(200, Math.Max(201, count))}&{filter}".TrimEnd('&')));
                if (i >= 20) times.Add(clock.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            Say($"page of 100 rows, uncached, '{filter}': median {times[times.Count / 2]:0.0} ms, p95 {times[times.Count * 95 / 100]:0.0} ms");
        }
    }

    private static async Task CachedAsync(Site site)
    {
        foreach (var (path, knows) in new[] { ("/en/ledger", false), ("/en/ledger", true), ("/ledger/checkpoint", true) })
        {
            using var first = await site.Http.GetAsync(new Uri(site.Address, path));
            var tag = knows ? first.Headers.ETag : null;
            var (answers, clock) = (0, Stopwatch.StartNew());
            await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
            {
                while (clock.Elapsed < TimeSpan.FromSeconds(5))
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(site.Address, path));
                    if (tag is not null) request.Headers.IfNoneMatch.Add(tag);
                    using var answer = await site.Http.SendAsync(request);
                    await answer.Content.ReadAsByteArrayAsync();
                    Interlocked.Increment(ref answers);
                }
            }));
            Say($"the same again, {path}: {answers / clock.Elapsed.TotalSeconds:N0} requests a second{(tag is null ? ", whole" : ", by its tag")}");
        }
    }

    private static async Task CsvAsync(Site site, int count)
    {
        var before = Prober.Usage.ResidentMegabytes(site.Id);
        var (clock, rows, peak) = (Stopwatch.StartNew(), 0L, before);
        using var answer = await site.Http.GetAsync(new Uri(site.Address, "/ledger.csv"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        for (int read, reads = 0; (read = await body.ReadAsync(buffer)) > 0; reads++)
        {
            rows += buffer.AsSpan(0, read).Count((byte)'\n');
            if (reads % 50 == 0) peak = Math.Max(peak, Prober.Usage.ResidentMegabytes(site.Id));
        }

        Say($"CSV of {rows - 1:N0} rows (of {count + 1:N0} entries): {clock.Elapsed.TotalSeconds:0.0} s, the program held {before:0} MiB before and {peak:0} MiB at most");
    }

    /// <summary>From the commit of a fact's transaction to the signed checkpoint that covers it, as a reader sees it.</summary>
    private static async Task WaitAsync(Site site, string folder, int count)
    {
        var times = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            var size = await SizeAsync();
            await AppendAsync(folder, count + i, 1);
            var clock = Stopwatch.StartNew();
            while (await SizeAsync() == size) await Task.Delay(10);
            times.Add(clock.Elapsed.TotalSeconds);
        }

        Say($"event to signed checkpoint: {times.Average():0.00} s on average, {times.Max():0.00} s at most");

        async Task<string> SizeAsync() => (await site.Http.GetStringAsync(new Uri(site.Address, "/ledger/checkpoint"))).Split('\n')[1];
    }

    private static SqliteMoneyDb Open(string folder) => new(new DbContextOptionsBuilder<SqliteMoneyDb>()
        .UseSqlite($"Data Source={Path.Combine(folder, "money.db")};Default Timeout=30").UseSnakeCaseNamingConvention().AddInterceptors(new SqlitePragmas("FULL")).Options);

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Time by the clock and time of the processor, which says more on a busy machine.</summary>
    private sealed class Took
    {
        private readonly Stopwatch _clock = new();

        public double Seconds => _clock.Elapsed.TotalSeconds;

        public double Cpu { get; private set; }

        public void Start()
        {
            Cpu -= Environment.CpuUsage.TotalTime.TotalSeconds;
            _clock.Start();
        }

        public void Stop()
        {
            _clock.Stop();
            Cpu += Environment.CpuUsage.TotalTime.TotalSeconds;
        }
    }

    /// <summary>The program as an administrator starts it.</summary>
    private sealed class Site(Process process, Uri address) : IAsyncDisposable
    {
        public HttpClient Http { get; } = new(new SocketsHttpHandler { MaxConnectionsPerServer = 32, AllowAutoRedirect = false });

        public Uri Address => address;

        public int Id => process.Id;

        public static async Task<Site> StartAsync(string program, string folder)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var origin = $"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}";
            listener.Stop();
            var start = new ProcessStartInfo("dotnet", [program]) { WorkingDirectory = Path.GetDirectoryName(program), RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (name, value) in new[] { ("ASPNETCORE_URLS", origin), ("Database__Folder", folder), ("Site__PublicOrigin", origin), ("Ledger__Origin", Origin), ("Logging__LogLevel__Default", "Warning") }) start.Environment[name] = value;
            var site = new Site(Process.Start(start)!, new Uri(origin));
            site.Listen();
            for (var attempt = 0; attempt < 6000; attempt++)
            {
                try
                {
                    using var answer = await site.Http.GetAsync(new Uri(site.Address, "/health/ready"));
                    if (answer.IsSuccessStatusCode) return site;
                }
                catch (HttpRequestException)
                {
                    // It does not listen yet.
                }

                await Task.Delay(20);
            }

            await site.DisposeAsync();
            throw new InvalidOperationException("The program does not become ready.");
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        private void Listen()
        {
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }
    }
}
