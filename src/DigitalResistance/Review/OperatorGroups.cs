using DigitalResistance.Scoring;

namespace DigitalResistance.Review;

/// <summary>Two or more operators who have something in common.</summary>
/// <param name="Kind">What.</param>
/// <param name="Number">1, 2, 3 … within the kind.</param>
/// <param name="Tokens">Their names in the round, sorted.</param>
public sealed record OperatorGroup(GroupKind Kind, int Number, IReadOnlyList<string> Tokens)
{
    /// <summary>How pages write a number: A to Z, AA, AB ….</summary>
    public static string Letter(int number)
    {
        var letters = "";
        for (; number > 0; number = (number - 1) / 26) letters = (char)('A' + ((number - 1) % 26)) + letters;
        return letters;
    }
}

/// <summary>
/// Who shares what with whom. Pure. The numbers follow the tokens, which are new in every round, so that a letter of one round says nothing about
/// another's.
/// </summary>
public static class OperatorGroups
{
    /// <summary>The groups of the operators who take part.</summary>
    /// <param name="tokens">Name in the round by operator; servers of others are left out.</param>
    /// <param name="servers">Every server's traits.</param>
    /// <param name="payoutKeys">Tags of what each operator's payout addresses pay.</param>
    public static IReadOnlyList<OperatorGroup> Of(
        IReadOnlyDictionary<Guid, string> tokens, IReadOnlyCollection<ServerTraits> servers, IEnumerable<(Guid Owner, UInt128 Key)> payoutKeys)
    {
        var own = servers.Where(s => tokens.ContainsKey(s.OwnerId)).ToList();
        return
        [
            .. Number(GroupKind.Machine, Groups.Of(own, s => s.Machines).Select(machine => machine.Select(s => s.OwnerId))),
            .. Number(GroupKind.Network, Sharing(own.SelectMany(s => s.Networks.Select(tag => (s.OwnerId, tag))))),
            .. Number(GroupKind.Asn, Sharing(own.SelectMany(s => s.Asns.Select(tag => (s.OwnerId, tag))))),
            .. Number(GroupKind.Address, Sharing(payoutKeys.Where(k => tokens.ContainsKey(k.Owner)))),
            .. Number(GroupKind.Secret, Sharing(own.SelectMany(s => s.Secrets.Select(tag => (s.OwnerId, tag))))),
            .. Number(GroupKind.Outages, InStep(own)),
        ];

        IEnumerable<OperatorGroup> Number(GroupKind kind, IEnumerable<IEnumerable<Guid>> groups) => groups
            .Select(owners => owners.Distinct().Select(o => tokens[o]).Order(StringComparer.Ordinal).ToList()).Where(g => g.Count > 1)
            // Things that the same operators share are one letter: a second one would tell nothing more.
            .DistinctBy(g => string.Join(',', g), StringComparer.Ordinal).OrderBy(g => string.Join(',', g), StringComparer.Ordinal)
            .Select((g, i) => new OperatorGroup(kind, i + 1, g));
    }

    private static IEnumerable<IEnumerable<Guid>> Sharing(IEnumerable<(Guid Owner, UInt128 Tag)> tags) => tags.GroupBy(t => t.Tag, t => t.Owner);

    private static IEnumerable<IEnumerable<Guid>> InStep(IReadOnlyList<ServerTraits> servers)
    {
        var failing = servers.Where(s => s.Outages is not null).ToList();
        var tags = failing.ConvertAll(_ => new List<UInt128>());
        foreach (var (pair, i) in OutagesInStep.Pairs(failing.ConvertAll(s => s.Outages!)).Select((p, i) => (p, i)))
        {
            tags[pair.First].Add((UInt128)i);
            tags[pair.Second].Add((UInt128)i);
        }

        return Groups.Of([.. failing.Select((s, i) => (s.OwnerId, Tags: tags[i]))], s => s.Tags).Select(g => g.Select(s => s.OwnerId));
    }
}
