using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Servers;

/// <summary>The secret of one server. Does not print itself.</summary>
public sealed class ServerKey
{
    private const byte Format = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _secret;

    internal ServerKey(byte[] secret) => _secret = secret;

    /// <summary>Encrypts and authenticates (AES-256-GCM, NIST SP 800-38D): format, nonce, tag, ciphertext. A random nonce is safe here: one key seals a handful of texts.</summary>
    public byte[] Seal(SealPurpose purpose, ReadOnlySpan<byte> plain)
    {
        var box = new byte[1 + NonceBytes + TagBytes + plain.Length];
        box[0] = Format;
        RandomNumberGenerator.Fill(box.AsSpan(1, NonceBytes));
        using var aes = new AesGcm(Derive("seal"), TagBytes);
        aes.Encrypt(box.AsSpan(1, NonceBytes), plain, box.AsSpan(1 + NonceBytes + TagBytes), box.AsSpan(1 + NonceBytes, TagBytes), About(purpose));
        return box;
    }

    /// <summary>Opens what <see cref="Seal"/> made for the same purpose; throws <see cref="CryptographicException"/> for anything else.</summary>
    public byte[] Open(SealPurpose purpose, ReadOnlySpan<byte> box)
    {
        if (box.Length < 1 + NonceBytes + TagBytes || box[0] != Format) throw new CryptographicException("Not a sealed text of this version.");
        var plain = new byte[box.Length - 1 - NonceBytes - TagBytes];
        using var aes = new AesGcm(Derive("seal"), TagBytes);
        aes.Decrypt(box.Slice(1, NonceBytes), box[(1 + NonceBytes + TagBytes)..], box.Slice(1 + NonceBytes, TagBytes), plain, About(purpose));
        return plain;
    }

    /// <summary>The salt of a day's evidence: given to the operator, it opens the leaf; with the key destroyed nobody can test a guess.</summary>
    public byte[] EvidenceSalt(DateOnly day, int vantage) => HMACSHA256.HashData(Derive("evidence"), Encoding.ASCII.GetBytes($"{day:yyyy-MM-dd}/{vantage}"));

    /// <inheritdoc/>
    public override string ToString() => nameof(ServerKey);

    private static byte[] About(SealPurpose purpose) => Encoding.ASCII.GetBytes($"dr/server/v1/{purpose}");

    // RFC 5869: one key per use, so that no use can be turned against another.
    private byte[] Derive(string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, info: Encoding.ASCII.GetBytes("dr/server/v1/" + use));
}

/// <summary>What a sealed text is; a text sealed for one purpose does not open for another.</summary>
public enum SealPurpose
{
    /// <summary>Host, port and settings.</summary>
    Endpoint,

    /// <summary>What the owner must show to prove control.</summary>
    Challenge,
}
