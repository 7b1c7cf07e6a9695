using System.Globalization;
using DigitalResistance.Probing;

namespace DigitalResistance.Scoring;

/// <summary>
/// The share of a period's committed slots that began while a server was listed. Without it a server could be retired after one good day
/// and weigh as much as one that served all month.
/// </summary>
public static class Presence
{
    /// <summary>The share in ppm, floored; 0 where no slot was committed.</summary>
    public static int Ppm(
        IReadOnlyCollection<ScheduleDay> days, IReadOnlyCollection<(DateTimeOffset From, DateTimeOffset Until)> spells, DateTimeOffset from, DateTimeOffset to)
    {
        long all = 0, listed = 0;
        foreach (var day in days)
        {
            var begins = Latest(day.StartsAt, from);
            var ends = Earliest(new DateTimeOffset(day.Day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero), to);
            all += Slots(begins, ends, day.SlotSeconds);
            listed += spells.Sum(s => Slots(Latest(begins, s.From), Earliest(ends, s.Until), day.SlotSeconds));
        }

        return all == 0 ? 0 : (int)(listed * 1_000_000 / all);
    }

    /// <summary>The spells inside a period as a statement writes them, rounded up to whole seconds: slots begin on those, so that the same slots lie within.</summary>
    public static string Written(IEnumerable<(DateTimeOffset From, DateTimeOffset Until)> spells, DateTimeOffset from, DateTimeOffset to) => string.Join(' ', spells.OrderBy(s => s.From)
        .Select(s => string.Create(CultureInfo.InvariantCulture, $"{SecondsUp(Latest(s.From, from))}-{SecondsUp(Earliest(s.Until, to))}")));

    /// <summary>An instant in Unix seconds, rounded up.</summary>
    public static long SecondsUp(DateTimeOffset at) => Before(at, 1);

    // Slots that begin in [from, to).
    private static long Slots(DateTimeOffset from, DateTimeOffset to, int seconds) => from >= to ? 0 : Before(to, seconds) - Before(from, seconds);

    private static long Before(DateTimeOffset at, int seconds)
    {
        var slot = seconds * TimeSpan.TicksPerSecond;
        return ((at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) + slot - 1) / slot;
    }

    private static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earliest(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
