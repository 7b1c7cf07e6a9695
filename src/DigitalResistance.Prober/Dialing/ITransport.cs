namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// Bytes both ways, without exceptions: a stranger's bad behaviour is an ordinary ending here. A socket is one, TLS over a wire is one,
/// an encrypted tunnel is one. Used by one conversation at a time: one receive or one send is under way, never two.
/// </summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Receives at least one byte, or says why none will come any more.</summary>
    ValueTask<Received> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends all bytes, or says why not.</summary>
    ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes);
}

/// <summary>What came: some bytes, or the reason why there are none.</summary>
public readonly record struct Received(int Count, Failure? Failure)
{
    /// <summary>Bytes came.</summary>
    public static Received Bytes(int count) => new(count, null);

    /// <summary>None will.</summary>
    public static Received Nothing(Failure failure) => new(0, failure);
}
