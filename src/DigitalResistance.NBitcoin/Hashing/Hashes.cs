using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;

namespace NBitcoin.Crypto;

/// <summary>The hash functions bitcoin is made of.</summary>
public static class Hashes
{
    /// <summary>SHA-256.</summary>
    public static byte[] SHA256(byte[] data) => System.Security.Cryptography.SHA256.HashData(data);

    /// <summary>SHA-256.</summary>
    public static byte[] SHA256(ReadOnlySpan<byte> data) => System.Security.Cryptography.SHA256.HashData(data);

    /// <summary>SHA-256 of SHA-256: names of transactions and blocks, and what ECDSA signs.</summary>
    public static uint256 DoubleSHA256(byte[] data) => DoubleSHA256(data.AsSpan());

    /// <summary>RIPEMD-160.</summary>
    public static byte[] RIPEMD160(byte[] data) => Ripe(data);

    internal static uint256 DoubleSHA256(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(data, hash);
        System.Security.Cryptography.SHA256.HashData(hash, hash);
        return new uint256(hash);
    }

    internal static uint256 SingleSHA256(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(data, hash);
        return new uint256(hash);
    }

    /// <summary>RIPEMD-160 of SHA-256: names of keys and of pay-to-script-hash scripts.</summary>
    internal static byte[] Hash160(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(data, hash);
        return Ripe(hash);
    }

    /// <summary>https://github.com/bitcoin/bips/blob/master/bip-0340.mediawiki#design (tagged hashes).</summary>
    internal static byte[] Tagged(string tag, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        Span<byte> prefix = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(tag), prefix);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(prefix);
        hash.AppendData(prefix);
        hash.AppendData(first);
        hash.AppendData(second);
        hash.AppendData(third);
        return hash.GetHashAndReset();
    }

    private static byte[] Ripe(ReadOnlySpan<byte> data)
    {
        var digest = new RipeMD160Digest();
        digest.BlockUpdate(data);
        var result = new byte[20];
        digest.DoFinal(result);
        return result;
    }
}
