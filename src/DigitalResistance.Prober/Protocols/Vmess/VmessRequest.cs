using System.Buffers.Binary;
using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Vmess;

/// <summary>
/// The head of a VMess request: who asks, sealed so that only a server that knows the id can tell it from noise, and in it the keys of this
/// one conversation and the target. A server answers heads of the last two minutes only, and none twice.
/// </summary>
internal sealed class VmessRequest
{
    private const byte Aes128Gcm = 3;

    /// <summary>In chunks, their lengths masked and padded: what clients ask for by default.</summary>
    private const byte Options = 0x01 | 0x04 | 0x08;

    private VmessRequest(byte[] bytes, byte[] key, byte[] iv, byte mark) => (Bytes, Key, Iv, Mark) = (bytes, key, iv, mark);

    /// <summary>What goes over the wire.</summary>
    public byte[] Bytes { get; }

    /// <summary>Key of what we send; the server's is made from it.</summary>
    public byte[] Key { get; }

    /// <summary>Nonce of what we send, likewise.</summary>
    public byte[] Iv { get; }

    /// <summary>What the server has to repeat.</summary>
    public byte Mark { get; }

    public static VmessRequest Write(ReadOnlySpan<byte> id, HostPort target, DateTimeOffset now)
    {
        var (iv, key, random) = (RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(18));
        var padding = random[1] & 15;
        byte[] head =
        [
            1, .. iv, .. key, random[0], Options, (byte)((padding << 4) | Aes128Gcm), 0, 1, // version, keys, mark, options, padding and cipher, reserved, TCP
            .. VlessProbe.Address(target), .. random.AsSpan(2, padding),
        ];
        return new(Seal(VmessKeys.OfUser(id), AuthId(VmessKeys.OfUser(id), now), [.. head, .. Fnv1a(head)]), key, iv, random[0]);
    }

    /// <summary>Time, four random bytes and their checksum in one AES block: by it a server finds out which of its users this is, and whether the clocks agree.</summary>
    internal static byte[] AuthId(byte[] userKey, DateTimeOffset now)
    {
        var block = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(block, now.ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(block.AsSpan(8, 4));
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(12), Crc32(block.AsSpan(0, 12)));
        using var aes = Aes.Create();
        aes.SetKey(VmessKeys.Key(userKey, "AES Auth ID Encryption"));
        return aes.EncryptEcb(block, PaddingMode.None);
    }

    /// <summary>Auth id, sealed length, nonce, sealed head; each seal covers the auth id too.</summary>
    private static byte[] Seal(byte[] userKey, byte[] authId, byte[] head)
    {
        var nonce = RandomNumberGenerator.GetBytes(8);
        var length = VmessAead.Seal(
            VmessKeys.Key(userKey, "VMess Header AEAD Key_Length", authId, nonce), VmessKeys.Nonce(userKey, "VMess Header AEAD Nonce_Length", authId, nonce), [(byte)(head.Length >> 8), (byte)head.Length], authId);
        var body = VmessAead.Seal(VmessKeys.Key(userKey, "VMess Header AEAD Key", authId, nonce), VmessKeys.Nonce(userKey, "VMess Header AEAD Nonce", authId, nonce), head, authId);
        return [.. authId, .. length, .. nonce, .. body];
    }

    /// <summary>The checksum of Ethernet and ZIP (ISO 3309), reflected.</summary>
    internal static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xedb88320;
        }

        return ~crc;
    }

    /// <summary>The checksum at the end of the head (FNV-1a, 32 bits).</summary>
    internal static byte[] Fnv1a(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var b in bytes) hash = unchecked((hash ^ b) * 16777619);
        var written = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(written, hash);
        return written;
    }
}
