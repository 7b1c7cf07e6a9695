namespace DigitalResistance.Scoring;

/// <summary>What a slot counted as, for the score.</summary>
public enum SlotOutcome
{
    /// <summary>No result, or our own fault: counts neither way.</summary>
    Invalid,

    /// <summary>The server carried traffic.</summary>
    Ok,

    /// <summary>It did not.</summary>
    Fail,
}

/// <summary>Availability of one server over a period.</summary>
/// <param name="Ppm">Mean over the windows that count, 0 to 1,000,000; null where no window counts.</param>
/// <param name="ValidSlots">Results that were ok or fail, over all vantages.</param>
/// <param name="Windows">Every window of the period in which there was a result, in time order.</param>
public sealed record Availability(int? Ppm, int ValidSlots, IReadOnlyList<WindowScore> Windows)
{
    /// <summary>Hash over the leaves of the days that it was made from; null where nothing could open them.</summary>
    public string? DaysSha256 { get; init; }
}

/// <summary>One window of one server.</summary>
/// <param name="StartsAt">Its beginning, cut at the beginning of the period.</param>
/// <param name="Slots">How many slots of it lie in the period; its share in the mean.</param>
/// <param name="Ppm">Low-median of what the vantages saw; null where too few saw enough.</param>
/// <param name="Ok">Results that were ok, over all vantages.</param>
/// <param name="Fail">Results that were fail, over all vantages.</param>
public sealed record WindowScore(DateTimeOffset StartsAt, int Slots, int? Ppm, int Ok, int Fail);

/// <summary>
/// Slots to windows to availability, all in integers floored at each step:
/// <c>r(vantage, window) = ok·10⁶ / (ok + fail)</c> where enough slots are valid, <c>R(window) = low-median of r</c> where enough vantages
/// saw it, <c>A = Σ R·slots / Σ slots</c>. Slots in which we were blind are on neither side. Windows lie at fixed places in UTC, so that they
/// do not depend on the period; a period that cuts one counts the part inside it, by the number of its slots.
/// </summary>
public sealed class AvailabilityTally(Policy policy, DateTimeOffset from, DateTimeOffset to)
{
    private readonly long _from = from.ToUnixTimeSeconds();
    private readonly long _to = to.ToUnixTimeSeconds();
    private readonly SortedDictionary<long, Dictionary<int, (int Ok, int Fail)>> _windows = [];

    /// <summary>Counts one slot that began at <paramref name="slotAt"/> (Unix seconds); outside the period it is ignored.</summary>
    public void Add(int vantage, long slotAt, SlotOutcome outcome)
    {
        if (slotAt < _from || slotAt >= _to || outcome == SlotOutcome.Invalid) return;
        var window = slotAt / policy.WindowSeconds;
        if (!_windows.TryGetValue(window, out var vantages)) _windows[window] = vantages = [];
        var (ok, fail) = vantages.GetValueOrDefault(vantage);
        vantages[vantage] = outcome == SlotOutcome.Ok ? (ok + 1, fail) : (ok, fail + 1);
    }

    /// <summary>The availability over what was counted.</summary>
    public Availability Result()
    {
        var windows = _windows.Select(w => Score(w.Key, w.Value.Values)).ToList();
        var counted = windows.Where(w => w.Ppm is not null).ToList();
        var slots = counted.Sum(w => (long)w.Slots);
        int? ppm = slots == 0 ? null : (int)(counted.Sum(w => (long)w.Ppm!.Value * w.Slots) / slots);
        return new(ppm, windows.Sum(w => w.Ok + w.Fail), windows);
    }

    private WindowScore Score(long window, IReadOnlyCollection<(int Ok, int Fail)> vantages)
    {
        var begins = Math.Max(window * policy.WindowSeconds, _from);
        var ends = Math.Min((window + 1) * policy.WindowSeconds, _to);
        var slots = (int)(SlotsBefore(ends) - SlotsBefore(begins));
        var ratios = vantages.Where(v => (v.Ok + v.Fail) * 1_000_000L >= (long)policy.WindowCoveragePpm * slots)
            .Select(v => (int)(v.Ok * 1_000_000L / (v.Ok + v.Fail))).Order().ToList();
        // Low-median (Tor dir-spec): on an even number the lower of the middle two, so that a vantage more never helps a bad server.
        int? ppm = ratios.Count == 0 || ratios.Count < policy.MinVantages ? null : ratios[(ratios.Count - 1) / 2];
        return new(DateTimeOffset.FromUnixTimeSeconds(begins), slots, ppm, vantages.Sum(v => v.Ok), vantages.Sum(v => v.Fail));
    }

    private long SlotsBefore(long at) => (at + policy.SlotSeconds - 1) / policy.SlotSeconds;
}
