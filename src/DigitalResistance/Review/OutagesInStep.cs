namespace DigitalResistance.Review;

/// <summary>The slots of a period in which a server failed.</summary>
/// <param name="Slots">Their numbers, ascending.</param>
public sealed record FailedSlots(IReadOnlyList<int> Slots)
{
    /// <summary>How many separate outages they are: runs of slots that follow each other.</summary>
    public int Outages { get; } = Slots.Where((slot, i) => i == 0 || slot != Slots[i - 1] + 1).Count();

    /// <summary>The failed slots where they could tell anything: enough of them, and not so many that everything falls into them. Null otherwise.</summary>
    /// <param name="slots">Numbers of the slots in which the server failed from everywhere, ascending.</param>
    /// <param name="valid">How many slots counted.</param>
    public static FailedSlots? Of(IReadOnlyList<int> slots, int valid) =>
        slots.Count >= OutagesInStep.LeastSlots && slots.Count * 10L <= valid ? new FailedSlots(slots) : null;
}

/// <summary>
/// Which servers fail together far more often than chance would have it (docs/specs/rounds.md): each in at least twelve slots and in at most a
/// tenth of those that counted, the one in at most twice as many as the other; at least nine tenths of the smaller's failed slots, which are at least
/// three separate outages, are failed slots of the larger too. One outage of a data centre is one outage, however long.
/// </summary>
public static class OutagesInStep
{
    /// <summary>Fewer failed slots tell nothing.</summary>
    public const int LeastSlots = 12;

    private const int LeastOutages = 3;

    /// <summary>The pairs, as places in <paramref name="servers"/>, the smaller place first.</summary>
    public static IEnumerable<(int First, int Second)> Pairs(IReadOnlyList<FailedSlots> servers)
    {
        var bySlot = servers.SelectMany((server, place) => server.Slots.Select(slot => (slot, place))).ToLookup(x => x.slot, x => x.place);
        var frequency = bySlot.ToDictionary(g => g.Key, g => g.Count());
        var found = new HashSet<(int, int)>();
        for (var place = 0; place < servers.Count; place++)
        {
            // Whoever shares nine tenths of the slots has one of any tenth and one more; the rarest have the fewest others.
            var slots = servers[place].Slots;
            var rarest = slots.OrderBy(slot => frequency[slot]).Take(slots.Count - Least(slots.Count) + 1);
            foreach (var other in rarest.SelectMany(slot => bySlot[slot]).Distinct().Where(other => other != place))
                if (IsWithin(servers[place], servers[other])) found.Add((Math.Min(place, other), Math.Max(place, other)));
        }

        return found.Order();
    }

    /// <summary>Whether the outages of <paramref name="smaller"/> lie within those of <paramref name="larger"/>.</summary>
    private static bool IsWithin(FailedSlots smaller, FailedSlots larger) =>
        smaller.Slots.Count <= larger.Slots.Count && larger.Slots.Count <= 2 * smaller.Slots.Count
        && smaller.Outages >= LeastOutages && Common(smaller.Slots, larger.Slots) >= Least(smaller.Slots.Count);

    private static int Least(int slots) => ((slots * 9) + 9) / 10;

    private static int Common(IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        var (common, i, j) = (0, 0, 0);
        while (i < a.Count && j < b.Count)
        {
            if (a[i] == b[j]) (common, i, j) = (common + 1, i + 1, j + 1);
            else if (a[i] < b[j]) i++;
            else j++;
        }

        return common;
    }
}
