using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>Datagrams through a Shadowsocks server (SIP004, "UDP"): each has a salt of its own, and so a key of its own, under which it is the only one; the target's address stands inside.</summary>
internal sealed class ShadowsocksDatagrams(DatagramTransport transport, ShadowsocksMethod method, byte[] key, HostPort target) : IDatagrams
{
    private static readonly byte[] FirstNonce = new byte[ShadowsocksAead.NonceLength];
    private readonly byte[] _address = Socks5Probe.Address(target);

    /// <inheritdoc />
    public ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> payload) => transport.SendAsync(Write([.. _address, .. payload.Span], method, key));

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        var datagram = new byte[buffer.Length];
        while (true)
        {
            var received = await transport.ReceiveAsync(datagram);
            if (received.Failure is not null) return received;
            if (Read(datagram.AsSpan(0, received.Count), method, key) is not { } text || Payload(text) is not (>= 0 and var start)) continue;
            text.AsMemory(start).CopyTo(buffer);
            return Received.Bytes(text.Length - start);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => transport.DisposeAsync();

    /// <summary>Salt, and all else sealed.</summary>
    internal static byte[] Write(ReadOnlySpan<byte> text, ShadowsocksMethod method, byte[] key)
    {
        var salt = RandomNumberGenerator.GetBytes(method.KeyLength);
        using var aead = new ShadowsocksAead(method, ShadowsocksKeys.OfSession(key, salt));
        return [.. salt, .. aead.Seal(FirstNonce, text)];
    }

    /// <summary>What was sealed; null when nobody did who knows the password.</summary>
    internal static byte[]? Read(ReadOnlySpan<byte> datagram, ShadowsocksMethod method, byte[] key)
    {
        if (datagram.Length < method.KeyLength + ShadowsocksAead.TagLength) return null;
        using var aead = new ShadowsocksAead(method, ShadowsocksKeys.OfSession(key, datagram[..method.KeyLength].ToArray()));
        return aead.Open(FirstNonce, datagram[method.KeyLength..]);
    }

    /// <summary>Where the payload begins, behind the address that sent it; negative where there is no whole address.</summary>
    internal static int Payload(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2) return -1;
        var address = Socks5Probe.AddressLength(text[0], text[1]);
        return address < 0 || text.Length < address ? -1 : address;
    }
}
