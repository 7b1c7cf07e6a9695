using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// The key that one vantage and the canary share for one epoch (a day). Who takes a vantage gets a day of that vantage's answers and no
/// other's: keys are derived from a master secret that only the registry and the canary hold. Does not print itself.
/// </summary>
public sealed class CanaryKey
{
    /// <summary>Length of every key, in bytes.</summary>
    public const int Length = 32;

    private readonly byte[] _bytes;

    /// <summary>A key as it came with an assignment.</summary>
    public CanaryKey(ReadOnlySpan<byte> bytes) =>
        _bytes = bytes.Length == Length ? bytes.ToArray() : throw new ArgumentException($"A canary key has {Length} bytes.", nameof(bytes));

    /// <summary>The bytes, for handing the key to its vantage.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The key of a vantage in an epoch: HMAC-SHA256(master, "dr-canary-v1 key" ‖ 0 ‖ u8 length ‖ vantage ‖ u64 epoch).</summary>
    public static CanaryKey Derive(ReadOnlySpan<byte> master, string vantage, long epoch) =>
        new(HMACSHA256.HashData(master, Bound("dr-canary-v1 key\0"u8, vantage, epoch)));

    /// <summary>The key's HMAC-SHA256 over some bytes.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> bytes) => HMACSHA256.HashData(_bytes, bytes);

    /// <summary>Bytes bound to a purpose, a vantage and an epoch, so that none can be passed off as another.</summary>
    internal static byte[] Bound(ReadOnlySpan<byte> purpose, string vantage, long epoch, params ReadOnlySpan<byte> rest)
    {
        if (!IsVantage(vantage)) throw new ArgumentException("A vantage's name has 1 to 64 ASCII letters, digits, hyphens or dots.", nameof(vantage));
        var bytes = new byte[purpose.Length + 1 + vantage.Length + sizeof(long) + rest.Length];
        purpose.CopyTo(bytes);
        bytes[purpose.Length] = (byte)vantage.Length;
        Encoding.ASCII.GetBytes(vantage, bytes.AsSpan(purpose.Length + 1));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(purpose.Length + 1 + vantage.Length), epoch);
        rest.CopyTo(bytes.AsSpan(bytes.Length - rest.Length));
        return bytes;
    }

    /// <summary>Whether a text can be a vantage's name.</summary>
    public static bool IsVantage(string vantage) => vantage.Length is > 0 and <= 64 && vantage.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => "(key)";
}
