using System.Buffers.Binary;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>
/// One direction of a stream: chunks of a sealed length and a sealed payload (SIP004, "TCP"). Each seal has its own number, which is never sent: a
/// chunk that is left out, repeated or put elsewhere does not open.
/// </summary>
internal sealed class ShadowsocksChunks(ShadowsocksMethod method, byte[] sessionKey, int mostInOne = ShadowsocksChunks.MostInOne) : IDisposable
{
    /// <summary>The two upper bits of a length are reserved.</summary>
    public const int MostInOne = 0x3fff;

    /// <summary>What a length takes on the wire.</summary>
    public const int SealedLength = 2 + ShadowsocksAead.TagLength;

    private readonly ShadowsocksAead _aead = new(method, sessionKey);
    private ulong _number;

    /// <summary>As many chunks as the bytes need.</summary>
    public byte[] Write(ReadOnlySpan<byte> bytes)
    {
        List<byte> chunks = [];
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, mostInOne)..])
        {
            var payload = bytes[..Math.Min(bytes.Length, mostInOne)];
            chunks.AddRange(Seal([(byte)(payload.Length >> 8), (byte)payload.Length]));
            chunks.AddRange(Seal(payload));
        }

        return [.. chunks];
    }

    /// <summary>How long the next payload is; null when nobody sealed the length who knows the key, or no payload may be as long.</summary>
    public int? ReadLength(byte[] sealedLength) =>
        Open(sealedLength) is { Length: 2 } length && BinaryPrimitives.ReadUInt16BigEndian(length) is var count && count <= mostInOne ? count : null;

    /// <summary>The next seal of this direction.</summary>
    public byte[] Seal(ReadOnlySpan<byte> text) => _aead.Seal(Nonce(), text);

    /// <summary>What the next seal of this direction holds; null when it does not open.</summary>
    public byte[]? Open(ReadOnlySpan<byte> sealedText) => _aead.Open(Nonce(), sealedText);

    /// <inheritdoc />
    public void Dispose() => _aead.Dispose();

    private byte[] Nonce()
    {
        var nonce = new byte[ShadowsocksAead.NonceLength];
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, _number++);
        return nonce;
    }
}
