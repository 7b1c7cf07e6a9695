namespace DigitalResistance.Scoring;

/// <summary>What is known of one server at the end of a period.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="OwnerId">Its operator.</param>
/// <param name="Availability">Its availability in the period.</param>
/// <param name="AgeHours">Whole hours from the first proof of control to the end of the period.</param>
/// <param name="PresencePpm">Share of the period's committed slots in which it was listed.</param>
/// <param name="Entrances">Keyed tags of every address by which it was entered.</param>
/// <param name="Exits">Keyed tags of every address by which it was left.</param>
/// <param name="Networks">Keyed tags of the networks of those addresses.</param>
public sealed record ServerStanding(
    Guid ServerId, Guid OwnerId, Availability Availability, int AgeHours, int PresencePpm,
    IReadOnlyCollection<UInt128> Entrances, IReadOnlyCollection<UInt128> Exits, IReadOnlyCollection<UInt128> Networks)
{
    /// <summary>When control was first proven, in Unix seconds, rounded up.</summary>
    public long ProvenAt { get; init; }

    /// <summary>When in the period it was listed, as <see cref="ScoreBasis.Listed"/> writes it.</summary>
    public string Listed { get; init; } = "";

    /// <summary>The times before its moves that count neither way, as <see cref="ScoreBasis.Moved"/> writes them.</summary>
    public string Moved { get; init; } = "";
}

/// <summary>
/// From standings to final weights. Pure: the order of the input does not matter, and better availability of a server never makes it
/// weigh less. The caps go by address space and never ask who owns it, so that splitting oneself into many accounts gains nothing.
/// </summary>
public static class Weights
{
    /// <summary>Computes the final weights, ordered by server.</summary>
    public static IReadOnlyList<ServerScore> Compute(IReadOnlyCollection<ServerStanding> standings, Policy policy)
    {
        var chained = Chained(standings);
        var members = standings.OrderBy(s => s.ServerId).Select(s => new Member(s, Parts(s, policy), chained.Contains(s.ServerId))).ToList();
        var machines = Groups.Of([.. members.Where(m => !m.IsChained)], m => [.. m.Standing.Entrances, .. m.Standing.Exits])
            .Select(servers => new Machine(servers, Cap(servers.Select(m => m.Full), policy.ServersPerAddress))).ToList();
        foreach (var network in Groups.Of(machines, m => [.. m.Servers.SelectMany(s => s.Standing.Networks)]))
        {
            var (counted, all) = Cap(network.Select(m => m.Counted), policy.ServersPerNetwork);
            foreach (var machine in network)
            {
                foreach (var member in machine.Servers)
                {
                    // One fraction for both caps and one floor at its end: a floor between them could make more uptime weigh less.
                    // At most 10⁶ · 10⁹ · 10¹²: far from the edge of 128 bits.
                    var below = (UInt128)machine.All * (UInt128)all;
                    member.Final = below == 0 ? 0 : (long)((UInt128)member.Full * (UInt128)machine.Counted * (UInt128)counted / below);
                }
            }
        }

        foreach (var own in members.Where(m => !m.IsChained).GroupBy(m => m.Standing.OwnerId)) Number([.. own]);
        return [.. members.Select(m => new ServerScore(
            m.Standing.ServerId, m.Standing.OwnerId, m.Standing.Availability.Ppm ?? 0, m.Standing.Availability.ValidSlots, m.Final)
        {
            Parts = m.Parts, DaysSha256 = m.Standing.Availability.DaysSha256, Basis = new(m.Standing.ProvenAt, m.Standing.Listed, m.Machine, m.Network, m.IsChained) { Moved = m.Standing.Moved },
        })];
    }

    // Which of an owner's servers share a machine or a network among themselves: what they share with others is nobody's to know.
    private static void Number(List<Member> own)
    {
        var machines = Groups.Of(own, m => [.. m.Standing.Entrances, .. m.Standing.Exits]);
        var networks = Groups.Of([.. machines.Index()], m => [.. m.Item.SelectMany(s => s.Standing.Networks)]);
        foreach (var (network, group) in networks.Index())
            foreach (var (machine, servers) in group)
                foreach (var member in servers) (member.Machine, member.Network) = (machine, network);
    }

    /// <summary>The factors of one server by the policy's tables.</summary>
    public static WeightParts Parts(ServerStanding standing, Policy policy) => new(
        standing.Availability.Ppm is { } ppm ? policy.Buckets.LastOrDefault(b => b.FromPpm <= ppm)?.Weight ?? 0 : 0,
        TenurePpm(standing, policy),
        policy.Presence.LastOrDefault(p => p.FromPpm <= standing.PresencePpm)?.FactorPpm ?? 0);

    private static int TenurePpm(ServerStanding standing, Policy policy) => standing.Availability.Windows.Sum(w => w.Ok) < policy.TenureProbes
        ? 0
        : policy.Tenure.LastOrDefault(t => t.FromHours <= standing.AgeHours)?.FactorPpm ?? 0;

    // Who leaves by another server's entrance only passes traffic on to it: the exit is paid already, and whoever is passed on to must not share
    // his weight with everybody who chooses to do so. Two who pass on to each other are one machine instead.
    private static HashSet<Guid> Chained(IReadOnlyCollection<ServerStanding> standings)
    {
        var entrances = standings.SelectMany(s => s.Entrances.Select(tag => (tag, s))).ToLookup(e => e.tag, e => e.s);
        return [.. standings.Where(s => s.Exits.Except(s.Entrances).SelectMany(exit => entrances[exit])
            .Any(next => next.ServerId != s.ServerId && !next.Entrances.Intersect(s.Entrances).Any() && !next.Exits.Intersect(s.Entrances).Any())).Select(s => s.ServerId)];
    }

    // A group may weigh as much as its best members; what is over is shared in proportion.
    private static (long Counted, long All) Cap(IEnumerable<long> weights, int most)
    {
        var descending = weights.OrderDescending().ToList();
        return (descending.Take(most).Sum(), descending.Sum());
    }

    private sealed class Member(ServerStanding standing, WeightParts parts, bool isChained)
    {
        public ServerStanding Standing => standing;
        public bool IsChained => isChained;
        public WeightParts Parts => parts;
        public long Full { get; } = parts.Weight;
        public long Final { get; set; }
        public int Machine { get; set; }
        public int Network { get; set; }
    }

    private sealed class Machine(IReadOnlyList<Member> servers, (long Counted, long All) cap)
    {
        public IReadOnlyList<Member> Servers => servers;
        public long Counted => cap.Counted;
        public long All => cap.All;
    }
}

/// <summary>Union-find: who shares a tag with somebody who shares a tag … belongs together.</summary>
internal static class Groups
{
    /// <summary>The groups of <paramref name="items"/>, in the order of their first members; who has no tag stands alone.</summary>
    public static IReadOnlyList<IReadOnlyList<T>> Of<T>(IReadOnlyList<T> items, Func<T, IReadOnlyCollection<UInt128>> tags)
    {
        var parent = Enumerable.Range(0, items.Count).ToArray();
        var first = new Dictionary<UInt128, int>();
        for (var item = 0; item < items.Count; item++)
        {
            foreach (var tag in tags(items[item]))
            {
                if (first.TryAdd(tag, item)) continue;
                var (a, b) = (Root(parent, item), Root(parent, first[tag]));
                parent[Math.Max(a, b)] = Math.Min(a, b);
            }
        }

        return [.. Enumerable.Range(0, items.Count).GroupBy(i => Root(parent, i)).Select(g => (IReadOnlyList<T>)[.. g.Select(i => items[i])])];
    }

    private static int Root(int[] parent, int item)
    {
        while (parent[item] != item) item = parent[item] = parent[parent[item]];
        return item;
    }
}
