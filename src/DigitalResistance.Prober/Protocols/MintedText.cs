using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols;

/// <summary>Random credentials in characters that every server's configuration file, shell and form takes as they are.</summary>
internal static class MintedText
{
    private const string Letters = "abcdefghjkmnpqrstuvwxyz";
    private const string LettersAndDigits = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>A name that is also a valid account name of a Unix system, since some servers know no other users: 54 bits.</summary>
    public static string User() => RandomNumberGenerator.GetString(Letters, 2) + RandomNumberGenerator.GetString(LettersAndDigits, 9);

    /// <summary>A password of 118 bits.</summary>
    public static string Password() => RandomNumberGenerator.GetString(LettersAndDigits, 24);
}
