using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace NBitcoin;

/// <summary>A hash of 32 bytes. On the wire the least significant byte comes first; people write it the other way round.</summary>
[SuppressMessage("Naming", "CA1707", Justification = "NBitcoin's name.")]
public sealed class uint256 : IComparable<uint256>, IEquatable<uint256>, IComparable
{
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <summary>Zero.</summary>
    public uint256()
    {
    }

    /// <summary>A small number.</summary>
    public uint256(ulong b) => _first = b;

    /// <summary>From 32 bytes, least significant first unless told otherwise.</summary>
    public uint256(byte[] vch, bool lendian = true)
        : this(InWireOrder(vch, lendian))
    {
    }

    /// <summary>From 32 bytes as they are on the wire.</summary>
    public uint256(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 32) throw new FormatException($"A hash has 32 bytes, this has {bytes.Length}.");
        _first = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
    }

    /// <summary>From 64 hexadecimal digits in the order people write, most significant first.</summary>
    public uint256(string str)
        : this(FromHex(str))
    {
    }

    private uint256(uint256 other) => (_first, _second, _third, _fourth) = (other._first, other._second, other._third, other._fourth);

    /// <summary>All bits clear.</summary>
    public static uint256 Zero { get; } = new();

    /// <summary>The number one.</summary>
    public static uint256 One { get; } = new(1UL);

    /// <summary>Reads 64 hexadecimal digits.</summary>
    public static uint256 Parse(string hex) => FromHex(hex);

    /// <summary>Reads 64 hexadecimal digits, or says that it cannot.</summary>
    public static bool TryParse(string hex, [MaybeNullWhen(false)] out uint256 result)
    {
        ArgumentNullException.ThrowIfNull(hex);
        Span<byte> bytes = stackalloc byte[32];
        result = null;
        if (hex.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) hex = hex[2..];
        if (hex.Length != 64 || Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        bytes.Reverse();
        result = new uint256(bytes);
        return true;
    }

    /// <summary>The 32 bytes, least significant first unless told otherwise.</summary>
    public byte[] ToBytes(bool lendian = true)
    {
        var bytes = new byte[32];
        ToBytes(bytes, lendian);
        return bytes;
    }

    /// <summary>Writes the 32 bytes, least significant first unless told otherwise.</summary>
    public void ToBytes(Span<byte> output, bool lendian = true)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output, _first);
        BinaryPrimitives.WriteUInt64LittleEndian(output[8..], _second);
        BinaryPrimitives.WriteUInt64LittleEndian(output[16..], _third);
        BinaryPrimitives.WriteUInt64LittleEndian(output[24..], _fourth);
        if (!lendian) output[..32].Reverse();
    }

    /// <summary>64 hexadecimal digits, most significant first.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes(lendian: false));

    /// <inheritdoc/>
    public int CompareTo(uint256? other)
    {
        if (other is null) return 1;
        var order = _fourth.CompareTo(other._fourth);
        if (order == 0) order = _third.CompareTo(other._third);
        if (order == 0) order = _second.CompareTo(other._second);
        return order == 0 ? _first.CompareTo(other._first) : order;
    }

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj is uint256 other ? CompareTo(other) : obj is null ? 1 : CompareTo(new uint256((ulong)obj));

    /// <inheritdoc/>
    public bool Equals(uint256? other) =>
        other is not null && _first == other._first && _second == other._second && _third == other._third && _fourth == other._fourth;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is uint256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_first;

    /// <summary>Same number.</summary>
    public static bool operator ==(uint256? a, uint256? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another number.</summary>
    public static bool operator !=(uint256? a, uint256? b) => !(a == b);

    /// <summary>Numeric order.</summary>
    public static bool operator <(uint256 a, uint256 b) => Order(a, b) < 0;

    /// <summary>Numeric order.</summary>
    public static bool operator >(uint256 a, uint256 b) => Order(a, b) > 0;

    /// <summary>Numeric order.</summary>
    public static bool operator <=(uint256 a, uint256 b) => Order(a, b) <= 0;

    /// <summary>Numeric order.</summary>
    public static bool operator >=(uint256 a, uint256 b) => Order(a, b) >= 0;

    private static int Order(uint256 a, uint256 b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a.CompareTo(b);
    }

    private static uint256 FromHex(string hex) =>
        TryParse(hex, out var result) ? result : throw new FormatException("A hash is written as 64 hexadecimal digits.");

    private static ReadOnlySpan<byte> InWireOrder(byte[] bytes, bool lendian)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return lendian ? bytes : bytes.Reverse().ToArray();
    }
}
