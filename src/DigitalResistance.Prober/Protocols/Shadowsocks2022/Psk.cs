using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;

namespace DigitalResistance.Prober.Protocols.Shadowsocks2022;

/// <summary>The pre-shared key (SIP022 §2): random bytes, as many as the cipher wants, in base64; never a password.</summary>
internal static class Psk
{
    private static readonly byte[] Context = Encoding.ASCII.GetBytes("shadowsocks 2022 session subkey");

    /// <summary>Null when the text is no key of that length.</summary>
    public static byte[]? Parse(string text, int length)
    {
        var bytes = new byte[length];
        return Convert.TryFromBase64String(text, bytes, out var count) && count == length ? bytes : null;
    }

    /// <summary>A fresh one, as a setting.</summary>
    public static string Mint(int length) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(length));

    /// <summary>The key of one stream or session (SIP022 §2.2).</summary>
    public static byte[] OfSession(byte[] psk, ReadOnlySpan<byte> salt) => Derive(Context, [.. psk, .. salt], psk.Length);

    /// <summary>The key derivation mode of BLAKE3.</summary>
    internal static byte[] Derive(byte[] context, byte[] material, int length)
    {
        var (digest, key) = (new Blake3Digest(), new byte[length]);
        digest.Init(Blake3Parameters.Context(context));
        digest.BlockUpdate(material, 0, material.Length);
        digest.OutputFinal(key, 0, length);
        return key;
    }
}
