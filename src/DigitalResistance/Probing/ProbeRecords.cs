using DigitalResistance.Prober;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Probing;

/// <summary>From the prober's report to the five bytes that are kept of it.</summary>
public static class ProbeRecords
{
    /// <summary>The record of the try that counts.</summary>
    public static SlotRecord Of(ProbeReport report, bool atCanary) => report.Outcome == Outcome.Ok
        ? new(SlotState.Ok, (byte)report.Level, atCanary, 0, 0, Latency(report.Timings))
        : new(report.Outcome == Outcome.Fail ? SlotState.Fail : SlotState.Invalid, (byte)report.Stage, atCanary, Reasons.Number(report.Failure!.Value), 0, Latency(report.Timings));

    private static ushort Latency(ProbeTimings timings)
    {
        var micros = (long)(timings.Resolve ?? 0) + (timings.Dial ?? 0) + (timings.Handshake ?? 0) + (timings.Tunnel ?? 0) + (timings.Proof ?? 0);
        return (ushort)Math.Min(micros / 1000, ushort.MaxValue);
    }
}
