using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Scoring;

/// <summary>
/// How an owner's servers stand right now, if a round were frozen at this moment. Only his own servers go into it: the caps of a shared
/// machine or network are shown for what he knows anyway, or else this page would tell that somebody else is on his network.
/// </summary>
public sealed class ProvisionalScores(MoneyDb db, ScoreBook book, Policy policy, TimeProvider time)
{
    // Without an open round: as long as a usual one.
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);

    /// <summary>The standings of an owner's listed servers.</summary>
    public async Task<Provisional> OfAsync(Guid owner, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var open = await db.Set<Round>().AsNoTracking().Where(r => r.State == RoundState.Open && r.StartsAt <= now).OrderBy(r => r.EndsAt).FirstOrDefaultAsync(cancellation);
        var rules = open?.Policy ?? policy;
        var (from, to) = open is null ? (now - Usual, now) : (open.StartsAt, open.EndsAt < now ? open.EndsAt : now);
        var standings = await book.StandingsAsync(from, to, rules, owner, cancellation);
        var scores = Weights.Compute(standings, rules).ToDictionary(s => s.ServerId);
        return new(from, to, open?.Number, rules, standings.ToDictionary(s => s.ServerId, s => new ProvisionalServer(s, scores[s.ServerId])), await LastRateAsync(cancellation));
    }

    private async Task<PaidRate?> LastRateAsync(CancellationToken cancellation)
    {
        RoundState[] paid = [RoundState.Approved, RoundState.Building, RoundState.Signing, RoundState.Broadcast, RoundState.Confirmed, RoundState.Closed];
        var last = await db.Set<Round>().Where(r => paid.Contains(r.State)).OrderByDescending(r => r.Number).Select(r => (int?)r.Number).FirstOrDefaultAsync(cancellation);
        if (last is not { } number) return null;
        var grants = await db.Set<Grant>().Where(g => g.RoundNumber == number).Select(g => new { g.Weight, g.Share }).ToListAsync(cancellation);
        var weight = grants.Sum(g => g.Weight);
        return weight == 0 ? null : new(number, Sats.Sum(grants.Select(g => g.Share)), weight);
    }
}

/// <summary>An owner's standing over a period that is under way.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Now, or its end.</param>
/// <param name="Round">The open round; null where none is and the last 30 days are looked at.</param>
/// <param name="Policy">The rules it is judged by.</param>
/// <param name="Servers">The owner's servers by id.</param>
/// <param name="LastPaid">What the last round paid; null before the first.</param>
public sealed record Provisional(DateTimeOffset From, DateTimeOffset To, int? Round, Policy Policy, IReadOnlyDictionary<Guid, ProvisionalServer> Servers, PaidRate? LastPaid);

/// <summary>One server's standing with the weight that follows from it.</summary>
public sealed record ProvisionalServer(ServerStanding Standing, ServerScore Score);

/// <summary>What a round gave to all weight together; both are public.</summary>
public sealed record PaidRate(int Round, Sats Paid, long Weight)
{
    /// <summary>What a weight would have been given, floored.</summary>
    public Sats Of(long weight) => new((long)((Int128)Paid.Value * weight / Weight));
}
