namespace DigitalResistance.Treasury;

/// <summary>
/// The eight characters after <c>#</c> that protect a descriptor from typing errors
/// (<see href="https://github.com/bitcoin/bips/blob/master/bip-0380.mediawiki#checksum">BIP-380</see>): a BCH code over GF(32).
/// </summary>
internal static class DescriptorChecksum
{
    public const int Length = 8;

    private const string Input =
        "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";

    private const string Output = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private static readonly ulong[] Generator = [0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a, 0x644d626ffd];

    /// <summary>The place of the first character that no descriptor may hold, or −1.</summary>
    public static int FirstForeign(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!Input.Contains(text[at])) return at;
        }

        return -1;
    }

    /// <summary>The checksum of a descriptor's text without <c>#</c>; every character must be one that descriptors may hold.</summary>
    public static string Compute(ReadOnlySpan<char> text)
    {
        var residue = Residue([.. Symbols(text), 0, 0, 0, 0, 0, 0, 0, 0]) ^ 1;
        var result = new char[Length];
        for (var i = 0; i < Length; i++) result[i] = Output[(int)(residue >> (5 * (Length - 1 - i))) & 31];
        return new string(result);
    }

    /// <summary>
    /// Where one wrong character explains the wrong checksum; −1 where none does, since then more than one is wrong. The code is
    /// linear: a changed symbol adds its own contribution to the residue, whatever stands around it.
    /// </summary>
    public static int LocateError(ReadOnlySpan<char> text, ReadOnlySpan<char> checksum)
    {
        var symbols = Symbols(text);
        foreach (var c in checksum)
        {
            if (!Output.Contains(c)) return text.Length + 1 + checksum.IndexOf(c);
            symbols.Add((byte)Output.IndexOf(c));
        }

        var wrong = Residue([.. symbols]) ^ 1;
        var bits = Contributions(symbols.Count);
        var codes = new byte[text.Length];
        for (var at = 0; at < codes.Length; at++) codes[at] = (byte)Input.IndexOf(text[at]);
        Span<ulong> lows = stackalloc ulong[32];
        Span<ulong> highs = stackalloc ulong[3];
        for (var at = 0; at < codes.Length; at++)
        {
            // Four symbols for three characters: one each for the low five bits, then one for the three groups together.
            var (low, high) = ((at / 3 * 4) + (at % 3), Math.Min((at / 3 * 4) + 3, symbols.Count - Length - 1));
            var (code, power) = (codes[at], GroupWeight(at, codes.Length));
            for (var change = 0; change < lows.Length; change++) lows[change] = Effect(bits, low, change);
            for (var group = 0; group < highs.Length; group++) highs[group] = Effect(bits, high, symbols[high] ^ (symbols[high] + ((group - (code >> 5)) * power)));
            for (var other = 0; other < Input.Length; other++)
            {
                if (other != code && (lows[(code ^ other) & 31] ^ highs[other >> 5]) == wrong) return at;
            }
        }

        for (var at = 0; at < Length; at++)
        {
            for (var change = 1; change < 32; change++)
            {
                if (Effect(bits, symbols.Count - Length + at, change) == wrong) return text.Length + 1 + at;
            }
        }

        return -1;
    }

    private static List<byte> Symbols(ReadOnlySpan<char> text)
    {
        var symbols = new List<byte>(text.Length * 4 / 3 + 10);
        var (groups, count) = (0, 0);
        foreach (var c in text)
        {
            var code = Input.IndexOf(c);
            symbols.Add((byte)(code & 31));
            groups = (groups * 3) + (code >> 5);
            if (++count % 3 != 0) continue;
            symbols.Add((byte)groups);
            groups = 0;
        }

        if (count % 3 != 0) symbols.Add((byte)groups);
        return symbols;
    }

    private static ulong Residue(ReadOnlySpan<byte> symbols)
    {
        var residue = 1UL;
        foreach (var symbol in symbols) residue = Step(residue) ^ symbol;
        return residue;
    }

    private static ulong Step(ulong residue)
    {
        var top = residue >> 35;
        residue = (residue & 0x7ffffffff) << 5;
        for (var bit = 0; bit < 5; bit++)
        {
            if (((top >> bit) & 1) != 0) residue ^= Generator[bit];
        }

        return residue;
    }

    // What each of the five bits of each symbol adds to the residue.
    private static ulong[,] Contributions(int count)
    {
        var bits = new ulong[count, 5];
        for (var bit = 0; bit < 5; bit++)
        {
            var effect = 1UL << bit;
            for (var at = count - 1; at >= 0; at--, effect = Step(effect)) bits[at, bit] = effect;
        }

        return bits;
    }

    private static ulong Effect(ulong[,] bits, int at, int change)
    {
        var effect = 0UL;
        for (var bit = 0; bit < 5; bit++)
        {
            if (((change >> bit) & 1) != 0) effect ^= bits[at, bit];
        }

        return effect;
    }

    // In its group symbol a character's group counts 9, 3 or 1, less where the last group is not full.
    private static int GroupWeight(int at, int length)
    {
        var inGroup = Math.Min(3, length - (at / 3 * 3));
        return (inGroup - 1 - (at % 3)) switch { 2 => 9, 1 => 3, _ => 1 };
    }
}
