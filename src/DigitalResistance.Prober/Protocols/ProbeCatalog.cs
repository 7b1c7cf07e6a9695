using System.Collections.Frozen;

namespace DigitalResistance.Prober.Protocols;

/// <summary>Every protocol that this prober speaks: found once by looking through this assembly, so that a new file is all that a new protocol needs.</summary>
public sealed class ProbeCatalog
{
    private readonly FrozenDictionary<string, IProbe> _byId;

    /// <summary>The catalogue of this assembly.</summary>
    public ProbeCatalog()
        : this(typeof(ProbeCatalog).Assembly.GetTypes()
            .Where(type => type is { IsPublic: true, IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IProbe)))
            .Select(type => (IProbe)Activator.CreateInstance(type, nonPublic: true)!))
    {
    }

    /// <summary>A catalogue of given protocols. Two with one id stop the process: results could no longer be told apart.</summary>
    public ProbeCatalog(IEnumerable<IProbe> probes)
    {
        All = [.. probes.OrderBy(probe => probe.Id, StringComparer.Ordinal)];
        var duplicate = All.CountBy(probe => probe.Id, StringComparer.Ordinal).FirstOrDefault(count => count.Value > 1).Key;
        if (duplicate is not null) throw new InvalidOperationException($"Two protocols call themselves '{duplicate}'.");
        _byId = All.ToFrozenDictionary(probe => probe.Id, StringComparer.Ordinal);
    }

    /// <summary>Every protocol, sorted by id.</summary>
    public IReadOnlyList<IProbe> All { get; }

    /// <summary>The protocol with an id, or null.</summary>
    public IProbe? Find(string id) => _byId.GetValueOrDefault(id);
}
