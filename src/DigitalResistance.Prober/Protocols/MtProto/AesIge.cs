using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>AES-256 in infinite garble extension mode, which MTProto alone still uses (https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector).</summary>
internal static class AesIge
{
    private const int BlockLength = 16;

    /// <summary>Encrypts whole blocks; the first half of the vector stands before the ciphertext, the second before the plaintext.</summary>
    public static byte[] Encrypt(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        var cipher = new byte[plain.Length];
        var (lastCipher, lastPlain) = (vector[..BlockLength].ToArray(), vector[BlockLength..].ToArray());
        Span<byte> block = stackalloc byte[BlockLength];
        for (var at = 0; at < plain.Length; at += BlockLength)
        {
            Xor(plain.Slice(at, BlockLength), lastCipher, block);
            aes.EncryptEcb(block, block, PaddingMode.None);
            Xor(block, lastPlain, lastCipher);
            lastCipher.CopyTo(cipher.AsSpan(at));
            plain.Slice(at, BlockLength).CopyTo(lastPlain);
        }

        return cipher;
    }

    /// <summary>Decrypts whole blocks.</summary>
    public static byte[] Decrypt(ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        var plain = new byte[cipher.Length];
        var (lastCipher, lastPlain) = (vector[..BlockLength].ToArray(), vector[BlockLength..].ToArray());
        Span<byte> block = stackalloc byte[BlockLength];
        for (var at = 0; at < cipher.Length; at += BlockLength)
        {
            Xor(cipher.Slice(at, BlockLength), lastPlain, block);
            aes.DecryptEcb(block, block, PaddingMode.None);
            Xor(block, lastCipher, lastPlain);
            lastPlain.CopyTo(plain.AsSpan(at));
            cipher.Slice(at, BlockLength).CopyTo(lastCipher);
        }

        return plain;
    }

    private static void Xor(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, Span<byte> result)
    {
        for (var i = 0; i < BlockLength; i++) result[i] = (byte)(one[i] ^ other[i]);
    }
}
