namespace DigitalResistance.Verify.Receipts;

/// <summary>Slots to windows to availability (<c>docs/specs/evidence.md</c>, "From slots to availability"), all in whole numbers rounded down.</summary>
internal sealed class SlotTally(FrozenPolicy policy, long from, long until)
{
    private const long Million = 1_000_000;
    private readonly SortedDictionary<long, Dictionary<int, (long Ok, long Fail)>> _windows = [];

    /// <summary>Slots that count on either side.</summary>
    public long Valid { get; private set; }

    public void Add(int vantage, long at, bool ok)
    {
        Valid++;
        if (!_windows.TryGetValue(at / policy.WindowSeconds, out var vantages)) _windows[at / policy.WindowSeconds] = vantages = [];
        var (good, bad) = vantages.GetValueOrDefault(vantage);
        vantages[vantage] = ok ? (good + 1, bad) : (good, bad + 1);
    }

    /// <summary>The mean over the windows that have a value; null where none has.</summary>
    public long? Availability()
    {
        var (sum, slots) = ((Int128)0, 0L);
        foreach (var (window, vantages) in _windows)
        {
            // A period that cuts a window counts the part inside it.
            var here = Slots(Math.Min((window + 1) * policy.WindowSeconds, until)) - Slots(Math.Max(window * policy.WindowSeconds, from));
            var seen = vantages.Values.Where(v => (v.Ok + v.Fail) * Million >= policy.CoveragePpm * here).Select(v => v.Ok * Million / (v.Ok + v.Fail)).Order().ToList();
            if (seen.Count == 0 || seen.Count < policy.MinVantages) continue;
            sum += (Int128)seen[(seen.Count - 1) / 2] * here;
            slots += here;
        }

        return slots == 0 ? null : (long)(sum / slots);
    }

    // Slots that begin before a moment.
    private long Slots(long at) => (at + policy.SlotSeconds - 1) / policy.SlotSeconds;
}
