using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>A connected socket under a deadline and a read limit. The deadline aborts it, so that no call on it can hang.</summary>
public sealed class SocketTransport : ITransport
{
    private readonly Socket _socket;
    private readonly Deadline _deadline;
    private readonly int _readLimit;
    private readonly SocketOperation _operation = SocketOperation.Rent();
    private readonly CancellationTokenRegistration _registration;
    private bool _disposed;

    internal SocketTransport(Socket socket, Deadline deadline, int readLimit)
    {
        (_socket, _deadline, _readLimit) = (socket, deadline, readLimit);
        _registration = deadline.Token.UnsafeRegister(static socket => Abort((Socket)socket!), socket);
    }

    /// <summary>Bytes received so far.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Bytes sent so far.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Connects to an address that has been judged. Success only when the other end is that very address.</summary>
    internal async ValueTask<SocketError> ConnectAsync(IPEndPoint address)
    {
        var error = await _operation.ConnectAsync(_socket, address);
        try
        {
            return error == SocketError.Success && !address.Equals(_socket.RemoteEndPoint) ? SocketError.AddressNotAvailable : error;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted; // the deadline struck just after the connection had opened
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode; // it was reset just then
        }
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        var room = (int)Math.Min(buffer.Length, _readLimit - BytesReceived);
        if (room <= 0) return Received.Nothing(Failure.ReplyTooLarge);
        if (await _operation.ReceiveAsync(_socket, buffer[..room]) is var error and not SocketError.Success) return Received.Nothing(Classify(error));
        if (_operation.BytesTransferred == 0) return Received.Nothing(Failure.ConnectionClosed);
        BytesReceived += _operation.BytesTransferred;
        return Received.Bytes(_operation.BytesTransferred);
    }

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (await _operation.SendAsync(_socket, bytes) is var error and not SocketError.Success) return Classify(error);
            BytesSent += _operation.BytesTransferred;
            bytes = bytes[_operation.BytesTransferred..];
        }

        return null;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (_disposed) return ValueTask.CompletedTask;
        _disposed = true;
        _registration.Dispose();
        _socket.Dispose();
        _operation.Return();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends every call under way; a stalled peer gets a reset instead of a polite close that would linger.</summary>
    internal static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not connected yet, or gone already: nothing to reset.
        }

        socket.Dispose();
    }

    private Failure Classify(SocketError error) =>
        _deadline.Token.IsCancellationRequested ? _deadline.Verdict : SocketFailures.Classify(error);
}
