using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Math;

namespace NBitcoin.Crypto;

/// <summary>
/// An ECDSA signature, read from and written in strict DER
/// (https://github.com/bitcoin/bips/blob/master/bip-0066.mediawiki#der-encoding-reference).
/// </summary>
public class ECDSASignature
{
    /// <summary>Reads strict DER; bytes after the signature, such as a hash type, are not looked at.</summary>
    public ECDSASignature(ReadOnlySpan<byte> derSig)
    {
        var length = derSig.Length < 2 ? 0 : derSig[1] + 2;
        if (length > derSig.Length || !IsStrictDer(derSig[..length])) throw new FormatException("The signature is not in strict DER.");
        (R, S) = Numbers(derSig);
        if (!IsInRange) throw new FormatException("The numbers of the signature are out of range.");
    }

    /// <summary>Reads strict DER; bytes after the signature, such as a hash type, are not looked at.</summary>
    public ECDSASignature(byte[] derSig)
        : this(derSig.AsSpan())
    {
    }

    private ECDSASignature(BigInteger r, BigInteger s) => (R, S) = (r, s);

    internal BigInteger R { get; }

    internal BigInteger S { get; }

    /// <summary>True when S is in the lower half, the only form that is relayed (BIP-146 LOW_S).</summary>
    public bool IsLowS => S.CompareTo(Curve.HalfN) <= 0;

    /// <summary>Reads strict DER.</summary>
    public static ECDSASignature FromDER(byte[] sig)
    {
        ArgumentNullException.ThrowIfNull(sig);
        return new ECDSASignature(sig);
    }

    /// <summary>True for strict DER.</summary>
    public static bool IsValidDER(ReadOnlySpan<byte> bytes) => IsStrictDer(bytes);

    /// <summary>Reads R and S of 32 bytes each.</summary>
    public static bool TryParseFromCompact(byte[] compactFormat, [MaybeNullWhen(false)] out ECDSASignature signature)
    {
        ArgumentNullException.ThrowIfNull(compactFormat);
        signature = null;
        if (compactFormat.Length != 64) return false;
        var (r, s) = (Curve.Number(compactFormat.AsSpan(0, 32)), Curve.Number(compactFormat.AsSpan(32)));
        if (r.CompareTo(Curve.N) >= 0 || s.CompareTo(Curve.N) >= 0) return false;
        signature = new ECDSASignature(r, s);
        return true;
    }

    /// <summary>Reads strict DER and nothing after it; null when it is something else, or its numbers are out of range and sign nothing.</summary>
    internal static ECDSASignature? TryRead(ReadOnlySpan<byte> der)
    {
        if (!IsStrictDer(der)) return null;
        var (r, s) = Numbers(der);
        var signature = new ECDSASignature(r, s);
        return signature.IsInRange ? signature : null;
    }

    private bool IsInRange => R.CompareTo(Curve.N) < 0 && S.CompareTo(Curve.N) < 0;

    private static (BigInteger R, BigInteger S) Numbers(ReadOnlySpan<byte> der)
    {
        var s = der[(4 + der[3])..];
        return (new BigInteger(1, der.Slice(4, der[3])), new BigInteger(1, s.Slice(2, s[1])));
    }

    /// <summary>R and S of 32 bytes each.</summary>
    public byte[] ToCompact() => [.. Curve.Fixed32(R), .. Curve.Fixed32(S)];

    /// <summary>Strict DER.</summary>
    public byte[] ToDER()
    {
        var (r, s) = (R.ToByteArray(), S.ToByteArray());
        return [0x30, (byte)(4 + r.Length + s.Length), 2, (byte)r.Length, .. r, 2, (byte)s.Length, .. s];
    }

    /// <summary>The same signature with S in the lower half.</summary>
    public ECDSASignature MakeCanonical() => IsLowS ? this : new ECDSASignature(R, Curve.N.Subtract(S));

    private static bool IsStrictDer(ReadOnlySpan<byte> der) =>
        der.Length is >= 8 and <= 72 && der[0] == 0x30 && der[1] == der.Length - 2
        && StrictIntegerLength(der[2..]) is { } r && StrictIntegerLength(der[(2 + r)..]) is { } s && 2 + r + s == der.Length;

    private static int? StrictIntegerLength(ReadOnlySpan<byte> der)
    {
        if (der.Length < 3 || der[0] != 2 || der[1] is 0 or > 33 || der.Length < 2 + der[1]) return null;
        var negative = (der[2] & 0x80) != 0;
        var padded = der[1] > 1 && der[2] == 0 && (der[3] & 0x80) == 0;
        return negative || padded ? null : 2 + der[1];
    }
}
