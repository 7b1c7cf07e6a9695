using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>
/// A tunnel of Shadowsocks (SIP004). The target's address travels in one chunk with the first bytes for it, as clients send it; a server waits for
/// both. It says nothing of its own: the first chunk that opens was sealed by who knows the password, and holds what came from the target.
/// </summary>
internal sealed class ShadowsocksTransport(ProbeSession session, Wire server, ShadowsocksMethod method, byte[] key, HostPort target) : ITransport
{
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(method.KeyLength);
    private ShadowsocksChunks? _up;
    private ShadowsocksChunks? _down;
    private bool _answered;
    private ReadOnlyMemory<byte> _opened;

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_up is not null) return await server.SendAsync(_up.Write(bytes.Span));
        _up = new ShadowsocksChunks(method, ShadowsocksKeys.OfSession(key, _salt));
        return await server.SendAsync((byte[])[.. _salt, .. _up.Write([.. Socks5Probe.Address(target), .. bytes.Span])]);
    }

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

    private async ValueTask<Failure?> OpenChunkAsync()
    {
        if (_down is null)
        {
            if (await server.ReceiveExactlyAsync(method.KeyLength) is not { } salt) return server.Failure;
            if (salt.AsSpan().SequenceEqual(_salt)) return Failure.WrongProtocol; // one key serves both ways: an echo of ours would open
            _down = new ShadowsocksChunks(method, ShadowsocksKeys.OfSession(key, salt));
        }

        if (await server.ReceiveExactlyAsync(ShadowsocksChunks.SealedLength) is not { } sealedLength) return server.Failure;
        if (_down.ReadLength(sealedLength) is not { } length) return _answered ? Failure.ReplyMalformed : Failure.WrongProtocol;
        if (await server.ReceiveExactlyAsync(length + ShadowsocksAead.TagLength) is not { } sealedPayload) return server.Failure;
        if (_down.Open(sealedPayload) is not { } payload) return Failure.ReplyMalformed;
        if (!_answered && payload.Length > 0)
        {
            session.Answered();
            _answered = true;
        }

        _opened = payload;
        return null;
    }
}
