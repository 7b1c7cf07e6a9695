using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Prober.Dispatch;

/// <summary>What one probe found. Once a probe has begun there is always a report; failing is a result, not an exception.</summary>
/// <param name="AssignmentId">The assignment's id.</param>
/// <param name="Slot">The assignment's slot.</param>
/// <param name="Protocol">Id of the protocol.</param>
/// <param name="ProbeVersion">Version of the conversation that was held; 0 when the protocol is not known here.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Level">How far it got.</param>
/// <param name="Outcome">What it counts as.</param>
/// <param name="Stage">The last stage that was entered; with a failure, the one that failed.</param>
/// <param name="Failure">Why it is not ok.</param>
/// <param name="Code">The number that the server gave as its reason, if it gave one.</param>
/// <param name="Timings">How long each stage took.</param>
/// <param name="Family">Family of the address that was dialled.</param>
/// <param name="Egress">The address from which the canary was reached.</param>
public sealed record ProbeReport(
    Guid AssignmentId, long Slot, string Protocol, int ProbeVersion, DateTimeOffset StartedAt, Level Level, Outcome Outcome, Stage Stage, Failure? Failure,
    int? Code, ProbeTimings Timings, AddressFamily Family, OperatorAddress? Egress)
{
    /// <summary>The address that was dialled; null where none was found.</summary>
    public OperatorAddress? Ingress { get; init; }

    /// <summary>
    /// How far the clock at the other end is ahead of ours, where the protocol shows one: Telegram's behind an MTProto proxy, which tells of
    /// our own clock, since Telegram's is right; else the server's. Null where none was shown.
    /// </summary>
    public TimeSpan? ClockAhead { get; init; }

    /// <summary>How fast the canary's megabyte came through, in bits per second; null where none was asked for.</summary>
    public long? Throughput { get; init; }

    /// <summary>
    /// Whether the server deceived rather than failed: it went through the motions, and then somebody else than the target answered in the
    /// target's name. Silence and refusals are never lies.
    /// </summary>
    public bool IsLie => Stage == Stage.Proof && Failure is Prober.Failure.ProofForged or Prober.Failure.CertificateUntrusted or Prober.Failure.CertificateWrongName;
}

/// <summary>How long each stage took, in microseconds; null where it was not reached.</summary>
public readonly record struct ProbeTimings(int? Resolve, int? Dial, int? Handshake, int? Tunnel, int? Proof);

/// <summary>An operator's address: needed to see that two servers are one, and private. Does not print itself.</summary>
public sealed record OperatorAddress(IPAddress Value)
{
    /// <summary>Nothing that would tell one from another.</summary>
    public override string ToString() => "(address)";
}
