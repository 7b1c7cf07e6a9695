using NBitcoin.Crypto;

namespace NBitcoin.DataEncoders;

/// <summary>
/// Bytes as a number written with 58 letters and digits that are hard to confuse.
/// The work grows with the square of the length, so a text longer than any key or address is refused at once.
/// </summary>
public class Base58Encoder : DataEncoder
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int Longest = 512;

    /// <inheritdoc/>
    public override string EncodeData(ReadOnlySpan<byte> data)
    {
        var zeros = data.IndexOfAnyExcept((byte)0) is var first && first < 0 ? data.Length : first;
        var digits = new byte[(data.Length - zeros) * 138 / 100 + 1];
        var length = 0;
        foreach (var b in data[zeros..])
        {
            int carry = b;
            var i = 0;
            for (; carry != 0 || i < length; i++)
            {
                carry += 256 * digits[i];
                (carry, digits[i]) = (carry / 58, (byte)(carry % 58));
            }

            length = i;
        }

        var text = new char[zeros + length];
        Array.Fill(text, '1', 0, zeros);
        for (var i = 0; i < length; i++) text[zeros + i] = Alphabet[digits[length - 1 - i]];
        return new string(text);
    }

    /// <inheritdoc/>
    public override byte[] DecodeData(string encoded)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        if (encoded.Length > Longest) throw new FormatException($"The text has {encoded.Length} characters, more than anything written in base58 here.");
        var zeros = 0;
        while (zeros < encoded.Length && encoded[zeros] == '1') zeros++;
        var bytes = new byte[(encoded.Length - zeros) * 733 / 1000 + 1];
        var length = 0;
        for (var at = zeros; at < encoded.Length; at++)
        {
            var carry = Alphabet.IndexOf(encoded[at], StringComparison.Ordinal);
            if (carry < 0) throw new FormatException($"The character at position {at + 1} is not used in base58.");
            var i = 0;
            for (; carry != 0 || i < length; i++)
            {
                carry += 58 * bytes[i];
                (carry, bytes[i]) = (carry >> 8, (byte)carry);
            }

            length = i;
        }

        var result = new byte[zeros + length];
        for (var i = 0; i < length; i++) result[zeros + i] = bytes[length - 1 - i];
        return result;
    }
}

/// <summary>Base58 whose last four bytes are the beginning of the double SHA-256 of the rest.</summary>
public class Base58CheckEncoder : Base58Encoder
{
    /// <inheritdoc/>
    public override string EncodeData(ReadOnlySpan<byte> data) =>
        base.EncodeData([.. data, .. Hashes.DoubleSHA256(data).ToBytes().AsSpan(0, 4)]);

    /// <inheritdoc/>
    public override byte[] DecodeData(string encoded)
    {
        var bytes = base.DecodeData(encoded);
        if (bytes.Length < 4) throw new FormatException("The text is too short to carry a checksum.");
        var data = bytes.AsSpan(0, bytes.Length - 4);
        if (!Hashes.DoubleSHA256(data).ToBytes().AsSpan(0, 4).SequenceEqual(bytes.AsSpan(bytes.Length - 4)))
            throw new FormatException("The checksum does not fit: a character is wrong, missing or swapped.");
        return data.ToArray();
    }
}
