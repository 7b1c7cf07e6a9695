using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace DigitalResistance.Benchmarks.Web;

/// <summary>
/// The whole program as an administrator starts it, on an empty folder and then again on the same: seconds from the start of the process to the first
/// page, bytes of that page with everything it loads, and what the process holds when nobody asks it anything.
/// </summary>
internal static partial class FirstPage
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] args)
    {
        var runs = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 5;
        var program = Path.GetFullPath(args is [_, var path, ..] ? path : Path.Combine(AppContext.BaseDirectory, "DigitalResistance.Web.dll"));
        var (first, later) = (new List<Run>(), new List<Run>());
        for (var i = 0; i < runs; i++)
        {
            var folder = Directory.CreateTempSubdirectory("dr-first-page-");
            first.Add(await MeasureAsync(program, folder));
            later.Add(await MeasureAsync(program, folder));
            folder.Delete(recursive: true);
            Console.WriteLine($"empty folder: {first[^1]}\nlater start:  {later[^1]}");
        }

        foreach (var (name, measured) in new[] { ("empty folder", first), ("later start", later) })
        {
            double Median(Func<Run, double> of) => measured.Select(of).Order().ElementAt(measured.Count / 2);
            Console.WriteLine($"median, {name}: {Median(r => r.Seconds):0.00} s to the first page, {Median(r => r.CpuSeconds):0.00} s of CPU by then, {Median(r => r.IdleMegabytes):0} MiB idle");
        }

        return 0;
    }

    private static async Task<Run> MeasureAsync(string program, DirectoryInfo folder)
    {
        var origin = $"http://localhost:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [program]) { WorkingDirectory = Path.GetDirectoryName(program), RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["ASPNETCORE_URLS"], start.Environment["Database__Folder"], start.Environment["Site__PublicOrigin"]) = (origin, folder.FullName, origin);
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });
            http.DefaultRequestHeaders.Add("Accept-Encoding", "br, gzip");
            using var page = await FirstAnswerAsync(http, process, origin);
            var (seconds, cpu) = (clock.Elapsed.TotalSeconds, Prober.Usage.CpuSeconds(process.Id));
            var bytes = await WeighAsync(http, page);
            await Task.Delay(Idle);
            return new Run(seconds, cpu, bytes, Prober.Usage.ResidentMegabytes(process.Id), Prober.Usage.PeakMegabytes(process.Id));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<HttpResponseMessage> FirstAnswerAsync(HttpClient http, Process process, string origin)
    {
        while (!process.HasExited)
        {
            try
            {
                var answer = await http.GetAsync(new Uri(origin));
                if (answer.IsSuccessStatusCode) return answer;
                answer.Dispose();
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(5);
        }

        throw new InvalidOperationException($"The program ended with {process.ExitCode}.");
    }

    // What travels: the page and everything it loads, compressed as the server sends it to a browser.
    private static async Task<long> WeighAsync(HttpClient http, HttpResponseMessage page)
    {
        var sent = (await page.Content.ReadAsByteArrayAsync()).LongLength;
        using var plain = new HttpClient();
        var address = page.RequestMessage!.RequestUri!;
        var text = await plain.GetStringAsync(address);
        foreach (var asset in Asset().Matches(text).Select(m => m.Groups[1].Value).Distinct())
        {
            sent += (await http.GetByteArrayAsync(new Uri(address, asset))).LongLength;
        }

        return sent;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("""<(?:link rel="(?:stylesheet|icon)"[^>]*href|(?:img|script)[^>]*src)="([^"]+)""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Asset();

    private sealed record Run(double Seconds, double CpuSeconds, long Bytes, double IdleMegabytes, double PeakMegabytes)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{Seconds:0.00} s to the first page ({CpuSeconds:0.00} s of CPU), {Bytes} bytes with every asset, {IdleMegabytes:0} MiB after {Idle.TotalSeconds:0} idle seconds, {PeakMegabytes:0} MiB at most");
    }
}
