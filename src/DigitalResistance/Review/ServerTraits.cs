using DigitalResistance.Scoring;

namespace DigitalResistance.Review;

/// <summary>What a freeze knows of one server beside its score. Lives in memory only: what is stored is who shares something, not what.</summary>
/// <param name="OwnerId">Its operator.</param>
/// <param name="Protocol">Id of its protocol.</param>
/// <param name="AgeHours">Whole hours from the first proof of control to the end of the period.</param>
public sealed record ServerTraits(Guid OwnerId, string Protocol, int AgeHours)
{
    /// <summary>Tags of the addresses by which it was entered or left.</summary>
    public IReadOnlyCollection<UInt128> Machines { get; init; } = [];

    /// <summary>Tags of the networks of those addresses.</summary>
    public IReadOnlyCollection<UInt128> Networks { get; init; } = [];

    /// <summary>Tags of their autonomous systems.</summary>
    public IReadOnlyCollection<UInt128> Asns { get; init; } = [];

    /// <summary>Tags of its passwords and keys.</summary>
    public IReadOnlyCollection<UInt128> Secrets { get; init; } = [];

    /// <summary>The slots in which it failed, where they could tell anything (<see cref="OutagesInStep"/>).</summary>
    public FailedSlots? Outages { get; init; }
}

/// <summary>Traits of every server that was listed in a period.</summary>
public interface IServerTraits
{
    /// <summary>All of them, in no order.</summary>
    Task<IReadOnlyList<ServerTraits>> OfAsync(DateTimeOffset from, DateTimeOffset to, Policy policy, CancellationToken cancellation);
}
