using System.Net;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Dispatch;

/// <summary>One probe to be made: what a vantage is told about a server, and no more. Holds an address and secrets, so it does not print itself.</summary>
/// <param name="Id">Given by the dispatcher; comes back in the report.</param>
/// <param name="Slot">The slot that the probe counts for; comes back in the report.</param>
/// <param name="Protocol">Id of the protocol.</param>
/// <param name="Server">Where the server listens.</param>
/// <param name="Settings">Raw settings, parsed anew by the protocol's own parser.</param>
/// <param name="Target">What the tunnel has to lead to.</param>
public sealed record ProbeAssignment(
    Guid Id, long Slot, string Protocol, HostPort Server, IReadOnlyDictionary<string, string> Settings, ProbeTarget Target)
{
    /// <summary>Which address family to use. Default: IPv4 where there is one.</summary>
    public AddressChoice Addresses { get; init; }

    /// <summary>Dial this very address instead of looking the server's name up. The name is still the one that TLS asks for.</summary>
    public IPAddress? At { get; init; }

    /// <summary>The id, the slot and the protocol, which tell nothing about the server.</summary>
    public override string ToString() => $"{Id} slot {Slot} {Protocol}";
}
