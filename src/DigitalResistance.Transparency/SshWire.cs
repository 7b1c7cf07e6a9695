using System.Buffers.Binary;
using System.Text;

namespace DigitalResistance.Transparency;

/// <summary>Reads SSH's data types (<see href="https://www.rfc-editor.org/rfc/rfc4251#section-5">RFC 4251 section 5</see>); throws <see cref="FormatException"/> where bytes are missing or left over.</summary>
internal ref struct SshReader(ReadOnlySpan<byte> wire)
{
    private ReadOnlySpan<byte> _rest = wire;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length) throw new FormatException("The SSH data ends too early.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public byte Byte() => Bytes(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    public ReadOnlySpan<byte> String()
    {
        var length = UInt32();
        return length <= int.MaxValue ? Bytes((int)length) : throw new FormatException("The SSH data ends too early.");
    }

    public string Text()
    {
        var bytes = String();
        foreach (var b in bytes)
        {
            if (b is < 0x20 or > 0x7E) throw new FormatException("A name in SSH data is not printable ASCII.");
        }

        return Encoding.ASCII.GetString(bytes);
    }

    /// <summary>A non-negative integer in as many bytes as the caller needs (the wire form has no leading zeros but one for the sign).</summary>
    public byte[] Integer(int size)
    {
        var bytes = String();
        if (bytes.Length > 0 && bytes[0] >= 0x80) throw new FormatException("A negative number in SSH data.");
        if (bytes.Length > 1 && bytes[0] == 0 && bytes[1] < 0x80) throw new FormatException("A number in SSH data has needless zeros.");
        if (bytes.Length > 0 && bytes[0] == 0) bytes = bytes[1..];
        if (bytes.Length > size) throw new FormatException("A number in SSH data is too large.");
        var padded = new byte[size];
        bytes.CopyTo(padded.AsSpan(size - bytes.Length));
        return padded;
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty) throw new FormatException("The SSH data has bytes left over.");
    }
}

/// <summary>Writes SSH's data types.</summary>
internal static class SshWriter
{
    public static byte[] String(ReadOnlySpan<byte> bytes)
    {
        var written = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(written, bytes.Length);
        bytes.CopyTo(written.AsSpan(4));
        return written;
    }

    public static byte[] String(string text) => String(Encoding.ASCII.GetBytes(text));
}
