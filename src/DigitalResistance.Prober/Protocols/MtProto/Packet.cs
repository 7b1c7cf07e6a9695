using System.Buffers.Binary;
using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>
/// One packet of the intermediate transport, plain or padded (https://core.telegram.org/mtproto/mtproto-transports#intermediate): four bytes
/// of length, then the payload, then in the padded form up to 15 bytes of nothing.
/// </summary>
internal sealed record Packet(byte[] Payload) : IWireMessage<Packet>
{
    /// <summary>Far more than any message of the handshake; what claims to be longer was decrypted with another key.</summary>
    private const int LongestPayload = 4096;

    private const int HeadLength = 4;

    public static int MaxLength => HeadLength + LongestPayload;

    /// <summary>A negative number in place of a message is the transport's own error (https://core.telegram.org/mtproto/mtproto-transports#transport-errors).</summary>
    public int? TransportError => Payload.Length is >= 4 and < 20 && BinaryPrimitives.ReadInt32LittleEndian(Payload) is var code and < 0 and > -1000 ? -code : null;

    public static byte[] Write(ReadOnlySpan<byte> payload, bool padded)
    {
        var padding = padded ? RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(16)) : [];
        return [.. Tl.Int((uint)(payload.Length + padding.Length)), .. payload, .. padding];
    }

    public static Parsed<Packet> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadLength) return Parsed<Packet>.Partial;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length is < 4 or > LongestPayload) return Parsed<Packet>.Refused();
        var whole = HeadLength + (int)length;
        return bytes.Length < whole ? Parsed<Packet>.Partial : Parsed<Packet>.Whole(new(bytes[HeadLength..whole].ToArray()), whole);
    }
}
