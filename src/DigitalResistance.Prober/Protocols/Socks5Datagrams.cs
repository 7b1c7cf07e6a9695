using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols;

/// <summary>Datagrams through a SOCKS 5 server, each behind the header of RFC 1928 §7. The server carries them for as long as the connection that asked for them lives.</summary>
internal sealed class Socks5Datagrams(DatagramTransport transport, HostPort target) : IDatagrams
{
    private const int Reserved = 3; // RSV RSV FRAG
    private readonly byte[] _header = [0, 0, 0, .. Socks5Probe.Address(target)];

    /// <inheritdoc />
    public ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> payload) => transport.SendAsync((byte[])[.. _header, .. payload.Span]);

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        while (true)
        {
            var received = await transport.ReceiveAsync(buffer);
            if (received.Failure is not null) return received;
            var payload = Payload(buffer.Span[..received.Count]);
            if (payload < 0) continue;
            buffer[payload..received.Count].CopyTo(buffer);
            return Received.Bytes(received.Count - payload);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => transport.DisposeAsync();

    /// <summary>Where the payload begins; negative for what is no whole datagram. Fragments are dropped, as who does not reassemble must (RFC 1928 §7).</summary>
    internal static int Payload(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < Reserved + 2 || datagram[Reserved - 1] != 0) return -1;
        var address = Socks5Probe.AddressLength(datagram[Reserved], datagram[Reserved + 1]);
        return address < 0 || datagram.Length < Reserved + address ? -1 : Reserved + address;
    }
}
