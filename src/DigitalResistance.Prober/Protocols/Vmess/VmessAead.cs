using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols.Vmess;

/// <summary>AES-128-GCM with the tag behind the text, as everything in VMess has it.</summary>
internal static class VmessAead
{
    public const int TagLength = 16;

    public static byte[] Seal(byte[] key, byte[] nonce, ReadOnlySpan<byte> text, ReadOnlySpan<byte> bound = default)
    {
        using var aes = new AesGcm(key, TagLength);
        var sealedText = new byte[text.Length + TagLength];
        aes.Encrypt(nonce, text, sealedText.AsSpan(0, text.Length), sealedText.AsSpan(text.Length), bound);
        return sealedText;
    }

    /// <summary>The text; null when it was not sealed with this key.</summary>
    public static byte[]? Open(byte[] key, byte[] nonce, ReadOnlySpan<byte> sealedText, ReadOnlySpan<byte> bound = default)
    {
        if (sealedText.Length < TagLength) return null;
        using var aes = new AesGcm(key, TagLength);
        var text = new byte[sealedText.Length - TagLength];
        try
        {
            aes.Decrypt(nonce, sealedText[..text.Length], sealedText[text.Length..], text, bound);
            return text;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
