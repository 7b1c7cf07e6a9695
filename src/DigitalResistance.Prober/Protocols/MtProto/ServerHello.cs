using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>
/// What a FakeTLS proxy answers: a ServerHello, an empty change of cipher, and one record of data, as a real web site would. A real web site
/// is also what answers when the secret, the name or the clock is wrong; only the server's random tells them apart.
/// </summary>
internal sealed record ServerHello(byte[] Bytes) : IWireMessage<ServerHello>
{
    private const int RandomOffset = ClientHello.RandomOffset;
    private const int RandomLength = ClientHello.RandomLength;
    private const int HeadLength = 5;
    private const int LongestRecord = 16_384 + 256;
    private const int ShortestHello = RandomOffset + RandomLength;

    private static ReadOnlySpan<byte> ChangeCipherSpec => [20, 3, 3, 0, 1, 1];

    public static int MaxLength => (2 * (HeadLength + LongestRecord)) + ChangeCipherSpec.Length;

    /// <summary>Whether who answered knows the secret, and answered this very hello: HMAC over our random and the answer with its own zero.</summary>
    public bool Proves(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> clientHello)
    {
        var zeroed = (byte[])Bytes.Clone();
        zeroed.AsSpan(RandomOffset, RandomLength).Clear();
        var proof = HMACSHA256.HashData(secret, [.. clientHello.Slice(RandomOffset, RandomLength), .. zeroed]);
        return CryptographicOperations.FixedTimeEquals(proof, Bytes.AsSpan(RandomOffset, RandomLength));
    }

    public static Parsed<ServerHello> Parse(ReadOnlySpan<byte> bytes)
    {
        // Whatever else a TLS server says here (an alert, TLS 1.2) comes from the web site that the proxy hides behind.
        if (bytes is [20 or 21 or 23, ..]) return Parsed<ServerHello>.Refused(Failure.SecretNotAccepted);
        if (bytes is [not 22, ..]) return Parsed<ServerHello>.Refused(Failure.WrongProtocol);
        if (Record(bytes, 22, ShortestHello - HeadLength) is not (> 0 and var hello)) return Answer(Record(bytes, 22, ShortestHello - HeadLength));
        var rest = bytes[hello..];
        if (!ChangeCipherSpec.StartsWith(rest[..Math.Min(rest.Length, ChangeCipherSpec.Length)])) return Parsed<ServerHello>.Refused(Failure.SecretNotAccepted);
        if (rest.Length < ChangeCipherSpec.Length) return Parsed<ServerHello>.Partial;
        if (Record(rest[ChangeCipherSpec.Length..], 23, 1) is not (> 0 and var data)) return Answer(Record(rest[ChangeCipherSpec.Length..], 23, 1));
        var length = hello + ChangeCipherSpec.Length + data;
        return Parsed<ServerHello>.Whole(new(bytes[..length].ToArray()), length);
    }

    private static Parsed<ServerHello> Answer(int record) => record < 0 ? Parsed<ServerHello>.Refused(Failure.SecretNotAccepted) : Parsed<ServerHello>.Partial;

    /// <summary>The length of a whole record of a type; 0 while it is not whole, -1 when it never will be.</summary>
    private static int Record(ReadOnlySpan<byte> bytes, byte type, int shortest)
    {
        if (bytes.Length > 0 && bytes[0] != type) return -1;
        if (bytes.Length < HeadLength) return 0;
        var length = (bytes[3] << 8) | bytes[4];
        if (bytes[1] != 3 || bytes[2] != 3 || length < shortest || length > LongestRecord) return -1;
        return bytes.Length < HeadLength + length ? 0 : HeadLength + length;
    }
}
