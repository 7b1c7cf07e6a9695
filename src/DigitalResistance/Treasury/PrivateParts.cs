using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Treasury;

/// <summary>
/// Finds what could sign in a text that somebody pasted. It is looked for before anything else, so that no other message can be about it,
/// and its place is all that is ever told.
/// </summary>
internal static partial class PrivateParts
{
    // 33 words (SLIP-39) with their numbers; a longer text is no seed, whatever it is made of.
    private const int LongestSeed = 33 * 14;

    /// <summary>Where the first private key or seed starts, or −1.</summary>
    public static int Find(string text)
    {
        if (FindSeed(text) is >= 0 and var seed) return seed;
        for (var at = 0; at < text.Length; at++)
        {
            // Only at the start of a word: the middle of a public key may hold these letters by chance.
            if (!char.IsAsciiLetterOrDigit(text[at]) || (at > 0 && char.IsAsciiLetterOrDigit(text[at - 1]))) continue;
            if (IsExtended(text.AsSpan(at)) || IsSingle(Word(text, at))) return at;
        }

        return -1;
    }

    /// <summary>xprv, tprv and their SLIP-132 sisters (BIP-32), whatever follows: half of one is half of a secret.</summary>
    private static bool IsExtended(ReadOnlySpan<char> text) => text.Length >= 4 && text[1..4].Equals("prv", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// One key in wallet import format, 32 bytes after its version, perhaps with a mark for the compressed form, mistyped too where its first
    /// letter gives it away; or in the short form of minted coins.
    /// </summary>
    private static bool IsSingle(string word)
    {
        if (word.Length is 22 or 26 or 30 && word[0] == 'S') return SHA256.HashData(Encoding.ASCII.GetBytes(word + "?"))[0] == 0;
        if (word is { Length: 51 } and ['5' or '9', ..] or { Length: 52 } and ['K' or 'L' or 'c', ..]) return true;
        if (word.Length is < 49 or > 53) return false;
        try
        {
            return Encoders.Base58Check.DecodeData(word).Length is 33 or 34;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    // What a seed is written down as (BIP-39, Electrum, SLIP-39), numbered or not, a word lost or not: nothing else here is words only.
    private static int FindSeed(string text)
    {
        if (text.Length > LongestSeed) return -1;
        var words = Words().Matches(text);
        return words.Count is >= 11 and <= 33 && words.All(word => word.Length is >= 3 and <= 8) ? words[0].Index : -1;
    }

    private static string Word(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        return text[start..end];
    }

    [GeneratedRegex(@"\p{L}+", RegexOptions.None, 1000)]
    private static partial Regex Words();
}
