using DigitalResistance.Data;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>Which operators of a round an admin may not judge: the admin's own one, and whoever shares something with it.</summary>
internal sealed class Recusals
{
    private readonly Dictionary<Guid, string> _own;
    private readonly ILookup<string, (GroupKind, int)> _groups;

    private Recusals(Dictionary<Guid, string> own, ILookup<string, (GroupKind, int)> groups) => (_own, _groups) = (own, groups);

    /// <summary>Of some admins in a round.</summary>
    public static async Task<Recusals> ReadAsync(MoneyDb db, int round, IReadOnlyCollection<Guid> admins, CancellationToken cancellation)
    {
        var own = await db.Set<Grant>().Where(g => g.RoundNumber == round && admins.Contains(g.AccountId)).ToDictionaryAsync(g => g.AccountId, g => g.Token, cancellation);
        var groups = await db.Set<ReviewGroup>().AsNoTracking().Where(g => g.RoundNumber == round).ToListAsync(cancellation);
        return new(own, groups.ToLookup(g => g.Token, g => (g.Kind, g.Number), StringComparer.Ordinal));
    }

    /// <summary>Whether <paramref name="admin"/> may not judge <paramref name="token"/>.</summary>
    public bool IsRecused(Guid admin, string token) => _own.TryGetValue(admin, out var own) && (own == token || _groups[own].Intersect(_groups[token]).Any());
}
