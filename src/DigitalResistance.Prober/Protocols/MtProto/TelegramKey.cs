using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>A public RSA key of Telegram's data centres. Only the holder of the private half can answer what is encrypted with it.</summary>
public sealed class TelegramKey
{
    private const int Length = 256;
    private const int PaddedLength = 192;

    private readonly BigInteger _modulus;
    private readonly BigInteger _exponent;

    private TelegramKey(RSAParameters key)
    {
        if (key.Modulus is not { Length: Length } || key.Exponent is null) throw new ArgumentException("A key of Telegram's has 2,048 bits.", nameof(key));
        (_modulus, _exponent) = (new BigInteger(key.Modulus, isUnsigned: true, isBigEndian: true), new BigInteger(key.Exponent, isUnsigned: true, isBigEndian: true));
        Fingerprint = FingerprintOf(key.Modulus, key.Exponent);
    }

    /// <summary>By which servers name the key: the last 8 bytes of the SHA-1 of its TL form (https://core.telegram.org/mtproto/auth_key).</summary>
    public long Fingerprint { get; }

    /// <summary>Reads a key in PEM, as <c>RSA PUBLIC KEY</c> or <c>PUBLIC KEY</c>.</summary>
    public static TelegramKey FromPem(string pem)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new TelegramKey(rsa.ExportParameters(includePrivateParameters: false));
    }

    /// <summary>
    /// RSA_PAD (https://core.telegram.org/mtproto/auth_key#presenting-proof-of-work-server-authentication): every bit of the result depends on
    /// every bit of the data and of a fresh key.
    /// </summary>
    internal byte[] Encrypt(ReadOnlySpan<byte> data)
    {
        Span<byte> padded = stackalloc byte[PaddedLength];
        data.CopyTo(padded);
        RandomNumberGenerator.Fill(padded[data.Length..]);
        while (true)
        {
            if (Encrypt(padded, RandomNumberGenerator.GetBytes(32)) is { } encrypted) return encrypted;
        }
    }

    /// <summary>The same with all that is random given; null when the number comes out too large for the modulus, and wants another key.</summary>
    internal byte[]? Encrypt(ReadOnlySpan<byte> padded, byte[] temporaryKey)
    {
        var reversed = padded.ToArray();
        Array.Reverse(reversed);
        byte[] withHash = [.. reversed, .. SHA256.HashData([.. temporaryKey, .. padded])];
        var encrypted = AesIge.Encrypt(withHash, temporaryKey, new byte[32]);
        var hidden = SHA256.HashData(encrypted);
        for (var i = 0; i < hidden.Length; i++) hidden[i] ^= temporaryKey[i];
        var number = new BigInteger((byte[])[.. hidden, .. encrypted], isUnsigned: true, isBigEndian: true);
        if (number >= _modulus) return null;
        var result = BigInteger.ModPow(number, _exponent, _modulus).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[Length - result.Length], .. result];
    }

    private static long FingerprintOf(byte[] modulus, byte[] exponent) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA1.HashData([.. Tl.Bytes(modulus), .. Tl.Bytes(exponent)]).AsSpan(12));
}
