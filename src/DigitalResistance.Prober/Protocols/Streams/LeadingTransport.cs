using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Streams;

/// <summary>
/// A tunnel whose request travels in front of the first bytes for the target, in one piece: servers wait for both, and that is how ordinary
/// clients of these protocols send it. What is special about the first bytes that come back is said by the protocol.
/// </summary>
internal sealed class LeadingTransport(Wire server, byte[] lead, LeadingTransport.FirstReceive receiveFirst) : ITransport
{
    private byte[] _lead = lead;
    private bool _answered;

    /// <summary>Receives the first bytes that the target sent, and whatever the server says before them.</summary>
    public delegate ValueTask<Received> FirstReceive(Wire server, Memory<byte> buffer);

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_lead.Length == 0) return await server.SendAsync(bytes);
        byte[] both = [.. _lead, .. bytes.Span];
        _lead = [];
        return await server.SendAsync(both);
    }

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        if (_answered) return await server.ReceiveAsync(buffer);
        var first = await receiveFirst(server, buffer);
        _answered = first.Failure is null;
        return first;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => server.DisposeAsync();
}
