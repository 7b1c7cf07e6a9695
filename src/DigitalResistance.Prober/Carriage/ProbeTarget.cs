using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Prober.Carriage;

/// <summary>What servers of a protocol lead to.</summary>
public enum TargetKind
{
    /// <summary>To any host and port that they are asked for.</summary>
    Anywhere,

    /// <summary>To Telegram's data centres, and nowhere else.</summary>
    Telegram,
}

/// <summary>What a tunnel has to lead to, and what proves that it did. All of it is configuration; nothing about targets is built in.</summary>
public abstract record ProbeTarget(HostPort Address)
{
    /// <summary>Where the tunnel has to lead.</summary>
    public HostPort Address { get; } = Address;

    /// <summary>Our canary, whose answer only it could give (docs/specs/canary.md). Proves <see cref="Level.L2"/> and shows the egress address.</summary>
    public sealed record Canary(HostPort Address, CanaryTicket Ticket) : ProbeTarget(Address);

    /// <summary>Our canary, for a megabyte that shows how fast a server carries. Proves <see cref="Level.L2"/>; asked for by an owner, never by the schedule.</summary>
    public sealed record Download(HostPort Address, CanaryTicket Ticket) : ProbeTarget(Address);

    /// <summary>
    /// A host that shows a verified certificate for its name. Proves <see cref="Level.L3"/> where the operator could not predict which
    /// host it would be (<paramref name="Unpredictable"/>: drawn at random from a long list of strangers' hosts), else <see cref="Level.L2"/>.
    /// </summary>
    public sealed record Tls(HostPort Address, bool Unpredictable) : ProbeTarget(Address);

    /// <summary>
    /// A data centre of Telegram's, which proves itself by a key that it alone has (<see cref="Level.L3"/>). Telegram's own proxies are told
    /// its number, everything else its address.
    /// </summary>
    public sealed record Telegram(HostPort Address, short DataCentre, IReadOnlyList<TelegramKey> Keys) : ProbeTarget(Address);

    /// <summary>The kind only.</summary>
    public sealed override string ToString() => GetType().Name;
}
