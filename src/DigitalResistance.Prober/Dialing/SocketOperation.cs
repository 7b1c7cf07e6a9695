using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// One socket call at a time, awaited without an exception for the ordinary endings and without an allocation: the objects are pooled.
/// There is no cancellation here; who wants a call to end disposes the socket, and the call ends with <see cref="SocketError.OperationAborted"/>.
/// </summary>
internal sealed class SocketOperation : SocketAsyncEventArgs, IValueTaskSource<SocketError>
{
    private const int MostPooled = 4096;

    private static readonly ConcurrentQueue<SocketOperation> Pool = new();

    private ManualResetValueTaskSourceCore<SocketError> _core;
    private bool _underWay;

    private SocketOperation()
        : base(true)
    {
    }

    public static SocketOperation Rent() => Pool.TryDequeue(out var operation) ? operation : new SocketOperation();

    /// <summary>Gives the object back. One that somebody stopped waiting for is never used again: its end may still come.</summary>
    public void Return()
    {
        if (Volatile.Read(ref _underWay)) return;
        SetBuffer(default);
        RemoteEndPoint = null;
        AcceptSocket = null;
        if (Pool.Count < MostPooled) Pool.Enqueue(this);
        else Dispose();
    }

    public ValueTask<SocketError> ConnectAsync(Socket socket, IPEndPoint address)
    {
        RemoteEndPoint = address;
        return Start(socket, static (socket, self) => socket.ConnectAsync(self));
    }

    public ValueTask<SocketError> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        SetBuffer(buffer);
        return Start(socket, static (socket, self) => socket.ReceiveAsync(self));
    }

    public ValueTask<SocketError> SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        SetBuffer(System.Runtime.InteropServices.MemoryMarshal.AsMemory(bytes));
        return Start(socket, static (socket, self) => socket.SendAsync(self));
    }

    public ValueTask<SocketError> AcceptAsync(Socket listener)
    {
        AcceptSocket = null;
        return Start(listener, static (socket, self) => socket.AcceptAsync(self));
    }

    SocketError IValueTaskSource<SocketError>.GetResult(short token)
    {
        var error = _core.GetResult(token);
        Volatile.Write(ref _underWay, false); // not before: an end that has yet to be told would be told to the next who rents it
        return error;
    }

    ValueTaskSourceStatus IValueTaskSource<SocketError>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<SocketError>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e) => _core.SetResult(SocketError);

    private ValueTask<SocketError> Start(Socket socket, Func<Socket, SocketOperation, bool> start)
    {
        _core.Reset();
        Volatile.Write(ref _underWay, true);
        try
        {
            if (start(socket, this)) return new ValueTask<SocketError>(this, _core.Version);
        }
        catch (ObjectDisposedException)
        {
            // The deadline disposed the socket between two calls.
            Volatile.Write(ref _underWay, false);
            return new ValueTask<SocketError>(SocketError.OperationAborted);
        }

        Volatile.Write(ref _underWay, false);
        return new ValueTask<SocketError>(SocketError);
    }
}
