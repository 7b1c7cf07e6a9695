namespace DigitalResistance.Prober.Dialing;

/// <summary>Datagrams to one target and back: a socket is such a way, and so is a server that carries them. One receive and one send may be under way at once.</summary>
public interface IDatagrams : IAsyncDisposable
{
    /// <summary>Sends one.</summary>
    ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> payload);

    /// <summary>Receives the payload of the next one; or says why none will come any more. What is no datagram of the way's protocol is passed over.</summary>
    ValueTask<Received> ReceiveAsync(Memory<byte> buffer);
}
