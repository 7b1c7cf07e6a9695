namespace DigitalResistance.Prober.Dialing;

/// <summary>The one clock that a probe runs against. When it strikes, whatever is under way ends at once, however the server behaves.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenRegistration _registration;

    /// <summary>Starts the clock; the caller's token ends it early.</summary>
    public Deadline(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _source = new CancellationTokenSource(limit, time);
        _caller = caller;
        _registration = caller.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _source);
    }

    /// <summary>Cancelled when the time is up or the caller lost interest.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Why it struck: we stopped it, or nothing came in time.</summary>
    public Failure Verdict => _caller.IsCancellationRequested ? Failure.Cancelled : Failure.NoAnswer;

    /// <inheritdoc />
    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
