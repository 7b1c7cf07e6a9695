using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace DigitalResistance.Accounts;

/// <summary>One-time codes by time as RFC 6238 makes them: HMAC-SHA-1, six digits, steps of 30 seconds, which every authenticator knows.</summary>
public static class Totp
{
    /// <summary>Bytes of a new secret (RFC 4226 section 4 asks for 160 bits).</summary>
    public const int SecretLength = 20;

    /// <summary>How long one code is shown.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    /// <summary>Number of the step that <paramref name="at"/> lies in.</summary>
    public static long StepOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / (long)Step.TotalSeconds;

    /// <summary>The code of a step (RFC 4226 section 5.3).</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, mac);
        var truncated = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0xf)..]) & 0x7fffffff;
        return (truncated % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The step whose code this is, of the current one and its two neighbours (RFC 6238 section 5.2: one step for the network, and as much
    /// for a clock that is ahead); null when it is none. Takes as long for a wrong code as for a right one.
    /// </summary>
    public static long? Match(ReadOnlySpan<byte> secret, string code, DateTimeOffset now)
    {
        long? match = null;
        for (var step = StepOf(now) - 1; step <= StepOf(now) + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(Code(secret, step)), System.Text.Encoding.UTF8.GetBytes(code))) match = step;
        }

        return match;
    }

    /// <summary>The secret in base 32 of RFC 4648, as authenticators take it, in groups of four.</summary>
    public static string ManualKey(ReadOnlySpan<byte> secret) => Base32.Group(Rfc4648(secret), 4).Replace('-', ' ');

    /// <summary>The link in the QR code.</summary>
    public static string Uri(ReadOnlySpan<byte> secret, string issuer, AccountId account)
    {
        var label = System.Uri.EscapeDataString(issuer) + ":" + account;
        return $"otpauth://totp/{label}?secret={Rfc4648(secret)}&issuer={System.Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits=6&period=30";
    }

    private static string Rfc4648(ReadOnlySpan<byte> bytes)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = new System.Text.StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var b in bytes)
        {
            buffer = (buffer << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5) text.Append(alphabet[(buffer >> (bits - 5)) & 31]);
            buffer &= (1 << bits) - 1;
        }

        if (bits > 0) text.Append(alphabet[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }
}
