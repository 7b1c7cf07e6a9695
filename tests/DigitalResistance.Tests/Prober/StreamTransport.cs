using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober;

/// <summary>A stream as the prober's layers want it.</summary>
internal sealed class StreamTransport(Stream stream, CancellationToken stop) : ITransport
{
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer) => await stream.ReadAsync(buffer, stop) is var count and > 0 ? Received.Bytes(count) : Received.Nothing(Failure.ConnectionClosed);

    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes, stop);
        return null;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
