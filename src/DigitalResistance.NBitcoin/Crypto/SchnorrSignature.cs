using System.Diagnostics.CodeAnalysis;

namespace NBitcoin.Crypto;

/// <summary>A signature of 64 bytes by BIP-340.</summary>
public class SchnorrSignature
{
    private readonly byte[] _bytes;

    /// <summary>From its 64 bytes.</summary>
    public SchnorrSignature(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length != 64) throw new FormatException($"A BIP-340 signature has 64 bytes, this has {bytes.Length}.");
        _bytes = [.. bytes];
    }

    /// <summary>From hexadecimal digits.</summary>
    public static SchnorrSignature Parse(string hex) => new(DataEncoders.Encoders.Hex.DecodeData(hex));

    /// <summary>From its 64 bytes, if there are as many.</summary>
    public static bool TryParse(ReadOnlySpan<byte> in64, [MaybeNullWhen(false)] out SchnorrSignature sig)
    {
        sig = in64.Length == 64 ? new SchnorrSignature(in64.ToArray()) : null;
        return sig is not null;
    }

    /// <summary>From its 64 bytes, if there are as many.</summary>
    public static bool TryParse(byte[] in64, [MaybeNullWhen(false)] out SchnorrSignature sig) => TryParse(in64.AsSpan(), out sig);

    /// <summary>Its 64 bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    internal ReadOnlySpan<byte> Bytes => _bytes;
}
