using System.Net;
using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Canary;

/// <summary>The asking side of one exchange with the canary: a fresh nonce goes out, and only an answer made for it is believed.</summary>
internal sealed class CanaryExchange
{
    private readonly CanaryTicket _ticket;
    private readonly byte[] _nonce;

    private CanaryExchange(CanaryTicket ticket, byte[] nonce, byte[] request) => (_ticket, _nonce, Request) = (ticket, nonce, request);

    /// <summary>The bytes to send through the tunnel.</summary>
    public byte[] Request { get; }

    public static CanaryExchange Begin(CanaryTicket ticket, HostPort canary)
    {
        var nonce = RandomNumberGenerator.GetBytes(CanaryRequest.NonceLength);
        return new CanaryExchange(ticket, nonce, CanaryRequest.Write(nonce, CanaryRequest.TagOf(ticket.Key, nonce), canary));
    }

    /// <summary>Whether the canary itself made this answer, for this question; then also the address that the question came from.</summary>
    public bool Verify(CanaryReply reply, out IPAddress? egress)
    {
        egress = null;
        if (reply.IsRefusal) return false;
        var bytes = CanaryReply.Hide(_ticket.Key, _nonce, reply.HiddenAddress);
        if (!CryptographicOperations.FixedTimeEquals(reply.Mac, CanaryReply.MacOf(_ticket, _nonce, bytes))) return false;
        var address = new IPAddress(bytes);
        egress = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return true;
    }
}
