using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// A UDP socket that speaks with one judged address and port, under the probe's deadline and a limit on what is read. What anybody else
/// sends never gets here: the kernel drops it. One receive and one send may be under way at once.
/// </summary>
public sealed class DatagramTransport : IDatagrams
{
    private readonly Socket _socket;
    private readonly Deadline _deadline;
    private readonly int _readLimit;
    private readonly SocketOperation _sending = SocketOperation.Rent();
    private readonly SocketOperation _receiving = SocketOperation.Rent();
    private readonly CancellationTokenRegistration _registration;
    private int _read;
    private bool _disposed;

    /// <param name="socket">Connected, so that it has one correspondent.</param>
    /// <param name="deadline">Ends every call under way.</param>
    /// <param name="readLimit">Bytes that are read at most; a datagram counts as one more than it holds.</param>
    internal DatagramTransport(Socket socket, Deadline deadline, int readLimit)
    {
        (_socket, _deadline, _readLimit) = (socket, deadline, readLimit);
        _registration = deadline.Token.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
    }

    /// <summary>Receives the next datagram, cut to the buffer; or says why none will come any more. An empty one is a count of zero without a failure.</summary>
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        if (_read >= _readLimit) return Received.Nothing(Failure.ReplyTooLarge);
        var error = await _receiving.ReceiveAsync(_socket, buffer);
        _read += 1 + _receiving.BytesTransferred;
        return error is SocketError.Success or SocketError.MessageSize ? Received.Bytes(_receiving.BytesTransferred) : Received.Nothing(Classify(error));
    }

    /// <summary>Sends one datagram, or says why not.</summary>
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> payload) =>
        await _sending.SendAsync(_socket, payload) is var error and not SocketError.Success ? Classify(error) : null;

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (_disposed) return ValueTask.CompletedTask;
        _disposed = true;
        _registration.Dispose();
        _socket.Dispose();
        _sending.Return();
        _receiving.Return();
        return ValueTask.CompletedTask;
    }

    private Failure Classify(SocketError error) =>
        _deadline.Token.IsCancellationRequested ? _deadline.Verdict : SocketFailures.Classify(error);
}
