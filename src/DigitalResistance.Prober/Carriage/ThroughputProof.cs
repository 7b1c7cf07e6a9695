using System.Security.Cryptography;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Prober.Carriage;

/// <summary>How fast a server carries: a megabyte of the canary's through the tunnel, every byte compared.</summary>
internal static class ThroughputProof
{
    private const int BufferLength = 64 * 1024;

    public static async ValueTask ProveAsync(ProbeSession session, Wire tunnel, ProbeTarget.Download target)
    {
        var nonce = RandomNumberGenerator.GetBytes(CanaryRequest.NonceLength);
        var expected = CanaryDownload.Answer(target.Ticket.Key, nonce); // before the clock runs
        await tunnel.SendAsync(CanaryRequest.Write(nonce, CanaryDownload.TagOf(target.Ticket.Key, nonce), target.Address));
        var buffer = new byte[BufferLength];
        var (length, first, started) = (0, 0, 0L);
        while (length < expected.Length)
        {
            var received = await tunnel.ReceiveAsync(buffer);
            if (received.Failure is { } failure)
            {
                if (length > first) session.Carried(length - first, session.Time.GetElapsedTime(started)); // so slow it is
                session.Fail(failure);
                return;
            }

            // The first bytes start the clock, so that the way there and back does not count.
            if (length == 0) (first, started) = (received.Count, session.Time.GetTimestamp());
            if (!expected.AsSpan(length).StartsWith(buffer.AsSpan(0, received.Count)))
            {
                session.Fail(length == 0 && CanaryReply.Refusal.AsSpan().StartsWith(buffer.AsSpan(0, received.Count)) ? Failure.ProofRefused : Failure.ProofForged);
                return;
            }

            length += received.Count;
        }

        session.Carried(length - first, session.Time.GetElapsedTime(started));
        session.Prove(Level.L2, egress: null);
    }
}
