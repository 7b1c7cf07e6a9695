using System.Buffers.Binary;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Tls;

/// <summary>RFC 8446 §5.1.</summary>
internal enum ContentType : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}

/// <summary>Type, version, length, body (RFC 8446 §5.1).</summary>
internal sealed record Tls13Record(ContentType Type, byte[] Body) : IWireMessage<Tls13Record>
{
    public const int HeadLength = 5;

    /// <summary>RFC 8446 §5.2.</summary>
    private const int LongestBody = 16_384 + 256;

    public static int MaxLength => HeadLength + LongestBody;

    public static void WriteHead(Span<byte> head, ContentType type, int length)
    {
        (head[0], head[1], head[2]) = ((byte)type, 3, 3);
        BinaryPrimitives.WriteUInt16BigEndian(head[3..], (ushort)length);
    }

    public static byte[] Write(ContentType type, ReadOnlySpan<byte> body)
    {
        var record = new byte[HeadLength + body.Length];
        WriteHead(record, type, body.Length);
        body.CopyTo(record.AsSpan(HeadLength));
        return record;
    }

    public static Parsed<Tls13Record> Parse(ReadOnlySpan<byte> bytes)
    {
        if ((bytes.Length > 0 && bytes[0] is < 20 or > 23) || (bytes.Length > 1 && bytes[1] != 3)) return Parsed<Tls13Record>.Refused(Failure.WrongProtocol);
        if (bytes.Length < HeadLength) return Parsed<Tls13Record>.Partial;
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (length is 0 or > LongestBody) return Parsed<Tls13Record>.Refused();
        return bytes.Length < HeadLength + length ? Parsed<Tls13Record>.Partial : Parsed<Tls13Record>.Whole(new((ContentType)bytes[0], bytes.Slice(HeadLength, length).ToArray()), HeadLength + length);
    }
}
