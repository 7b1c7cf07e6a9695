using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Vmess;

/// <summary>
/// A tunnel of VMess. The request goes with the first bytes for the target. The server's greeting is sealed with keys that only who knows the id
/// could read, so it ends the handshake; it says nothing about the target, since servers send it before, and even without, one byte from there.
/// </summary>
internal sealed class VmessTransport(ProbeSession session, Wire server, VmessRequest request) : ITransport
{
    private readonly VmessChunks _up = new(request.Key, request.Iv);
    private readonly VmessChunks _down = Down(request);
    private byte[] _lead = request.Bytes;
    private bool _greeted;
    private bool _carried;
    private ReadOnlyMemory<byte> _opened;

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        List<byte> chunks = [.. _lead];
        _lead = [];
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, VmessChunks.MostInOne)..]) chunks.AddRange(_up.Write(bytes.Span[..Math.Min(bytes.Length, VmessChunks.MostInOne)]));
        return await server.SendAsync(chunks.ToArray());
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        if (!_greeted && await GreetAsync() is { } refusal) return Received.Nothing(refusal);
        if (_opened.IsEmpty && await OpenChunkAsync() is { } end) return Received.Nothing(end);
        var count = Math.Min(buffer.Length, _opened.Length);
        _opened[..count].CopyTo(buffer);
        _opened = _opened[count..];
        return Received.Bytes(count);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => server.DisposeAsync();

    /// <summary>Sealed length, sealed head; the head begins with the mark of the request and may order things, which we are free to leave.</summary>
    private async ValueTask<Failure?> GreetAsync()
    {
        var (key, iv) = VmessChunks.Back(request.Key, request.Iv);
        if (await server.ReceiveExactlyAsync(2 + VmessAead.TagLength) is not { } sealedLength) return server.Failure;
        if (VmessAead.Open(VmessKeys.Key(key, "AEAD Resp Header Len Key"), VmessKeys.Nonce(iv, "AEAD Resp Header Len IV"), sealedLength) is not { } length) return Failure.WrongProtocol;
        if (await server.ReceiveExactlyAsync(((length[0] << 8) | length[1]) + VmessAead.TagLength) is not { } sealedHead) return server.Failure;
        var head = VmessAead.Open(VmessKeys.Key(key, "AEAD Resp Header Key"), VmessKeys.Nonce(iv, "AEAD Resp Header IV"), sealedHead);
        if (head is not [var mark, ..] || mark != request.Mark) return Failure.ReplyMalformed;
        _greeted = true;
        session.Enter(Stage.Proof);
        return null;
    }

    private async ValueTask<Failure?> OpenChunkAsync()
    {
        if (await server.ReceiveExactlyAsync(2) is not { } masked) return !_carried && server.Failure == Failure.ConnectionClosed ? Failure.NothingCarried : server.Failure;
        var (length, padding) = _down.ReadLength(masked);
        if (length < padding + VmessAead.TagLength) return Failure.ReplyMalformed;
        if (await server.ReceiveExactlyAsync(length) is not { } bytes) return server.Failure;
        if (_down.Open(bytes.AsSpan(0, length - padding)) is not { } opened) return Failure.ReplyMalformed;
        _opened = opened;
        if (opened.Length == 0) return _carried ? Failure.ConnectionClosed : Failure.NothingCarried;
        if (!_carried) session.Answered(); // the first bytes from beyond
        _carried = true;
        return null;
    }

    private static VmessChunks Down(VmessRequest request)
    {
        var (key, iv) = VmessChunks.Back(request.Key, request.Iv);
        return new(key, iv);
    }
}
