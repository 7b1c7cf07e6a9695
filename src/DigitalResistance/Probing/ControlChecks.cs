using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Probing;

/// <summary>The vantage's checks of itself: one line of checks for each kind of target, since one may be in reach while another is cut off.</summary>
public sealed class ControlChecks(DirectCheck direct, Targets targets, TimeProvider time)
{
    private readonly ChecksOfKind[] _kinds = [.. Enum.GetValues<TargetKind>().Select(kind => new ChecksOfKind(kind, direct, targets, time))];

    /// <summary>How many checks are under way at this moment.</summary>
    internal int Talking => _kinds.Sum(kind => kind.Talking);

    /// <summary>The checks of what a probe leads to.</summary>
    public ChecksOfKind Of(TargetKind kind) => _kinds[(int)kind];
}

/// <summary>
/// The vantage's checks of itself at one kind of target. Every probe stands between a check before it and one after it; only where both find the world in
/// reach is the probe's failure somebody else's. Checks are shared by all probes and made only while there are any.
/// </summary>
public sealed class ChecksOfKind(TargetKind kind, DirectCheck direct, Targets targets, TimeProvider time)
{
    // Longer than any probe with its retry takes.
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly List<Check> _blind = [];
    private Check? _last;
    private Task<Check>? _next;
    private int _talking;

    /// <summary>How many checks are under way at this moment.</summary>
    internal int Talking => Volatile.Read(ref _talking);

    /// <summary>The check that stands before a probe: a fresh enough one, or a new one.</summary>
    public Task<Check> BeforeAsync(TimeSpan every)
    {
        lock (_lock)
        {
            if (_last is { } last && time.GetUtcNow() - last.StartedAt <= every) return Task.FromResult(last);
            return NextAsync(every);
        }
    }

    /// <summary>The check that stands after a probe: the first one that starts from now on.</summary>
    public Task<Check> AfterAsync(TimeSpan every)
    {
        lock (_lock) return NextAsync(every);
    }

    /// <summary>Whether any check between two moments failed.</summary>
    public bool WasBlind(DateTimeOffset from, DateTimeOffset to)
    {
        lock (_lock) return _blind.Exists(check => check.EndedAt >= from && check.StartedAt <= to);
    }

    // A check that has been asked for and has not started serves all who ask until it starts.
    private Task<Check> NextAsync(TimeSpan every)
    {
        if (_next is { } waiting) return waiting;
        var pause = _last is { } last && last.StartedAt + every > time.GetUtcNow() ? last.StartedAt + every - time.GetUtcNow() : TimeSpan.Zero;
        return _next = CheckAsync(pause);
    }

    private async Task<Check> CheckAsync(TimeSpan pause)
    {
        await Task.Yield();
        if (pause > TimeSpan.Zero) await Task.Delay(pause, time);
        lock (_lock) _next = null;
        var startedAt = time.GetUtcNow();
        Interlocked.Increment(ref _talking);
        var reports = await Task.WhenAll(targets.ForCheck(kind, LocalVantage.Name).Select(target => direct.CheckAsync(target, CancellationToken.None)));
        Interlocked.Decrement(ref _talking);
        var deaf = reports.Count(report => report.Stage == Stage.Datagrams && report.Failure is not null);
        var ok = reports.Count(report => report.Outcome == Outcome.Ok) + deaf;
        // More than half: one stranger's host may be down without our being blind.
        var check = new Check(startedAt, time.GetUtcNow(), 2 * ok > reports.Length, deaf == 0);
        lock (_lock)
        {
            _blind.RemoveAll(old => old.EndedAt < startedAt - Remembered);
            if (!check.Sees) _blind.Add(check);
            if (_last is null || _last.StartedAt < startedAt) _last = check;
        }

        return check;
    }
}

/// <summary>One check of the vantage.</summary>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Sees">Whether the vantage reached the world.</param>
/// <param name="SeesDatagrams">Whether datagrams reached the canary, where one was asked.</param>
public sealed record Check(DateTimeOffset StartedAt, DateTimeOffset EndedAt, bool Sees, bool SeesDatagrams)
{
    /// <summary>Whether a failure in a stage may be the vantage's own.</summary>
    public bool Doubts(Stage? failed) => !Sees || (failed == Stage.Datagrams && !SeesDatagrams);
}
