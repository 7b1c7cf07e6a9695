using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>The first four bytes of a key's hash; enough for a wallet to recognise its own master key, not enough to be trusted.</summary>
public readonly struct HDFingerprint : IEquatable<HDFingerprint>
{
    private readonly uint _value;

    /// <summary>From four bytes.</summary>
    public HDFingerprint(byte[] bytes)
        : this(bytes.AsSpan())
    {
    }

    /// <summary>From four bytes.</summary>
    public HDFingerprint(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 4) throw new ArgumentException("Bytes should be of length 4", nameof(bytes));
        _value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>From a number whose least significant byte comes first.</summary>
    public HDFingerprint(uint value) => _value = value;

    /// <summary>Of a key.</summary>
    public static HDFingerprint FromKeyId(KeyId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new HDFingerprint(id.Bytes[..4]);
    }

    /// <summary>Reads eight hexadecimal digits.</summary>
    public static HDFingerprint Parse(string str) =>
        TryParse(str, out var result) ? result : throw new FormatException("A fingerprint is written as eight hexadecimal digits.");

    /// <summary>Reads eight hexadecimal digits, or says that it cannot.</summary>
    public static bool TryParse(string str, out HDFingerprint result)
    {
        ArgumentNullException.ThrowIfNull(str);
        var well = str.Length == 8 && HexEncoder.IsWellFormed(str);
        result = well ? new HDFingerprint(Encoders.Hex.DecodeData(str)) : default;
        return well;
    }

    /// <summary>Its four bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, _value);
        return bytes;
    }

    /// <inheritdoc/>
    public override string ToString() => Encoders.Hex.EncodeData(ToBytes());

    /// <inheritdoc/>
    public bool Equals(HDFingerprint other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HDFingerprint other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <summary>Same bytes.</summary>
    public static bool operator ==(HDFingerprint x, HDFingerprint y) => x.Equals(y);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(HDFingerprint x, HDFingerprint y) => !x.Equals(y);
}

/// <summary>A path together with the master key it starts from: where a key comes from.</summary>
public class RootedKeyPath
{
    /// <summary>From a master key by these steps.</summary>
    public RootedKeyPath(HDFingerprint masterFingerprint, KeyPath keyPath)
    {
        ArgumentNullException.ThrowIfNull(keyPath);
        MasterFingerprint = masterFingerprint;
        KeyPath = keyPath;
    }

    /// <summary>From a master key by these steps.</summary>
    public RootedKeyPath(IHDKey masterKey, KeyPath keyPath)
        : this((masterKey ?? throw new ArgumentNullException(nameof(masterKey))).GetPublicKey().GetHDFingerPrint(), keyPath)
    {
    }

    /// <summary>The master key.</summary>
    public HDFingerprint MasterFingerprint { get; }

    /// <summary>The steps.</summary>
    public KeyPath KeyPath { get; }

    /// <summary>Reads <c>d34db33f/48'/0'/0'/2'</c>.</summary>
    public static RootedKeyPath Parse(string str) =>
        TryParse(str, out var result) ? result : throw new FormatException("This is not an origin, such as d34db33f/48'/0'/0'/2'.");

    /// <summary>Reads <c>d34db33f/48'/0'/0'/2'</c>, or says that it cannot.</summary>
    public static bool TryParse(string str, [MaybeNullWhen(false)] out RootedKeyPath result)
    {
        ArgumentNullException.ThrowIfNull(str);
        result = null;
        var slash = str.IndexOf('/', StringComparison.Ordinal);
        if (!HDFingerprint.TryParse(slash < 0 ? str : str[..slash], out var fingerprint)) return false;
        if (!KeyPath.TryParse(slash < 0 ? "" : str[(slash + 1)..], out var path)) return false;
        result = new RootedKeyPath(fingerprint, path);
        return true;
    }

    /// <summary>Further by a path.</summary>
    public RootedKeyPath Derive(KeyPath keyPath) => new(MasterFingerprint, KeyPath.Derive(keyPath));

    /// <summary>One step further.</summary>
    public RootedKeyPath Derive(uint index) => new(MasterFingerprint, KeyPath.Derive(index));

    /// <summary>The hardened steps at the beginning.</summary>
    public RootedKeyPath GetAccountKeyPath() => new(MasterFingerprint, KeyPath.GetAccountKeyPath());

    internal static RootedKeyPath FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length < 4
        ? throw new FormatException("The origin of a key has at least the four bytes of its master key's fingerprint.")
        : new RootedKeyPath(new HDFingerprint(bytes[..4]), KeyPath.FromBytes(bytes[4..]));

    internal byte[] ToBytes() => [.. MasterFingerprint.ToBytes(), .. KeyPath.ToBytes()];

    /// <inheritdoc/>
    public override string ToString() => $"{MasterFingerprint}/{KeyPath}";

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RootedKeyPath other && MasterFingerprint == other.MasterFingerprint && KeyPath == other.KeyPath;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MasterFingerprint, KeyPath);

    /// <summary>Same master key and steps.</summary>
    public static bool operator ==(RootedKeyPath? a, RootedKeyPath? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another master key or other steps.</summary>
    public static bool operator !=(RootedKeyPath? a, RootedKeyPath? b) => !(a == b);
}
