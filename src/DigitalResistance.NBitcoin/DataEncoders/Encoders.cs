namespace NBitcoin.DataEncoders;

/// <summary>A way to write bytes as text.</summary>
public abstract class DataEncoder
{
    internal DataEncoder()
    {
    }

    /// <summary>Writes bytes as text.</summary>
    public string EncodeData(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return EncodeData(data.AsSpan());
    }

    /// <summary>Writes bytes as text.</summary>
    public abstract string EncodeData(ReadOnlySpan<byte> data);

    /// <summary>Reads text; <see cref="FormatException"/> when it is not in this encoding.</summary>
    public abstract byte[] DecodeData(string encoded);
}

/// <summary>The encodings bitcoin uses.</summary>
public static class Encoders
{
    /// <summary>Hexadecimal digits, written in lower case.</summary>
    public static DataEncoder Hex { get; } = new HexEncoder();

    /// <summary>Base64 with padding.</summary>
    public static DataEncoder Base64 { get; } = new Base64Encoder();

    /// <summary>Base58 without a checksum.</summary>
    public static DataEncoder Base58 { get; } = new Base58Encoder();

    /// <summary>Base58 with four bytes of checksum.</summary>
    public static DataEncoder Base58Check { get; } = new Base58CheckEncoder();

    /// <summary>Bech32 and bech32m under a human-readable part.</summary>
    public static Bech32Encoder Bech32(string hrp) => new(hrp);
}

/// <summary>Hexadecimal digits.</summary>
public class HexEncoder : DataEncoder
{
    /// <inheritdoc/>
    public override string EncodeData(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(data);

    /// <inheritdoc/>
    public override byte[] DecodeData(string encoded)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        return Convert.FromHexString(encoded);
    }

    /// <summary>True for an even number of hexadecimal digits and nothing else.</summary>
    public static bool IsWellFormed(string str)
    {
        ArgumentNullException.ThrowIfNull(str);
        return str.Length % 2 == 0 && !str.AsSpan().ContainsAnyExcept(Digits);
    }

    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}

internal sealed class Base64Encoder : DataEncoder
{
    public override string EncodeData(ReadOnlySpan<byte> data) => Convert.ToBase64String(data);

    public override byte[] DecodeData(string encoded)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        return Convert.FromBase64String(encoded);
    }
}
