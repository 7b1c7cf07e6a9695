using System.Buffers.Binary;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>The few forms of Telegram's Type Language that the handshake needs (https://core.telegram.org/mtproto/serialize).</summary>
internal static class Tl
{
    /// <summary>A byte string: length in one byte, or 254 and three; then the bytes, filled up to a multiple of four.</summary>
    public static byte[] Bytes(ReadOnlySpan<byte> bytes)
    {
        byte[] head = bytes.Length < 254 ? [(byte)bytes.Length] : [254, (byte)bytes.Length, (byte)(bytes.Length >> 8), (byte)(bytes.Length >> 16)];
        return [.. head, .. bytes, .. new byte[(4 - ((head.Length + bytes.Length) % 4)) % 4]];
    }

    /// <summary>A 32-bit number, such as a constructor.</summary>
    public static byte[] Int(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>A 64-bit number.</summary>
    public static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>A natural number as a byte string: big endian, without leading zeros.</summary>
    public static byte[] Number(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Bytes(bytes[(System.Numerics.BitOperations.LeadingZeroCount(value) / 8)..]);
    }
}

/// <summary>Reads those forms from a stranger's bytes. Past the end everything is empty, and <see cref="Failed"/> says so once at the end.</summary>
internal ref struct TlReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether something was asked for that was not there.</summary>
    public bool Failed { get; private set; }

    /// <summary>What has not been read.</summary>
    public readonly int Left => _rest.Length;

    public uint Int() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public long Long() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) Failed = true;
        var taken = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var (head, length) = (1, 0);
        if (Take(1) is [var first])
        {
            length = first;
            if (first == 254 && Take(3) is [var low, var middle, var high]) (head, length) = (4, low | (middle << 8) | (high << 16));
            else if (first >= 254) Failed = true;
        }

        var content = Take(length);
        Take((4 - ((head + length) % 4)) % 4);
        return content;
    }
}
