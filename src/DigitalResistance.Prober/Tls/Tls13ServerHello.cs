using System.Buffers.Binary;

namespace DigitalResistance.Prober.Tls;

/// <summary>What a server chose (RFC 8446 §4.1.3), where it chose TLS 1.3 and X25519.</summary>
internal sealed record Tls13ServerHello(CipherSuite Suite, byte[] KeyShare)
{
    private const int FixedPart = 4 + 2 + 32; // type, length, version, random
    private const ushort KeyShareExtension = 51;
    private const ushort X25519 = 0x001d;

    /// <summary>The hello in a whole handshake message; null when it is none, or another than we can go on with, such as one that asks for another hello.</summary>
    public static Tls13ServerHello? Parse(ReadOnlySpan<byte> message, ReadOnlySpan<byte> sessionId)
    {
        if (message.Length < FixedPart + 1 || message[0] != 2 || message[FixedPart] != sessionId.Length) return null;
        var rest = message[(FixedPart + 1)..];
        if (rest.Length < sessionId.Length + 5 || !rest[..sessionId.Length].SequenceEqual(sessionId)) return null; // RFC 8446 §4.1.3: echoed
        rest = rest[sessionId.Length..];
        var suite = (CipherSuite)BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (!Enum.IsDefined(suite) || rest[2] != 0 || BinaryPrimitives.ReadUInt16BigEndian(rest[3..]) != rest.Length - 5) return null;
        byte[]? share = null;
        for (rest = rest[5..]; rest.Length >= 4;)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            if (rest.Length < 4 + length) return null;
            var body = rest.Slice(4, length);
            if (type == KeyShareExtension && length == 36 && BinaryPrimitives.ReadUInt16BigEndian(body) == X25519) share = body[4..].ToArray();
            rest = rest[(4 + length)..];
        }

        return share is not null && rest.IsEmpty ? new(suite, share) : null;
    }
}
