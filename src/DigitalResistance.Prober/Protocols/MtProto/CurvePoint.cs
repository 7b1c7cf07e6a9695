using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>
/// What an X25519 public key looks like (RFC 7748): the coordinate of a point that really is on the curve and in its large subgroup. Half of
/// all random strings are not, and a filter could tell. Nobody has the private half, and nobody needs it here.
/// </summary>
internal static class CurvePoint
{
    private const int A = 486_662;
    private static readonly BigInteger Field = BigInteger.Parse("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public static byte[] Random()
    {
        while (true)
        {
            var x = new BigInteger(RandomNumberGenerator.GetBytes(32), isUnsigned: true) % Field;
            if (BigInteger.ModPow(Curve(x), (Field - 1) / 2, Field) != 1) continue; // no square: on the twist
            for (var doublings = 0; doublings < 3 && !x.IsZero; doublings++) x = Double(x); // clears the cofactor 8
            if (x.IsZero) continue;
            var bytes = x.ToByteArray(isUnsigned: true);
            return [.. bytes, .. new byte[32 - bytes.Length]];
        }
    }

    /// <summary>Whether a coordinate belongs to the curve itself.</summary>
    internal static bool IsOnCurve(ReadOnlySpan<byte> x) => BigInteger.ModPow(Curve(new BigInteger(x, isUnsigned: true)), (Field - 1) / 2, Field) == 1;

    private static BigInteger Curve(BigInteger x) => ((x * x * x) + (A * x * x) + x) % Field;

    private static BigInteger Double(BigInteger x)
    {
        var numerator = BigInteger.ModPow((x * x) - 1, 2, Field);
        return numerator * BigInteger.ModPow(4 * Curve(x), Field - 2, Field) % Field;
    }
}
