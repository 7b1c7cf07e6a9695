using System.Buffers.Binary;

namespace NBitcoin.Wire;

/// <summary>
/// Reads bitcoin's wire encoding from bytes that a stranger wrote. Every length is compared with what is left before
/// anything is allocated, and the one exception that leaves it is <see cref="FormatException"/>, saying at which byte.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes, string what)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly string _what = what;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > Remaining) throw Malformed($"{count} bytes are announced and {Remaining} are left");
        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    public readonly byte Peek(int ahead) => ahead < Remaining ? _bytes[Position + ahead] : throw Malformed("it ends too early");

    public byte ReadByte() => Take(1)[0];

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public uint256 ReadUInt256() => new(Take(32));

    /// <summary>Only the shortest spelling is read, as Bitcoin Core does, so that writing gives the same bytes back.</summary>
    public ulong ReadCompactSize()
    {
        var first = ReadByte();
        var (value, smallest) = first switch
        {
            0xfd => (BinaryPrimitives.ReadUInt16LittleEndian(Take(2)), 0xfdUL),
            0xfe => (BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), 0x10000UL),
            0xff => (BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), 0x100000000UL),
            _ => ((ulong)first, 0UL),
        };
        return value >= smallest ? value : throw Malformed("a length is written longer than needed");
    }

    /// <summary>A count of things of which each takes at least <paramref name="smallest"/> bytes, so it cannot exceed what is left.</summary>
    public int ReadCount(int smallest)
    {
        var count = ReadCompactSize();
        return count <= (ulong)(Remaining / smallest) ? (int)count : throw Malformed($"{count} items are announced and {Remaining} bytes are left");
    }

    public ReadOnlySpan<byte> TakeVarBytes() => Take(ReadCount(1));

    public readonly void ExpectEnd()
    {
        if (Remaining != 0) throw Malformed($"{Remaining} bytes follow its end");
    }

    public readonly FormatException Malformed(string why) => new($"The {_what} cannot be read at byte {Position}: {why}.");
}
