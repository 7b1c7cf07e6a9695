using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Rounds;

/// <summary>
/// Public names that live for one round only: base32 of a keyed hash, so that nobody without the round's secret can tell whose a token
/// is, or that two tokens of two rounds are one operator's.
/// </summary>
public static class RoundToken
{
    private const int SecretSize = 32;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>A fresh secret.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretSize);

    /// <summary>An operator's token.</summary>
    public static string ForOperator(byte[] secret, Guid account) => Token(secret, "operator", account);

    /// <summary>The name under which an admin without a key approves; never equal to the same account's token as an operator.</summary>
    public static string ForAdmin(byte[] secret, Guid account) => "admin-" + Token(secret, "admin", account);

    private static string Token(byte[] secret, string role, Guid account)
    {
        byte[] name = [.. Encoding.ASCII.GetBytes(role), 0, .. account.ToByteArray(bigEndian: true)];
        var hash = HMACSHA256.HashData(secret, name);
        // 80 bits: 16 characters of five bits each (RFC 4648 section 6, lower case).
        var bits = new UInt128(0, 0);
        for (var i = 0; i < 10; i++) bits = (bits << 8) | hash[i];
        return string.Create(16, bits, static (text, value) =>
        {
            for (var i = text.Length - 1; i >= 0; i--, value >>= 5) text[i] = Alphabet[(int)(value & 31)];
        });
    }
}
