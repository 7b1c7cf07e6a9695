using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Carriage;

/// <summary>What a tunnel has to lead to, and what proves that it did. All of it is configuration; nothing about targets is built in.</summary>
public abstract record ProbeTarget(HostPort Address)
{
    /// <summary>Where the tunnel has to lead.</summary>
    public HostPort Address { get; } = Address;

    /// <summary>Our canary, whose answer only it could give (docs/specs/canary.md). Proves <see cref="Level.L2"/> and shows the egress address.</summary>
    public sealed record Canary(HostPort Address, CanaryTicket Ticket) : ProbeTarget(Address);

    /// <summary>
    /// A host that shows a verified certificate for its name. Proves <see cref="Level.L3"/> where the operator could not predict which
    /// host it would be (<paramref name="Unpredictable"/>: drawn at random from a long list of strangers' hosts), else <see cref="Level.L2"/>.
    /// </summary>
    public sealed record Tls(HostPort Address, bool Unpredictable) : ProbeTarget(Address);

    /// <summary>The kind only.</summary>
    public sealed override string ToString() => GetType().Name;
}
