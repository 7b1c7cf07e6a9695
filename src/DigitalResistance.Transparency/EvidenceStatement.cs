using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>
/// What one operator's weight in a round was made from, server by server, without names and addresses (<c>docs/specs/evidence.md</c>). The
/// log holds its commitment; whoever is given the salt can check it, and nobody else can test a guess.
/// </summary>
/// <param name="Salt">32 random bytes.</param>
/// <param name="Statement">The statement's canonical bytes.</param>
public sealed record EvidenceStatement(byte[] Salt, byte[] Statement)
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltLength = 32;

    /// <summary>SHA-256("dr/operator-evidence/v1" ‖ 0 ‖ salt ‖ statement), in hexadecimal digits.</summary>
    public string Commitment => Convert.ToHexStringLower(SHA256.HashData([.. "dr/operator-evidence/v1\0"u8, .. Salt, .. Statement]));

    /// <summary>Reads what <see cref="ToFile"/> writes; throws <see cref="FormatException"/>.</summary>
    public static EvidenceStatement Parse(ReadOnlySpan<byte> file)
    {
        const int line = 2 * SaltLength;
        const string wrong = "Evidence starts with a line of 64 hexadecimal digits, its salt.";
        if (file.Length <= line || file[line] != (byte)'\n') throw new FormatException(wrong);
        var digits = Encoding.ASCII.GetString(file[..line]);
        var salt = Convert.FromHexString(digits);
        return Convert.ToHexStringLower(salt) == digits ? new EvidenceStatement(salt, file[(line + 1)..].ToArray()) : throw new FormatException(wrong);
    }

    /// <summary>The salt in hexadecimal digits on a line, then the statement.</summary>
    public byte[] ToFile() => [.. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Salt)), (byte)'\n', .. Statement];
}
