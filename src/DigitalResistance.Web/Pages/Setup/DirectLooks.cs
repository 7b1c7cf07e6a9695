using System.Collections.Concurrent;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>Dials a target directly for the set-up page, at most once in half a minute whoever looks: a page must not make others dial at will.</summary>
internal sealed class DirectLooks(DirectCheck direct, TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Look> _looks = new(StringComparer.Ordinal);

    /// <summary>How it ended, under a name that two looks at the same target share.</summary>
    public Task<ProbeReport> LookAsync(string name, Func<ProbeTarget> target)
    {
        var now = time.GetUtcNow();
        return _looks.AddOrUpdate(name, _ => Begin(target, now), (_, last) => now - last.At > Remembered ? Begin(target, now) : last).Report.Value;
    }

    private Look Begin(Func<ProbeTarget> target, DateTimeOffset now) => new(now, new Lazy<Task<ProbeReport>>(() => direct.CheckAsync(target(), CancellationToken.None)));

    private sealed record Look(DateTimeOffset At, Lazy<Task<ProbeReport>> Report);
}
