namespace DigitalResistance.Treasury;

/// <summary>What this process knows of its chain backend: read by the treasury pages, the status page and the health check.</summary>
public sealed class ChainHealth
{
    private volatile ChainState _state = new(null, null, null);

    /// <summary>The last that was heard.</summary>
    public ChainState State => _state;

    internal void Answered(int height, DateTimeOffset at) => _state = new ChainState(height, at, null);

    internal void Refused(string sentence) => _state = _state with { Mismatch = sentence };
}

/// <summary>A snapshot of what is known of the chain backend.</summary>
/// <param name="Height">Height of the best chain when it last answered; null where it never did.</param>
/// <param name="AnsweredAt">When it last answered.</param>
/// <param name="Mismatch">Why payments are stopped: the backend follows another network. Null otherwise.</param>
public sealed record ChainState(int? Height, DateTimeOffset? AnsweredAt, string? Mismatch);
