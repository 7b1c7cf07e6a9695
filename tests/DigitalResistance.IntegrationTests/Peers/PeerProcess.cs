using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>
/// A program that strangers wrote, run for a test. It lives for a bounded time even when the test run is killed, its output
/// is kept for the failure message, waiting for it is bounded, and it is ended by its process id together with its children.
/// </summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(25);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private bool _isDisposed;
    private bool _isFrozen;

    private PeerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything it wrote so far, both streams.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program; its standard input stays open until it is disposed.</summary>
    public static PeerProcess Start(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null) =>
        new(Prepare([Needs.Program("timeout"), "--kill-after=5", $"{LongestLife.TotalSeconds}", program, .. arguments], folder, environment));

    /// <summary>Runs a program to its end with the given standard input; fails with its output when it does not return 0.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string input = "", string? folder = null, int seconds = 60)
    {
        using var process = Prepare([program, .. arguments], folder, null);
        process.Start();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading: its exit status says more than a broken pipe.
            }

            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await errors}");
        }
        finally
        {
            Kill(process);
        }
    }

    /// <summary>Waits until its output contains the text.</summary>
    public Task WaitForTextAsync(string text, int seconds = 30) =>
        WaitAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), $"'{text}' in its output", seconds);

    /// <summary>Waits until it accepts connections on a port of a loopback address, 127.0.0.1 unless told.</summary>
    public Task WaitForPortAsync(int port, int seconds = 30, string? at = null) => WaitAsync(() => AcceptsAsync(IPAddress.Parse(at ?? "127.0.0.1"), port), $"port {port}", seconds);

    /// <summary>Waits until a condition holds; fails with its output when it ends or the time is over first.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(); // only then is its output complete
                throw new InvalidOperationException($"{Name} ended with {_process.ExitCode} before {what}: {Output}");
            }

            if (watch.Elapsed.TotalSeconds > seconds) throw new TimeoutException($"{Name} did not reach {what} within {seconds} s: {Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>Asks it to end, as Ctrl+C does, and waits until it has; fails with its output when it does not.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> InterruptAsync(int seconds = 30)
    {
        // It is a child of 'timeout', which hands the signal on.
        await RunAsync(Needs.Program("kill"), ["-INT", $"{_process.Id}"]);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Name} did not end within {seconds} s: {Output}");
        }
    }

    /// <summary>Types a line at its console.</summary>
    public Task TypeAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Stops it and its children where they are: the kernel still takes connections for them, and nothing answers.</summary>
    public async Task FreezeAsync()
    {
        await SignalAllAsync("STOP");
        _isFrozen = true;
        while (Threads().Any(state => state != "T")) await Task.Delay(5); // the signal is on its way for a while

        // State and group are the first and third after the name, which may contain anything (proc(5)).
        IEnumerable<string> Threads() => Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[6]) && Stat(folder) is [_, _, var group, ..] && group == $"{_process.Id}")
            .SelectMany(folder => Directory.GetDirectories($"{folder}/task")).Select(thread => Stat(thread)[0]);
    }

    /// <summary>Ends it at once, as a power cut would: no signal that it could answer.</summary>
    public async Task KillAsync()
    {
        if (_isFrozen && !_process.HasExited) await SignalAllAsync("KILL"); // one by one, the last of them would be woken by the kernel as orphans
        Kill(_process);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await KillAsync();
        _process.Dispose();
    }

    /// <summary>A loopback port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> AcceptsAsync(IPAddress at, int port)
    {
        using var client = new TcpClient(at.AddressFamily);
        try
        {
            await client.ConnectAsync(at, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>'timeout' leads a group of its own, in which all its descendants are.</summary>
    private Task SignalAllAsync(string signal) => RunAsync(Needs.Program("kill"), [$"-{signal}", "--", $"-{_process.Id}"]);

    private static string[] Stat(string folder)
    {
        try
        {
            var line = File.ReadAllText($"{folder}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ["T"]; // it has ended
        }
    }

    private string Name => _process.StartInfo.ArgumentList.ElementAtOrDefault(2) ?? _process.StartInfo.FileName;

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }

    private static Process Prepare(string[] command, string? folder, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        return new Process { StartInfo = start };
    }

    private static void Kill(Process process)
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }
}
