using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Servers;

/// <summary>
/// What a test saw besides its result: for its owner, once, and kept nowhere, since the address that traffic leaves from is as private as the one it
/// enters by. Does not print itself.
/// </summary>
/// <param name="Family">Over which family the server was reached; unspecified where it was not.</param>
/// <param name="Egress">From where the canary was asked; null where another target was, which does not tell.</param>
/// <param name="RoundTrip">To the server and back: the time in which the connection opened.</param>
/// <param name="Handshake">The protocol's own greeting, authentication and request.</param>
/// <param name="Through">Question and answer through the server.</param>
/// <param name="Throughput">How fast the canary's megabyte came through, in bits per second; null where none was asked for.</param>
/// <param name="ClockAhead">How far the clock of who answered is ahead of ours; null where the protocol shows none.</param>
public sealed record TestSight(AddressFamily Family, IPAddress? Egress, TimeSpan? RoundTrip, TimeSpan? Handshake, TimeSpan? Through, long? Throughput, TimeSpan? ClockAhead)
{
    /// <summary>What a report says of it.</summary>
    public static TestSight Of(ProbeReport report, ProbeTarget target)
    {
        var times = report.Timings;
        return new(
            report.Family, report.Egress?.Value, Time(times.Dial), Time(times.Handshake is { } handshake ? handshake + (times.Tunnel ?? 0) : null), Time(target is ProbeTarget.Download ? null : times.Proof), report.Throughput,
            target is ProbeTarget.Telegram ? null : report.ClockAhead); // Telegram's clock is right: it would tell of ours
    }

    /// <summary>Nothing that would tell one from another.</summary>
    public override string ToString() => "(sight)";

    private static TimeSpan? Time(int? micros) => micros is { } some ? TimeSpan.FromMicroseconds(some) : null;
}
