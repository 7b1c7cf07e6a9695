using System.Buffers;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// A conversation over a transport. The first failure sticks: later sends do nothing and later receives return null, so that a protocol
/// reads from top to bottom and asks once. What came with a message but belongs to what follows is kept for it; a wire is itself a
/// transport, so that TLS or a cipher can be laid over one whose greeting is done.
/// </summary>
public sealed class Wire(ITransport transport) : ITransport
{
    private const int FirstBuffer = 512;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _start;
    private int _end;

    /// <summary>What ended the conversation, if anything did.</summary>
    public Failure? Failure { get; private set; }

    /// <summary>Whether any byte of what was received has not been consumed yet.</summary>
    public bool HasLeftover => _end > _start;

    /// <summary>How many bytes came over the transport so far, consumed or not.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Sends a message.</summary>
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (Failure is null && await transport.SendAsync(bytes) is { } failure) Failure = failure;
        return Failure;
    }

    /// <summary>Receives one whole message, however it was cut into packets; null when it did not come or is not one.</summary>
    public async ValueTask<T?> ReceiveAsync<T>()
        where T : class, IWireMessage<T>
    {
        while (Failure is null)
        {
            if (HasLeftover)
            {
                var parsed = T.Parse(_buffer.AsSpan(_start, _end - _start));
                if (parsed.Message is { } message)
                {
                    _start += parsed.Length;
                    return message;
                }

                Failure = parsed.Refusal ?? (_end - _start >= T.MaxLength ? Prober.Failure.ReplyTooLarge : null);
                if (Failure is not null) return null;
            }

            MakeRoom(T.MaxLength);
            var received = await transport.ReceiveAsync(_buffer.AsMemory(_end));
            Failure = received.Failure;
            BytesReceived += received.Count;
            _end += received.Count;
        }

        return null;
    }

    /// <summary>Receives exactly so many bytes, for what is encrypted and has no form before it is opened; null when they did not come.</summary>
    public async ValueTask<byte[]?> ReceiveExactlyAsync(int count)
    {
        var bytes = new byte[count];
        for (var length = 0; length < count;)
        {
            var received = await ReceiveAsync(bytes.AsMemory(length));
            if (received.Failure is not null) return null;
            length += received.Count;
        }

        return bytes;
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        if (Failure is { } earlier) return Received.Nothing(earlier);
        if (HasLeftover)
        {
            var count = Math.Min(buffer.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(buffer.Span);
            _start += count;
            return Received.Bytes(count);
        }

        var received = await transport.ReceiveAsync(buffer);
        Failure = received.Failure;
        BytesReceived += received.Count;
        return received;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        _start = _end = 0;
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return transport.DisposeAsync();
    }

    private void MakeRoom(int most)
    {
        if (_start == _end) _start = _end = 0;
        if (_end < _buffer.Length) return;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_buffer.Length * 2, Math.Max(most, _buffer.Length + 1)));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}
