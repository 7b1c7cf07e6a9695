using System.Buffers.Binary;

namespace NBitcoin.Wire;

/// <summary>Writes bitcoin's wire encoding into a buffer that grows; also where everything to be hashed is laid out.</summary>
internal sealed class WireWriter(int capacity = 256)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public byte[] ToArray() => Written.ToArray();

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    public void WriteUInt256(uint256 value) => value.ToBytes(Reserve(32));

    public void WriteCompactSize(ulong value)
    {
        switch (value)
        {
            case < 0xfd:
                WriteByte((byte)value);
                break;
            case <= 0xffff:
                WriteByte(0xfd);
                BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), (ushort)value);
                break;
            case <= 0xffffffff:
                WriteByte(0xfe);
                WriteUInt32((uint)value);
                break;
            default:
                WriteByte(0xff);
                BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
                break;
        }
    }

    public void WriteVarBytes(ReadOnlySpan<byte> bytes)
    {
        WriteCompactSize((ulong)bytes.Length);
        Write(bytes);
    }

    public static int CompactSizeLength(ulong value) => value switch { < 0xfd => 1, <= 0xffff => 3, <= 0xffffffff => 5, _ => 9 };

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_length + count, _buffer.Length * 2));
        var reserved = _buffer.AsSpan(_length, count);
        _length += count;
        return reserved;
    }
}
