using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// Accepts strangers on one address, each for one bounded exchange: a limit on time, on bytes and on how many are served at once.
/// Whoever comes beyond that is let go at once, so that a flood costs a file descriptor for a moment and nothing more.
/// </summary>
public sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan PauseWhenExhausted = TimeSpan.FromMilliseconds(50);

    private readonly IPEndPoint _address;
    private readonly ListenerLimits _limits;
    private readonly Func<SocketTransport, IPAddress, ValueTask> _serve;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;
    private int _served = 1; // the listener itself counts until it stops

    /// <summary>Prepares a listener; nothing is opened before <see cref="Start"/>. The callback owns the exchange, the listener owns the connection.</summary>
    public Listener(IPEndPoint address, ListenerLimits limits, Func<SocketTransport, IPAddress, ValueTask> serve, TimeProvider time) =>
        (_address, _limits, _serve, _time) = (address, limits, serve, time);

    /// <summary>Where it listens, with the port that the system chose if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)(_socket?.LocalEndPoint ?? throw new InvalidOperationException("The listener has not been started."));

    /// <summary>Opens the port. Throws when it is taken: a listener that is not there must be noticed at start.</summary>
    public void Start()
    {
        _socket = new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(_address);
        _socket.Listen(_limits.Backlog);
        _accepting = AcceptAsync(_socket);
    }

    /// <summary>Closes the port, ends every exchange under way and returns when the last one is gone.</summary>
    public async Task StopAsync()
    {
        var cancelling = _stop.CancelAsync();
        _socket?.Dispose(); // at once, before anything is waited for: the port may be wanted again
        await cancelling;
        await _accepting;
        if (_idle.Task.IsCompleted) return;
        Leave();
        await _idle.Task;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        var operation = SocketOperation.Rent();
        while (!_stop.IsCancellationRequested)
        {
            var error = await operation.AcceptAsync(listener);
            if (error == SocketError.Success) Serve(operation.AcceptSocket!);
            else if (error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable) await Task.Delay(PauseWhenExhausted, _time, CancellationToken.None);
            else if (error is SocketError.OperationAborted) break;
        }

        operation.Return();
    }

    private void Serve(Socket socket)
    {
        if (Interlocked.Increment(ref _served) > _limits.Connections + 1)
        {
            socket.Dispose();
            Leave();
            return;
        }

        _ = ServeAsync(socket);
    }

    private async Task ServeAsync(Socket socket)
    {
        using var deadline = new Deadline(_limits.Patience, _time, _stop.Token);
        try
        {
            socket.NoDelay = true;
            var from = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            await using var transport = new SocketTransport(socket, deadline, _limits.ReadLimit);
            await _serve(transport, from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose(); // gone between accepting and asking who it was
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _served) == 0) _idle.TrySetResult();
    }
}

/// <summary>How much a listener gives to each stranger, and to all of them.</summary>
/// <param name="Connections">Exchanges at once; default 1,000.</param>
/// <param name="ReadLimit">Bytes read from one connection; default 4 KiB.</param>
/// <param name="Backlog">Connections that the system keeps waiting; default 512.</param>
public sealed record ListenerLimits(int Connections = 1000, int ReadLimit = 4096, int Backlog = 512)
{
    /// <summary>Time for one connection; default 10 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}
