using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Prober.Protocols.Vmess;

/// <summary>How VMess with AEAD headers makes keys: HMAC-SHA256 nested once for each name in a path, so that each purpose has keys of its own.</summary>
internal static class VmessKeys
{
    private const int BlockLength = 64; // of SHA-256
    private static readonly byte[] Root = Encoding.ASCII.GetBytes("VMess AEAD KDF");

    /// <summary>The key of a user: MD5 of the id and a constant.</summary>
    public static byte[] OfUser(ReadOnlySpan<byte> id) =>
#pragma warning disable CA5351 // MD5 is what the protocol says; its input is random and secret.
        MD5.HashData([.. id, .. "c48619fe-8f02-49e0-b9e9-edf763e17e21"u8]);
#pragma warning restore CA5351

    /// <summary>A key of 16 bytes for a purpose.</summary>
    public static byte[] Key(byte[] key, string purpose, params byte[][] path) => Derive(key, purpose, path)[..16];

    /// <summary>A nonce of 12 bytes for a purpose.</summary>
    public static byte[] Nonce(byte[] key, string purpose, params byte[][] path) => Derive(key, purpose, path)[..12];

    /// <summary>All 32 bytes.</summary>
    internal static byte[] Derive(byte[] key, string purpose, params byte[][] path) => Hash([Root, Encoding.ASCII.GetBytes(purpose), .. path], key);

    /// <summary>HMAC (RFC 2104) under the last name, whose hash is HMAC under the name before it, and so on down to SHA-256.</summary>
    private static byte[] Hash(ReadOnlySpan<byte[]> names, byte[] message)
    {
        if (names.IsEmpty) return SHA256.HashData(message);
        var (inner, outer) = (new byte[BlockLength], new byte[BlockLength]);
        names[^1].CopyTo(inner, 0); // every name is shorter than a block
        names[^1].CopyTo(outer, 0);
        for (var i = 0; i < BlockLength; i++) (inner[i], outer[i]) = ((byte)(inner[i] ^ 0x36), (byte)(outer[i] ^ 0x5c));
        return Hash(names[..^1], [.. outer, .. Hash(names[..^1], [.. inner, .. message])]);
    }
}
