using System.Buffers;
using System.Buffers.Text;
using System.Net;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// The answer: always <see cref="Length"/> bytes, either the egress address with its proof, or a plain 404 for whoever has no valid token. The address is
/// hidden: the zeros in front of an IPv4 address would stand in every answer, and whoever looks at a server's line would know from them whose it is.
/// </summary>
internal sealed record CanaryReply(byte[] HiddenAddress, byte[] Mac, bool IsRefusal) : IWireMessage<CanaryReply>
{
    /// <summary>Length of every answer, in bytes.</summary>
    public const int Length = 148;

    public const int AddressLength = 16;
    public const int MacLength = 32;
    private const int BodyLength = 64; // base64url of both

    private static ReadOnlySpan<byte> Head => "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 64\r\nConnection: close\r\n\r\n"u8;

    private static ReadOnlySpan<byte> RefusalHead => "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 57\r\nConnection: close\r\n\r\n"u8;

    private static ReadOnlySpan<byte> RefusalBody => "There is nothing at this address. Please check the link.\n"u8;

    public static int MaxLength => Length;

    /// <summary>The refusal, the same for everybody.</summary>
    public static byte[] Refusal { get; } = [.. RefusalHead, .. RefusalBody];

    public static byte[] Write(ReadOnlySpan<byte> hiddenAddress, ReadOnlySpan<byte> mac) => [.. Head, .. Base64Url.EncodeToUtf8([.. hiddenAddress, .. mac])];

    /// <summary>Hides an address under bytes that only the key makes of the nonce; done twice, shows it again.</summary>
    public static byte[] Hide(CanaryKey key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> address)
    {
        var bytes = key.Sign([.. "dr-canary-v1 address\0"u8, .. nonce])[..AddressLength];
        for (var i = 0; i < bytes.Length; i++) bytes[i] ^= address[i];
        return bytes;
    }

    /// <summary>What the proof is over: purpose, vantage, epoch, nonce, egress address.</summary>
    public static byte[] MacOf(CanaryTicket ticket, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> address) =>
        ticket.Key.Sign(CanaryKey.Bound("dr-canary-v1 reply\0"u8, ticket.Vantage, ticket.Epoch, [.. nonce, .. address]));

    /// <summary>An address in 16 bytes, IPv4 in its mapped form (RFC 4291 §2.5.5.2).</summary>
    public static byte[] AddressBytes(IPAddress address) => address.MapToIPv6().GetAddressBytes();

    public static Parsed<CanaryReply> Parse(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, Head.Length)];
        if (!Head.StartsWith(head)) return ParseRefusal(bytes);
        if (bytes.Length < Length) return Parsed<CanaryReply>.Partial;
        Span<byte> body = stackalloc byte[AddressLength + MacLength];
        return Base64Url.DecodeFromUtf8(bytes.Slice(Head.Length, BodyLength), body, out _, out var written) == OperationStatus.Done && written == body.Length
            ? Parsed<CanaryReply>.Whole(new(body[..AddressLength].ToArray(), body[AddressLength..].ToArray(), IsRefusal: false), Length)
            : Parsed<CanaryReply>.Refused(Failure.ProofForged);
    }

    private static Parsed<CanaryReply> ParseRefusal(ReadOnlySpan<byte> bytes)
    {
        if (!Refusal.AsSpan().StartsWith(bytes[..Math.Min(bytes.Length, Length)])) return Parsed<CanaryReply>.Refused(Failure.ProofForged);
        return bytes.Length < Length ? Parsed<CanaryReply>.Partial : Parsed<CanaryReply>.Whole(new([], [], IsRefusal: true), Length);
    }
}
