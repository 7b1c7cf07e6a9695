using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>From a password to the key of one stream or datagram (SIP004, "Key Derivation"). The hashes are those of the specification; the salt makes every use another key.</summary>
internal static class ShadowsocksKeys
{
#pragma warning disable CA5350, CA5351 // MD5 and SHA-1 are what every server computes.
    /// <summary>EVP_BytesToKey of OpenSSL: MD5 over what came before it and the password, until there is enough.</summary>
    public static byte[] OfPassword(string password, int length)
    {
        var secret = Encoding.UTF8.GetBytes(password);
        byte[] key = [], last = [];
        while (key.Length < length) key = [.. key, .. last = MD5.HashData([.. last, .. secret])];
        return key[..length];
    }

    /// <summary>The key that goes with a salt.</summary>
    public static byte[] OfSession(byte[] key, byte[] salt) => HKDF.DeriveKey(HashAlgorithmName.SHA1, key, key.Length, salt, "ss-subkey"u8.ToArray());
#pragma warning restore CA5350, CA5351
}
