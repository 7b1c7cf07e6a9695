using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Prober.Carriage;

/// <summary>
/// Proves that a server carries datagrams to the canary and back. Networks lose datagrams without anybody's fault, so the question is asked
/// up to three times; and since anybody can send a datagram in another's name, a wrong answer is nobody's lie: it is passed over.
/// </summary>
internal static class DatagramProof
{
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.5)];

    /// <summary>False when the session has failed.</summary>
    public static async ValueTask<bool> ProveAsync(IDatagramProbe probe, ProbeSession session, ProbeTarget.Canary target)
    {
        session.Enter(Stage.Datagrams);
        if (await probe.OpenDatagramsAsync(session, target.Address) is not { } way) return false;
        await using (way)
        {
            var failure = await AskAsync(way, CanaryDatagram.Begin(target.Ticket), session.Time);
            if (failure is { } ended) session.Fail(ended is Failure.NoAnswer ? Failure.DatagramsLost : ended);
            return failure is null;
        }
    }

    private static async ValueTask<Failure?> AskAsync(IDatagrams way, CanaryDatagram exchange, TimeProvider time)
    {
        var answering = ListenAsync(way, exchange);
        foreach (var wait in Waits)
        {
            if (await way.SendAsync(exchange.Question) is { } unsent) return unsent;
            if (await Task.WhenAny(answering, Task.Delay(wait, time)) == answering) return await answering;
        }

        return Failure.DatagramsLost;
    }

    private static async Task<Failure?> ListenAsync(IDatagrams way, CanaryDatagram exchange)
    {
        var buffer = new byte[1500];
        while (true)
        {
            var received = await way.ReceiveAsync(buffer);
            if (received.Failure is { } failure) return failure;
            if (exchange.Verify(buffer.AsSpan(0, received.Count)) is not null) return null;
        }
    }
}
