using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Verify.Bitcoin;

/// <summary>The letters of extended keys and of old addresses, with four bytes of SHA-256 twice behind them.</summary>
internal static class Base58Check
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int LongestText = 200;

    public static byte[] Decode(string text)
    {
        if (text.Length is 0 or > LongestText) throw new FormatException("Not an extended key.");
        var number = BigInteger.Zero;
        foreach (var letter in text) number = Alphabet.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var digit ? number * 58 + digit : throw new FormatException("Not an extended key.");
        byte[] bytes = [.. new byte[text.TakeWhile(c => c == '1').Count()], .. number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true)];
        if (bytes.Length < 4 || !SHA256.HashData(SHA256.HashData(bytes.AsSpan(..^4))).AsSpan(0, 4).SequenceEqual(bytes.AsSpan(^4..))) throw new FormatException("The extended key's checksum is wrong.");
        return bytes[..^4];
    }

    public static string Encode(byte[] data)
    {
        byte[] bytes = [.. data, .. SHA256.HashData(SHA256.HashData(data)).AsSpan(0, 4)];
        var text = new StringBuilder();
        for (var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true); !number.IsZero; number /= 58) text.Insert(0, Alphabet[(int)(number % 58)]);
        return text.Insert(0, "1", bytes.TakeWhile(b => b == 0).Count()).ToString();
    }
}
