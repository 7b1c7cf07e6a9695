using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Tls;

/// <summary>Application data of TLS 1.3 (RFC 8446 §5), after a handshake.</summary>
internal sealed class Tls13Transport(Wire server, Tls13Keys keys, byte[] up, byte[] down) : ITransport
{
    /// <summary>RFC 8446 §5.1.</summary>
    private const int MostInOne = 16 * 1024;

    private const byte KeyUpdate = 24;

    private byte[] _down = down;
    private byte[] _up = up;
    private Tls13Cipher _opener = new(keys, down);
    private Tls13Cipher _sealer = new(keys, up);
    private ReadOnlyMemory<byte> _opened;

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        for (; bytes.Length > MostInOne; bytes = bytes[MostInOne..])
        {
            if (await server.SendAsync(_sealer.Seal(ContentType.ApplicationData, bytes.Span[..MostInOne])) is { } failure) return failure;
        }

        return await server.SendAsync(_sealer.Seal(ContentType.ApplicationData, bytes.Span));
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        while (_opened.IsEmpty)
        {
            if (await server.ReceiveAsync<Tls13Record>() is not { } record) return Received.Nothing(server.Failure!.Value);
            if (_opener.Open(record) is not { } inside) return Received.Nothing(Failure.ReplyMalformed);
            if (inside.Type == ContentType.ApplicationData) _opened = inside.Content;
            else if (inside.Type == ContentType.Alert) return Received.Nothing(Failure.ConnectionClosed); // §6.1: its end, or its complaint
            else if (inside.Type != ContentType.Handshake) return Received.Nothing(Failure.ReplyMalformed);
            else if (await UpdateAsync(inside.Content) is { } failure) return Received.Nothing(failure);
        }

        var count = Math.Min(buffer.Length, _opened.Length);
        _opened[..count].CopyTo(buffer);
        _opened = _opened[count..];
        return Received.Bytes(count);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _opener.Dispose();
        _sealer.Dispose();
        return server.DisposeAsync();
    }

    /// <summary>RFC 8446 §4.6.3: new keys for what comes, and for what we send where that is asked for. Tickets (§4.6.1) mean nothing to us.</summary>
    private async ValueTask<Failure?> UpdateAsync(ReadOnlyMemory<byte> message)
    {
        if (message.Length != 5 || message.Span[0] != KeyUpdate) return null;
        var isAsked = message.Span[4] == 1;
        _opener.Dispose();
        _opener = new Tls13Cipher(keys, _down = keys.Next(_down));
        if (!isAsked) return null;
        var failure = await server.SendAsync(_sealer.Seal(ContentType.Handshake, [KeyUpdate, 0, 0, 1, 0]));
        _sealer.Dispose();
        _sealer = new Tls13Cipher(keys, _up = keys.Next(_up));
        return failure;
    }
}
