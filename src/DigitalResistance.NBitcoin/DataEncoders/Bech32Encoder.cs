using System.Text;

namespace NBitcoin.DataEncoders;

/// <summary>A text in bech32 that breaks a rule of BIP-173 or BIP-350; <see cref="ErrorIndexes"/> says where, as far as that can be known.</summary>
public class Bech32FormatException(string message, int[] indexes) : FormatException(message)
{
    /// <summary>Positions from 0 of the characters that are wrong; empty when they cannot be located.</summary>
    public int[] ErrorIndexes { get; } = indexes;
}

/// <summary>Which of the two checksums a text carries.</summary>
public class Bech32EncodingType(int encodingConstant)
{
    /// <summary>BIP-173, for witness version 0.</summary>
    public static readonly Bech32EncodingType BECH32 = new(1);

    /// <summary>BIP-350, for every later witness version.</summary>
    public static readonly Bech32EncodingType BECH32M = new(0x2bc830a3);

    /// <summary>What the checksum's polynomial must come to.</summary>
    public int EncodingConstant { get; } = encodingConstant;
}

/// <summary>
/// Bech32 (https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki) and bech32m
/// (https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki) under one human-readable part.
/// </summary>
public class Bech32Encoder
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int Longest = 90;
    private const int ChecksumLength = 6;

    private readonly string _prefix;

    /// <summary>For texts that begin with this part and <c>1</c>.</summary>
    internal Bech32Encoder(string hrp)
    {
        ArgumentException.ThrowIfNullOrEmpty(hrp);
        _prefix = hrp.ToLowerInvariant();
    }

    /// <summary>The part before the last <c>1</c>.</summary>
    public byte[] HumanReadablePart => Encoding.ASCII.GetBytes(_prefix);

    /// <summary>Writes a witness program: version 0 in bech32, every later version in bech32m.</summary>
    public string Encode(byte witnessVerion, byte[] witnessProgramm)
    {
        ArgumentNullException.ThrowIfNull(witnessProgramm);
        if (WitnessProgram.Fault(witnessVerion, witnessProgramm.Length) is { } fault) throw new ArgumentException(fault, nameof(witnessProgramm));
        byte[] data = [witnessVerion, .. Regroup(witnessProgramm, 8, 5, pad: true)!];
        return EncodeRaw(data, witnessVerion == 0 ? Bech32EncodingType.BECH32 : Bech32EncodingType.BECH32M);
    }

    /// <summary>Reads a witness program and checks that its version is written with the right checksum.</summary>
    public byte[] Decode(string addr, out byte witnessVerion)
    {
        var data = DecodeDataRaw(addr, out var encoding);
        if (data.Length == 0) throw new Bech32FormatException("Nothing stands between the prefix and the checksum.", []);
        witnessVerion = data[0];
        var at = _prefix.Length + 1;
        if (witnessVerion > 16) throw new Bech32FormatException($"There is no witness version {witnessVerion} (position {at + 1}).", [at]);
        var program = Regroup(data.AsSpan(1), 5, 8, pad: false)
            ?? throw new Bech32FormatException("The last bits before the checksum are not zero or too many.", [addr.Length - ChecksumLength - 1]);
        if (WitnessProgram.Fault(witnessVerion, program.Length) is { } fault) throw new Bech32FormatException(fault, []);
        if (encoding != (witnessVerion == 0 ? Bech32EncodingType.BECH32 : Bech32EncodingType.BECH32M))
            throw new Bech32FormatException($"Witness version {witnessVerion} is written with the checksum of {(witnessVerion == 0 ? "bech32, not bech32m" : "bech32m, not bech32")}.", []);
        return program;
    }

    /// <summary>Writes groups of five bits and the checksum.</summary>
    public string EncodeRaw(byte[] data, Bech32EncodingType encodingType)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(encodingType);
        var checksum = Polynomial(data, ChecksumLength) ^ (uint)encodingType.EncodingConstant;
        var text = new StringBuilder(_prefix).Append('1');
        foreach (var group in data) text.Append(Alphabet[group]);
        for (var i = ChecksumLength - 1; i >= 0; i--) text.Append(Alphabet[(int)(checksum >> (5 * i)) & 31]);
        return text.ToString();
    }

    /// <summary>Reads groups of five bits; says which checksum fits.</summary>
    public byte[] DecodeDataRaw(string encoded, out Bech32EncodingType encodingType)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        if (encoded.Length > Longest) throw new Bech32FormatException($"The text has {encoded.Length} characters, {Longest} are allowed.", [Longest]);
        var strange = encoded.AsSpan().IndexOfAnyExceptInRange('!', '~');
        if (strange >= 0) throw new Bech32FormatException($"The character at position {strange + 1} is never used in an address.", [strange]);
        var upper = encoded.AsSpan().IndexOfAnyInRange('A', 'Z');
        var lower = encoded.AsSpan().IndexOfAnyInRange('a', 'z');
        if (upper >= 0 && lower >= 0)
            throw new Bech32FormatException($"Capital and small letters are mixed (positions {Math.Min(upper, lower) + 1} and {Math.Max(upper, lower) + 1}).", [Math.Max(upper, lower)]);
        var text = encoded.ToLowerInvariant();
        var separator = text.LastIndexOf('1');
        if (separator < 1) throw new Bech32FormatException("The prefix that ends with 1 is missing.", []);
        if (text[..separator] != _prefix) throw new Bech32FormatException($"The text begins with '{text[..separator]}1' where '{_prefix}1' is expected.", []);
        if (text.Length - separator - 1 < ChecksumLength) throw new Bech32FormatException("The text is too short to carry a checksum.", []);

        var groups = new byte[text.Length - separator - 1];
        for (var i = 0; i < groups.Length; i++)
        {
            var group = Alphabet.IndexOf(text[separator + 1 + i], StringComparison.Ordinal);
            if (group < 0) throw new Bech32FormatException($"The character at position {separator + i + 2} is not used in bech32.", [separator + 1 + i]);
            groups[i] = (byte)group;
        }

        var remainder = Polynomial(groups, 0);
        encodingType = remainder == (uint)Bech32EncodingType.BECH32.EncodingConstant ? Bech32EncodingType.BECH32 : Bech32EncodingType.BECH32M;
        if (remainder == (uint)encodingType.EncodingConstant) return groups[..^ChecksumLength];
        var likely = groups.Length > ChecksumLength && groups[0] == 0 ? Bech32EncodingType.BECH32 : Bech32EncodingType.BECH32M;
        throw WrongChecksum(Bech32Errors.Locate(remainder ^ (uint)likely.EncodingConstant, groups.Length), separator + 1);
    }

    private static Bech32FormatException WrongChecksum(int[] groups, int offset)
    {
        var at = Array.ConvertAll(groups, g => g + offset);
        return new Bech32FormatException(
            at.Length switch
            {
                0 => "The checksum does not fit: more than two characters are wrong, missing or swapped.",
                1 => $"The checksum does not fit: the character at position {at[0] + 1} is probably wrong.",
                _ => $"The checksum does not fit: the characters at positions {string.Join(" and ", at.Select(a => a + 1))} are probably wrong.",
            },
            at);
    }

    private uint Polynomial(ReadOnlySpan<byte> groups, int zeros)
    {
        var value = 1u;
        foreach (var c in _prefix) value = Step(value, c >> 5);
        value = Step(value, 0);
        foreach (var c in _prefix) value = Step(value, c & 31);
        foreach (var group in groups) value = Step(value, group);
        for (var i = 0; i < zeros; i++) value = Step(value, 0);
        return value;
    }

    internal static uint Step(uint value, int group)
    {
        var top = value >> 25;
        value = (value & 0x1ffffff) << 5 ^ (uint)group;
        if ((top & 1) != 0) value ^= 0x3b6a57b2;
        if ((top & 2) != 0) value ^= 0x26508e6d;
        if ((top & 4) != 0) value ^= 0x1ea119fa;
        if ((top & 8) != 0) value ^= 0x3d4233dd;
        if ((top & 16) != 0) value ^= 0x2a1462b3;
        return value;
    }

    private static byte[]? Regroup(ReadOnlySpan<byte> data, int from, int to, bool pad)
    {
        var (bits, held) = (0, 0);
        var result = new List<byte>(data.Length * from / to + 1);
        foreach (var value in data)
        {
            held = (held << from | value) & 0xfff;
            bits += from;
            while (bits >= to)
            {
                bits -= to;
                result.Add((byte)(held >> bits & ((1 << to) - 1)));
            }
        }

        var rest = held << (to - bits) & ((1 << to) - 1);
        if (!pad) return bits < from && rest == 0 ? [.. result] : null;
        if (bits > 0) result.Add((byte)rest);
        return [.. result];
    }
}
