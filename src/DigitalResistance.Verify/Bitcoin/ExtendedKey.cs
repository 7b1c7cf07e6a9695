using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC.Multiplier;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace DigitalResistance.Verify.Bitcoin;

/// <summary>
/// An extended public key and its children (<see href="https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki">BIP-32</see>). Written
/// apart from the library that the treasury itself uses: what both agree on was not invented by either.
/// </summary>
internal sealed class ExtendedKey
{
    private const uint Hardened = 0x80000000;
    private static readonly X9ECParameters Curve = CustomNamedCurves.GetByName("secp256k1");
    private readonly ECPoint _point;
    private readonly byte[] _chainCode;

    private ExtendedKey(ECPoint point, byte[] chainCode)
    {
        (_point, _chainCode) = (point.Normalize(), chainCode);
        Compressed = _point.GetEncoded(compressed: true);
    }

    /// <summary>The 33 bytes of the public key.</summary>
    public byte[] Compressed { get; }

    /// <summary>Reads <c>xpub…</c> (or <c>tpub…</c> where the network is not bitcoin's own).</summary>
    public static ExtendedKey Parse(string text, bool isMainNetwork)
    {
        var bytes = Base58Check.Decode(text);
        if (bytes.Length != 78) throw new FormatException("An extended public key has 78 bytes.");
        var version = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (version != (isMainNetwork ? 0x0488B21Eu : 0x043587CFu)) throw new FormatException("The extended key is of another network, or not a public one.");
        return new ExtendedKey(Decode(bytes[45..]), bytes[13..45]);
    }

    /// <summary>The child of that number, which must not be a hardened one.</summary>
    public ExtendedKey Derive(uint index)
    {
        if (index >= Hardened) throw new FormatException("A hardened step cannot be derived from a public key.");
        Span<byte> data = stackalloc byte[37];
        Compressed.CopyTo(data);
        BinaryPrimitives.WriteUInt32BigEndian(data[33..], index);
        var hash = HMACSHA512.HashData(_chainCode, data);
        var tweak = Scalar(hash.AsSpan(0, 32));
        var child = Times(tweak).Add(_point);
        return child.IsInfinity ? throw new FormatException("This child does not exist.") : new ExtendedKey(child, hash[32..]);
    }

    /// <summary>The output key of a taproot address with the key path alone (<see href="https://github.com/bitcoin/bips/blob/master/bip-0086.mediawiki">BIP-86</see>).</summary>
    public byte[] TaprootOutput()
    {
        var x = Compressed[1..];
        var even = Decode([0x02, .. x]);
        var tag = SHA256.HashData("TapTweak"u8);
        var output = Times(Scalar(SHA256.HashData([.. tag, .. tag, .. x]))).Add(even).Normalize();
        return output.GetEncoded(compressed: true)[1..];
    }

    private static ECPoint Times(BigInteger scalar) => new FixedPointCombMultiplier().Multiply(Curve.G, scalar);

    private static BigInteger Scalar(ReadOnlySpan<byte> bytes)
    {
        var number = new BigInteger(1, bytes);
        return number.CompareTo(Curve.N) < 0 ? number : throw new FormatException("This child does not exist.");
    }

    private static ECPoint Decode(byte[] compressed)
    {
        try
        {
            if (compressed[0] is 0x02 or 0x03) return Curve.Curve.DecodePoint(compressed);
        }
        catch (Exception notOnCurve) when (notOnCurve is ArgumentException or ArithmeticException)
        {
        }

        throw new FormatException("The key is not a point of the curve.");
    }
}
