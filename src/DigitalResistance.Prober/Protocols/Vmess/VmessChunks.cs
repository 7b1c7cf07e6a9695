using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols.Vmess;

/// <summary>
/// One direction of a VMess stream: chunks of a masked length, sealed bytes and random padding. Masks and paddings are drawn from SHAKE-128 of
/// the direction's nonce, two numbers for each chunk, so that both ends draw alike.
/// </summary>
internal sealed class VmessChunks(byte[] key, byte[] iv)
{
    /// <summary>How much goes into one chunk: what clients in use put there at most.</summary>
    public const int MostInOne = 8 * 1024;

    private const int MostPadding = 64;
    private byte[] _drawn = Shake128.HashData(iv, 256);
    private int _next;
    private ushort _count;

    /// <summary>The direction back: its key and nonce are hashes of those of the request.</summary>
    public static (byte[] Key, byte[] Iv) Back(byte[] key, byte[] iv) => (SHA256.HashData(key)[..16], SHA256.HashData(iv)[..16]);

    /// <summary>One chunk; an empty one ends the direction.</summary>
    public byte[] Write(ReadOnlySpan<byte> bytes)
    {
        var padding = Draw() % MostPadding;
        var body = VmessAead.Seal(key, Nonce(), bytes);
        var length = (ushort)((body.Length + padding) ^ Draw());
        return [(byte)(length >> 8), (byte)length, .. body, .. RandomNumberGenerator.GetBytes(padding)];
    }

    /// <summary>What the next two bytes of length mean: how many bytes follow, and how many of them at the end are padding.</summary>
    public (int Length, int Padding) ReadLength(ReadOnlySpan<byte> masked)
    {
        var padding = Draw() % MostPadding;
        return (BinaryPrimitives.ReadUInt16BigEndian(masked) ^ Draw(), padding);
    }

    /// <summary>The bytes of a chunk without its padding; null when nobody sealed them who knows the key.</summary>
    public byte[]? Open(ReadOnlySpan<byte> sealedBytes) => VmessAead.Open(key, Nonce(), sealedBytes);

    /// <summary>The number of the chunk, and ten bytes of the direction's nonce.</summary>
    private byte[] Nonce()
    {
        var number = _count++;
        return [(byte)(number >> 8), (byte)number, .. iv.AsSpan(2, 10)];
    }

    private ushort Draw()
    {
        if (_next == _drawn.Length) _drawn = Shake128.HashData(iv, _drawn.Length * 2);
        var number = BinaryPrimitives.ReadUInt16BigEndian(_drawn.AsSpan(_next));
        _next += 2;
        return number;
    }
}
