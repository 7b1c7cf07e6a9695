using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober;

/// <summary>A server on loopback that does to each visitor exactly what a test says, and remembers how many came.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _visits = new();
    private readonly Task _accepting;

    public ScriptedServer(Func<NetworkStream, CancellationToken, Task> script)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(script);
    }

    public int Visitors { get; private set; }

    public int Port { get; }

    public HostPort Address => HostPort.Parse($"127.0.0.1:{Port}");

    /// <summary>Takes what comes and never says a word.</summary>
    public static Task Silence(NetworkStream stream, CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    /// <summary>Reads exactly as many bytes, and returns them.</summary>
    public static async Task<byte[]> ReadAsync(Stream stream, int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }

    /// <summary>Reads up to and with an empty line, as of an HTTP request.</summary>
    public static async Task<string> ReadHeadAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()) && await stream.ReadAsync(one, cancellation) == 1) head.Add(one[0]);
        return System.Text.Encoding.ASCII.GetString([.. head]);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_visits.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> script)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var visitor = await _listener.AcceptTcpClientAsync(_stop.Token);
                visitor.NoDelay = true;
                Visitors++;
                _visits.TryAdd(VisitAsync(visitor, script), true);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task VisitAsync(TcpClient visitor, Func<NetworkStream, CancellationToken, Task> script)
    {
        using (visitor)
        {
            try
            {
                await script(visitor.GetStream(), _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // The visitor left, or the test is over.
            }
        }
    }
}
