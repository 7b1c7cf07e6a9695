using System.Net;
using System.Security.Cryptography;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// The exchange with the canary in two datagrams (docs/specs/canary.md): a nonce with its tag and random padding goes out, the egress address
/// with its proof, and random padding, comes back. Purposes of its own keep a question from being asked, or answered, over the other transport.
/// </summary>
internal sealed class CanaryDatagram
{
    private const int AnswerLength = CanaryReply.AddressLength + CanaryReply.MacLength;
    private const int Head = CanaryRequest.NonceLength + CanaryRequest.TagLength;
    private const int LeastLength = 64;
    private const int MostLength = 256;

    private readonly CanaryTicket _ticket;
    private readonly byte[] _nonce;

    private CanaryDatagram(CanaryTicket ticket, byte[] nonce, byte[] question) => (_ticket, _nonce, Question) = (ticket, nonce, question);

    /// <summary>The datagram to send; sent again as it is when it seems lost.</summary>
    public byte[] Question { get; }

    /// <summary>A fresh question of random length: without the key nobody can tell it from noise.</summary>
    public static CanaryDatagram Begin(CanaryTicket ticket)
    {
        var nonce = RandomNumberGenerator.GetBytes(CanaryRequest.NonceLength);
        var padding = RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(LeastLength - Head, MostLength - Head + 1));
        return new CanaryDatagram(ticket, nonce, [.. nonce, .. TagOf(ticket.Key, nonce), .. padding]);
    }

    /// <summary>The address that the question came from, when the canary itself made this answer for it; else null.</summary>
    public IPAddress? Verify(ReadOnlySpan<byte> answer)
    {
        if (answer.Length is < AnswerLength or > MostLength) return null;
        var bytes = CanaryReply.Hide(_ticket.Key, _nonce, answer[..CanaryReply.AddressLength]);
        if (!CryptographicOperations.FixedTimeEquals(answer[CanaryReply.AddressLength..AnswerLength], MacOf(_ticket, _nonce, bytes))) return null;
        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>The canary's side: the answer to a datagram from an address; empty, so none at all, where no vantage asked.</summary>
    public static ReadOnlyMemory<byte> Answer(CanaryKeyRing keys, ReadOnlySpan<byte> question, IPAddress from)
    {
        if (question.Length is < LeastLength or > MostLength) return default;
        var nonce = question[..CanaryRequest.NonceLength];
        if (keys.Find(nonce, question[CanaryRequest.NonceLength..Head], TagOf) is not { } ticket) return default;
        var address = CanaryReply.AddressBytes(from);
        var padding = RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(question.Length - AnswerLength + 1));
        return (byte[])[.. CanaryReply.Hide(ticket.Key, nonce, address), .. MacOf(ticket, nonce, address), .. padding];
    }

    private static byte[] TagOf(CanaryKey key, ReadOnlySpan<byte> nonce) => key.Sign([.. "dr-canary-v1 datagram request\0"u8, .. nonce])[..CanaryRequest.TagLength];

    private static byte[] MacOf(CanaryTicket ticket, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> address) =>
        ticket.Key.Sign(CanaryKey.Bound("dr-canary-v1 datagram reply\0"u8, ticket.Vantage, ticket.Epoch, [.. nonce, .. address]));
}
