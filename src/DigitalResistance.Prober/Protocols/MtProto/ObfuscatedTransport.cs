using System.Buffers.Binary;
using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>
/// MTProto's obfuscation (https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation): 64 random bytes, both keys made from
/// them and the proxy's secret, and AES-CTR both ways. There is no answer to the 64 bytes, and nothing in the stream is authenticated: a
/// wrong secret shows as nonsense, silence or an end.
/// </summary>
internal sealed class ObfuscatedTransport : ITransport
{
    public const int HeaderLength = 64;
    public const uint Intermediate = 0xeeeeeeee;
    public const uint PaddedIntermediate = 0xdddddddd;

    private readonly ITransport _transport;
    private readonly AesCtr _up;
    private readonly AesCtr _down;
    private byte[]? _header;

    public ObfuscatedTransport(ITransport transport, ReadOnlySpan<byte> secret, bool padded, short dataCentre)
    {
        _transport = transport;
        var header = Header(padded ? PaddedIntermediate : Intermediate, dataCentre);
        var reversed = header[8..56].Reverse().ToArray();
        _up = new AesCtr(Key(header.AsSpan(8, 32), secret), header.AsSpan(40, 16));
        _down = new AesCtr(Key(reversed.AsSpan(0, 32), secret), reversed.AsSpan(32, 16));
        var encrypted = (byte[])header.Clone();
        _up.Apply(encrypted);
        _header = [.. header[..56], .. encrypted[56..]];
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        var received = await _transport.ReceiveAsync(buffer);
        _down.Apply(buffer.Span[..received.Count]);
        return received;
    }

    /// <inheritdoc />
    public ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        // The 64 bytes never travel alone: clients send them with the first packet.
        var (header, encrypted) = (_header ?? [], bytes.ToArray());
        _header = null;
        _up.Apply(encrypted);
        return _transport.SendAsync((byte[])[.. header, .. encrypted]);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _up.Dispose();
        _down.Dispose();
        return _transport.DisposeAsync();
    }

    internal static byte[] Key(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret) => secret.IsEmpty ? key.ToArray() : SHA256.HashData([.. key, .. secret]);

    private static byte[] Header(uint tag, short dataCentre)
    {
        var header = new byte[HeaderLength];
        do
        {
            RandomNumberGenerator.Fill(header);
        }
        while (LooksLikeSomethingElse(header));

        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(56), tag);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(60), dataCentre);
        return header;
    }

    /// <summary>Beginnings by which servers and filters would take the stream for another transport, for HTTP or for TLS.</summary>
    private static bool LooksLikeSomethingElse(ReadOnlySpan<byte> header) =>
        header[0] == 0xef || header.StartsWith("HEAD"u8) || header.StartsWith("POST"u8) || header.StartsWith("GET "u8) || header.StartsWith("OPTI"u8)
        || header is [0x16, 3, 1, 2, ..] or [0xdd, 0xdd, 0xdd, 0xdd, ..] or [0xee, 0xee, 0xee, 0xee, ..]
        || BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) == 0;
}
