using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>How every step of a round begins and ends: the version the admin saw must be the version that is changed.</summary>
internal static class RoundGuard
{
    /// <summary>The round in one of the given states and exactly as the admin saw it, or why not.</summary>
    public static async Task<(Round? Round, RoundResult? Refusal)> TakeAsync(this MoneyDb db, int number, long version, RoundState[] from, CancellationToken cancellation)
    {
        var round = await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        return round switch
        {
            null => (null, new RoundResult.NotFound()),
            _ when round.Version != version => (null, new RoundResult.ChangedMeanwhile()),
            _ when !from.Contains(round.State) => (null, new RoundResult.WrongState(round.State)),
            _ when await db.IsAheadInLogAsync(number, cancellation) => (null, new RoundResult.LogIsAhead()),
            _ => (round, null),
        };
    }

    /// <summary>Whether the log says that a round was built which the tables do not have so: they were restored, and it is brought back before anybody goes on with it.</summary>
    public static Task<bool> IsAheadInLogAsync(this MoneyDb db, int number, CancellationToken cancellation) =>
        db.Set<Ledger.LedgerEntry>().AnyAsync(e => e.RoundNumber == number && e.Type == "psbt.created", cancellation);

    /// <summary>Raises the version and saves: of two at once, the second finds another version and changes nothing.</summary>
    public static async Task<RoundResult> SaveStepAsync(this MoneyDb db, Round round, CancellationToken cancellation)
    {
        round.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved
            ? new RoundResult.Done(round.Number, round.State)
            : new RoundResult.ChangedMeanwhile();
    }

    /// <summary>Another announced round that scores a part of the same period; null where there is none.</summary>
    public static async Task<int?> OverlappingAsync(this MoneyDb db, int number, RoundTerms terms, CancellationToken cancellation) =>
        await db.Set<Round>()
            .Where(r => r.Number != number && r.State != RoundState.Draft && r.State != RoundState.Cancelled)
            .Where(r => r.StartsAt < terms.EndsAt && r.EndsAt > terms.StartsAt)
            .OrderBy(r => r.Number).Select(r => (int?)r.Number).FirstOrDefaultAsync(cancellation);

    /// <summary>How many rounds other than this one were opened and not given up.</summary>
    public static Task<int> OpenedAsync(this MoneyDb db, int number, CancellationToken cancellation) =>
        db.Set<Round>().CountAsync(r => r.Number != number && r.State != RoundState.Draft && r.State != RoundState.Cancelled, cancellation);

    /// <summary>A round that already counts the credits which a step back from <paramref name="round"/> would change; null where there is none.</summary>
    public static async Task<int?> CountingOnAsync(this MoneyDb db, Round round, CancellationToken cancellation) =>
        await db.Set<Round>()
            .Where(r => r.Number != round.Number && (r.State == RoundState.Allocated || (Credits.Settled.Contains(r.State) && r.ApprovedAt >= round.ApprovedAt)))
            .OrderBy(r => r.Number).Select(r => (int?)r.Number).FirstOrDefaultAsync(cancellation);
}
