using DigitalResistance.Data;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>When what will happen to the rounds that are under way, as operators must know it.</summary>
public sealed class RoundDates(MoneyDb db, IScoreBook scores, TimeProvider time)
{
    /// <summary>The rounds that were opened and whose payments are not approved yet, by the end of their period.</summary>
    public async Task<IReadOnlyList<RoundDate>> UnderWayAsync(CancellationToken cancellation = default)
    {
        RoundState[] states = [RoundState.Open, RoundState.Frozen, RoundState.Allocated];
        var rounds = await db.Set<Round>().AsNoTracking().Where(r => states.Contains(r.State)).OrderBy(r => r.EndsAt).ToListAsync(cancellation);
        return rounds.ConvertAll(round =>
        {
            var (policy, now) = (round.Policy, time.GetUtcNow());
            var settled = scores.SettledAt(round.EndsAt, policy);
            var freeze = round.FrozenAt ?? (settled < now ? now : settled);
            var allocated = round.AllocatedAt ?? (freeze < now ? now : freeze);
            return new RoundDate(round.Number, round.OpenedAt!.Value, round.EndsAt, round.FrozenAt, freeze, round.AllocatedAt, allocated.AddSeconds(policy.ObjectionSeconds));
        });
    }
}

/// <summary>The dates of one round.</summary>
/// <param name="Number">The round.</param>
/// <param name="OpenedAt">When it was announced.</param>
/// <param name="EndsAt">End of its period.</param>
/// <param name="FrozenAt">When it was frozen; null before.</param>
/// <param name="Freeze">When it was or can be frozen, at the earliest.</param>
/// <param name="AllocatedAt">When its amounts were computed; null before.</param>
/// <param name="ObjectionsUntil">Until when operators may object, at the earliest; it can be approved and paid from then on.</param>
public sealed record RoundDate(
    int Number, DateTimeOffset OpenedAt, DateTimeOffset EndsAt, DateTimeOffset? FrozenAt, DateTimeOffset Freeze, DateTimeOffset? AllocatedAt, DateTimeOffset ObjectionsUntil);
