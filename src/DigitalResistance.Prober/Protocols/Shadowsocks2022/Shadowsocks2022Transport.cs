using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols.Shadowsocks;

namespace DigitalResistance.Prober.Protocols.Shadowsocks2022;

/// <summary>
/// A tunnel of the 2022 edition (SIP022 §3.1). The head of the response repeats our salt, so that nothing but an answer to this very request passes for
/// one; it comes with the first bytes from the target, not before.
/// </summary>
internal sealed class Shadowsocks2022Transport(ProbeSession session, Wire server, ShadowsocksMethod method, byte[] psk, HostPort target) : ITransport
{
    private const int MostInHead = 16 * 1024;
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(method.KeyLength);
    private ShadowsocksChunks? _up;
    private ShadowsocksChunks? _down;
    private bool _answered;
    private ReadOnlyMemory<byte> _opened;

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes) => await server.SendAsync(_up is null ? Begin(bytes.Span) : _up.Write(bytes.Span));

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        while (_opened.IsEmpty)
        {
            if (await OpenChunkAsync() is { } end) return Received.Nothing(end);
        }

        var count = Math.Min(buffer.Length, _opened.Length);
        _opened[..count].CopyTo(buffer);
        _opened = _opened[count..];
        return Received.Bytes(count);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _up?.Dispose();
        _down?.Dispose();
        return server.DisposeAsync();
    }

    /// <summary>Salt and both heads go in one piece (SIP022 §3.1.3, "Detection Prevention").</summary>
    private byte[] Begin(ReadOnlySpan<byte> bytes)
    {
        _up = Chunks(_salt);
        var first = bytes[..Math.Min(bytes.Length, MostInHead)];
        var variable = StreamHeaders.RequestVariable(target, first);
        return [.. _salt, .. _up.Seal(StreamHeaders.RequestFixed(session.Time.GetUtcNow(), variable.Length)), .. _up.Seal(variable), .. _up.Write(bytes[first.Length..])];
    }

    private async ValueTask<Failure?> OpenChunkAsync()
    {
        if (_down is null) return await GreetAsync();
        if (await server.ReceiveExactlyAsync(ShadowsocksChunks.SealedLength) is not { } sealedLength) return server.Failure;
        return _down.ReadLength(sealedLength) is { } length ? await OpenPayloadAsync(length) : Failure.ReplyMalformed;
    }

    /// <summary>Salt, head and the payload whose length the head says.</summary>
    private async ValueTask<Failure?> GreetAsync()
    {
        if (await server.ReceiveExactlyAsync(method.KeyLength) is not { } salt) return server.Failure;
        if (await server.ReceiveExactlyAsync(StreamHeaders.ResponseLength(_salt.Length) + ShadowsocksAead.TagLength) is not { } sealedHead) return server.Failure;
        _down = Chunks(salt);
        if (_down.Open(sealedHead) is not { } head) return Failure.WrongProtocol;
        if (StreamHeaders.ReadResponse(head, _salt) is not { } response) return Failure.ReplyMalformed; // sealed with our key, but no answer to us
        session.Saw(response.Time);
        if ((response.Time - session.Time.GetUtcNow()).Duration() > StreamHeaders.MostSkew) return Failure.ReplyMalformed; // no client would take it
        session.Enter(Stage.Proof);
        return await OpenPayloadAsync(response.Length);
    }

    private async ValueTask<Failure?> OpenPayloadAsync(int length)
    {
        if (await server.ReceiveExactlyAsync(length + ShadowsocksAead.TagLength) is not { } sealedPayload) return !_answered && server.Failure == Failure.ConnectionClosed ? Failure.NothingCarried : server.Failure;
        if (_down!.Open(sealedPayload) is not { } payload) return Failure.ReplyMalformed;
        if (!_answered && payload.Length > 0) session.Answered(); // the first bytes from beyond
        _answered |= payload.Length > 0;
        _opened = payload;
        return null;
    }

    private ShadowsocksChunks Chunks(byte[] salt) => new(method, Psk.OfSession(psk, salt), ushort.MaxValue);
}
