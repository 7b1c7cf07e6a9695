using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols.Shadowsocks;

namespace DigitalResistance.Prober.Protocols.Shadowsocks2022;

/// <summary>Datagrams through a server of the 2022 edition (SIP022 §3.2): a session of ours with numbered packets; the server's answers name that session.</summary>
internal sealed class Shadowsocks2022Datagrams(DatagramTransport transport, PacketCipher cipher, HostPort target, TimeProvider time) : IDatagrams
{
    private readonly byte[] _session = RandomNumberGenerator.GetBytes(PacketCipher.SessionLength);
    private readonly byte[] _address = Socks5Probe.Address(target);
    private ulong _number;

    /// <inheritdoc />
    public ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> payload) =>
        transport.SendAsync(cipher.Seal(_session, _number++, [StreamHeaders.FromClient, .. StreamHeaders.Time(time.GetUtcNow()), 0, 0, .. _address, .. payload.Span]));

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        var datagram = new byte[buffer.Length];
        while (true)
        {
            var received = await transport.ReceiveAsync(datagram);
            if (received.Failure is not null) return received;
            if (cipher.Open(datagram.AsSpan(0, received.Count)) is not { } text || Payload(text, _session, time.GetUtcNow()) is not (>= 0 and var start)) continue;
            text.AsMemory(start).CopyTo(buffer);
            return Received.Bytes(text.Length - start);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        cipher.Dispose();
        return transport.DisposeAsync();
    }

    /// <summary>Where the payload begins in an answer to a session: behind type, time, session, padding and the address that sent it; negative for anything else.</summary>
    internal static int Payload(ReadOnlySpan<byte> text, ReadOnlySpan<byte> session, DateTimeOffset now)
    {
        const int Head = 1 + 8 + PacketCipher.SessionLength + 2;
        if (text.Length < Head || text[0] != StreamHeaders.FromServer || !text[9..(Head - 2)].SequenceEqual(session)) return -1;
        if (StreamHeaders.ReadTime(text[1..9]) is not { } sent || (sent - now).Duration() > StreamHeaders.MostSkew) return -1;
        var address = Head + ((text[Head - 2] << 8) | text[Head - 1]);
        return address <= text.Length && ShadowsocksDatagrams.Payload(text[address..]) is >= 0 and var length ? address + length : -1;
    }
}
