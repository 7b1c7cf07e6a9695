using System.Net;
using System.Security.Cryptography;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Servers;

namespace DigitalResistance.Probing;

/// <summary>
/// One try at a server. Its name is looked up once, the answer is compared with what was proven, and the very address that was compared
/// is dialled: no machine is contacted whose control is not proven, or which asked to be left alone, wherever the name leads by now.
/// </summary>
public sealed class ProvenProbe(ProbeRunner runner, ServerAddresses addresses, TimeProvider time)
{
    /// <summary>Makes the try.</summary>
    public async Task<Try> MakeAsync(Assignment assignment, ProbeTarget target, CancellationToken cancellation)
    {
        var (startedAt, endpoint, atCanary) = (time.GetUtcNow(), assignment.Endpoint, target is ProbeTarget.Canary);
        var lookup = await addresses.OfAsync(endpoint, cancellation);
        if (lookup is ServerLookup.Missing { Failure: var why }) return new(startedAt, Failed(why.CountsAs() == Outcome.Fail, why.Code()), null, null);
        // Fail, not invalid: else whoever is down would opt out before each probe, and call home after it.
        if (lookup is ServerLookup.OptedOut { Machine: var machine }) return new(startedAt, Failed(true, Reasons.OptedOut), null, null) { OptedOut = machine };
        var found = ((ServerLookup.Found)lookup).Addresses;
        if (!addresses.TagsOf(found).All(tag => assignment.ProvenTags.Any(proven => proven.AsSpan().SequenceEqual(tag))))
        {
            return new(startedAt, Failed(true, Reasons.AddressUnproven), null, null);
        }

        var at = found[RandomNumberGenerator.GetInt32(found.Count)].Address;
        var report = await runner.ProbeAsync(
            new(assignment.ServerId, assignment.Draw.SlotAt, assignment.Protocol, endpoint.HostPort, endpoint.Settings, target) { At = at }, cancellation);
        return new(startedAt, ProbeRecords.Of(report, atCanary), at, report.Egress?.Value);

        SlotRecord Failed(bool counts, string reason) => new(counts ? SlotState.Fail : SlotState.Invalid, (byte)Stage.Resolve, atCanary, Reasons.Number(reason), 0, 0);
    }
}

/// <summary>What a try found. Holds addresses, so it does not print itself.</summary>
public sealed record Try(DateTimeOffset StartedAt, SlotRecord Record, IPAddress? Ingress, IPAddress? Egress)
{
    /// <summary>Tag of a machine that asked to be left alone, and was; else null.</summary>
    public byte[]? OptedOut { get; init; }

    /// <summary>The result alone.</summary>
    public override string ToString() => Record.ToString();
}
