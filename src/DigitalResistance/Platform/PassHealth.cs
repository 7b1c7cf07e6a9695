using System.Collections.Concurrent;

namespace DigitalResistance.Platform;

/// <summary>When each pass of this process last succeeded and failed: what health checks and the status page read.</summary>
public sealed class PassHealth
{
    private readonly ConcurrentDictionary<string, PassState> _states = new();

    /// <summary>A snapshot by pass name.</summary>
    public IReadOnlyDictionary<string, PassState> States => _states;

    internal void Succeeded(string pass, DateTimeOffset at) =>
        _states.AddOrUpdate(pass, _ => new PassState(at, null), (_, state) => state with { SucceededAt = at });

    internal void Failed(string pass, DateTimeOffset at) =>
        _states.AddOrUpdate(pass, _ => new PassState(null, at), (_, state) => state with { FailedAt = at });
}

/// <summary>Last success and last failure of one pass; null where there was none since the process started.</summary>
public sealed record PassState(DateTimeOffset? SucceededAt, DateTimeOffset? FailedAt);
