using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;

namespace NBitcoin.Crypto;

/// <summary>
/// secp256k1 by BouncyCastle's hand-written field arithmetic, several times faster than its generic curve.
/// Only public values pass here, so nothing needs constant time; the server never holds a private key.
/// </summary>
internal static class Curve
{
    private static readonly X9ECParameters Parameters = CustomNamedCurves.GetByName("secp256k1");
    private static readonly FixedPointCombMultiplier GeneratorMultiplier = new();

    public static readonly BigInteger N = Parameters.N;
    public static readonly BigInteger HalfN = N.ShiftRight(1);

    /// <summary>Reads a point in compressed or uncompressed form; null when there is no such point.</summary>
    public static ECPoint? TryDecode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != (bytes.IsEmpty ? 1 : bytes[0] switch { 2 or 3 => 33, 4 or 6 or 7 => 65, _ => -1 })) return null;
        try
        {
            return Parameters.Curve.DecodePoint(bytes);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The point with this x and an even y (BIP-340 <c>lift_x</c>); null when there is none.</summary>
    public static ECPoint? TryLiftX(ReadOnlySpan<byte> x) => x.Length == 32 ? TryDecode([2, .. x]) : null;

    public static BigInteger Number(ReadOnlySpan<byte> bytes) => new(1, bytes);

    /// <summary>k·G, from a table made once.</summary>
    public static ECPoint MultiplyGenerator(BigInteger k) => GeneratorMultiplier.Multiply(Parameters.G, k);

    /// <summary>a·G + b·P.</summary>
    public static ECPoint SumOfTwo(BigInteger a, BigInteger b, ECPoint point) => ECAlgorithms.SumOfTwoMultiplies(Parameters.G, a, point, b);

    public static bool IsScalar(BigInteger number) => number.SignValue > 0 && number.CompareTo(N) < 0;

    public static byte[] Fixed32(BigInteger number)
    {
        var result = new byte[32];
        var bytes = number.ToByteArrayUnsigned();
        bytes.CopyTo(result, 32 - bytes.Length);
        return result;
    }

    /// <summary>https://www.secg.org/sec1-v2.pdf section 4.1.4.</summary>
    public static bool VerifyEcdsa(ECPoint key, uint256 hash, BigInteger r, BigInteger s)
    {
        if (!IsScalar(r) || !IsScalar(s)) return false;
        Span<byte> bytes = stackalloc byte[32];
        hash.ToBytes(bytes);
        var inverse = s.ModInverse(N);
        var point = SumOfTwo(Number(bytes).Multiply(inverse).Mod(N), r.Multiply(inverse).Mod(N), key);
        if (point.IsInfinity) return false;
        return point.Normalize().AffineXCoord.ToBigInteger().Mod(N).Equals(r);
    }

    /// <summary>https://github.com/bitcoin/bips/blob/master/bip-0340.mediawiki#verification.</summary>
    public static bool VerifySchnorr(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        var r = signature[..32];
        var s = Number(signature[32..]);
        if (TryLiftX(publicKey) is not { } key || s.CompareTo(N) >= 0) return false;
        var challenge = Number(Hashes.Tagged("BIP0340/challenge", r, publicKey, message)).Mod(N);
        var point = SumOfTwo(s, N.Subtract(challenge).Mod(N), key).Normalize();
        return !point.IsInfinity
            && !point.AffineYCoord.TestBitZero()
            && point.AffineXCoord.GetEncoded().AsSpan().SequenceEqual(r);
    }
}
