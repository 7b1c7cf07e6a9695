using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>Sealing with a cipher in managed code, where the platform has none; the tag behind the text.</summary>
internal static class ManagedAead
{
    public static byte[] Seal(IAeadCipher cipher, byte[] key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> text) => Run(cipher, forEncryption: true, key, nonce, text);

    /// <summary>The text; null when it was not sealed with this key and nonce.</summary>
    public static byte[]? Open(IAeadCipher cipher, byte[] key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText)
    {
        try
        {
            return sealedText.Length < ShadowsocksAead.TagLength ? null : Run(cipher, forEncryption: false, key, nonce, sealedText);
        }
        catch (InvalidCipherTextException)
        {
            return null;
        }
    }

    private static byte[] Run(IAeadCipher cipher, bool forEncryption, byte[] key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> input)
    {
        cipher.Init(forEncryption, new ParametersWithIV(new KeyParameter(key), nonce.ToArray()));
        var output = new byte[cipher.GetOutputSize(input.Length)];
        var count = cipher.ProcessBytes(input, output);
        cipher.DoFinal(output.AsSpan(count));
        return output;
    }
}
