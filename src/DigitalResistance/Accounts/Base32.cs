using System.Security.Cryptography;

namespace DigitalResistance.Accounts;

/// <summary>
/// Letters and digits that people copy by hand: Crockford's base 32, without I, L, O and U. Reading forgives what is easily confused
/// (I and L for 1, O for 0, U for V), small letters, spaces and dashes.
/// </summary>
internal static class Base32
{
    public const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>As many random characters, five bits each.</summary>
    public static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    /// <summary>The text in the alphabet, or null when a character cannot be meant.</summary>
    public static string? Normalize(string? text)
    {
        if (text is null or { Length: > 200 }) return null;
        var kept = new char[text.Length];
        var length = 0;
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character) || character is '-' or '\u2010' or '\u2011' or '\u2013' or '\u2212') continue;
            var upper = char.ToUpperInvariant(character) switch { 'I' or 'L' => '1', 'O' => '0', 'U' => 'V', var other => other };
            if (!Alphabet.Contains(upper, StringComparison.Ordinal)) return null;
            kept[length++] = upper;
        }

        return new string(kept, 0, length);
    }

    /// <summary>The first 40 bits of a keyed tag, in two groups: enough to tell some thousands apart, and nothing that anybody signs in with.</summary>
    public static string Tag(ReadOnlySpan<byte> tag)
    {
        var (bits, text) = (0UL, new char[8]);
        foreach (var b in tag[..5]) bits = (bits << 8) | b;
        for (var i = text.Length - 1; i >= 0; i--, bits >>= 5) text[i] = Alphabet[(int)(bits & 31)];
        return Group(new string(text), 4);
    }

    /// <summary>In groups with dashes between.</summary>
    public static string Group(string text, int size) => string.Join('-', text.Chunk(size).Select(chunk => new string(chunk)));
}
