using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Review;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Copies the scores of an ended period and the addresses that count now into the money database. After this no probe and no change of
/// an address can alter what the round pays.
/// </summary>
public sealed class RoundFreezing(MoneyDb db, IScoreBook scores, ReviewOpening review, TimeProvider time)
{
    /// <summary>What a freeze would find now; null where there is no such round.</summary>
    public async Task<FreezePreview?> PreviewAsync(int number, CancellationToken cancellation = default)
    {
        var round = await db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        if (round is null) return null;
        var now = time.GetUtcNow();
        var found = await FindAsync(round, now, cancellation);
        return new(
            scores.SettledAt(round.EndsAt, round.Policy), found.Scores.Count, found.Scores.Count(s => s.Weight > 0),
            found.Grants.Count(g => g.Weight > 0), found.Grants.Count(g => g.Weight > 0 && g.Address is null), found.Grants.Sum(g => g.Weight));
    }

    /// <summary>Freezes: <see cref="RoundResult.Done"/>, <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.ChangedMeanwhile"/>, <see cref="RoundResult.WrongState"/>, <see cref="RoundResult.PeriodNotOver"/> or <see cref="RoundResult.NobodyToPay"/>.</summary>
    public async Task<RoundResult> FreezeAsync(int number, long version, bool evenForNobody = false, CancellationToken cancellation = default)
    {
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Freeze, cancellation);
        if (round is null) return refused!;
        var now = time.GetUtcNow();
        var settled = scores.SettledAt(round.EndsAt, round.Policy);
        if (now < settled) return new RoundResult.PeriodNotOver(settled);

        // Before they are read, and not when they are only looked at: while a period lasts its results are still coming.
        await scores.SettleAsync(round.EndsAt, cancellation);
        round.TokenSecret ??= RoundToken.NewSecret();
        var (frozen, grants) = await FindAsync(round, now, cancellation);
        if (grants.Count == 0 && !evenForNobody) return new RoundResult.NobodyToPay();
        await review.OpenAsync(round, grants, cancellation);
        db.AddRange(frozen);
        db.AddRange(grants);
        round.ScoresSha256 = RoundFiles.Sha256(RoundFiles.Scores(grants));
        (round.State, round.FrozenAt) = (RoundState.Frozen, now);

        Grant[] weighty = [.. grants.Where(g => g.Weight > 0).OrderBy(g => g.Token, StringComparer.Ordinal)];
        db.Append(new RoundFrozen(number, round.Revision, round.ScoresSha256, weighty.Length), now);
        foreach (var grant in weighty) db.Append(new ScoreFrozen(number, round.Revision, grant.Token, grant.Weight, grant.Evidence?.Commitment), now);
        return await db.SaveStepAsync(round, cancellation);
    }

    private async Task<(List<FrozenScore> Scores, List<Grant> Grants)> FindAsync(Round round, DateTimeOffset now, CancellationToken cancellation)
    {
        var found = await scores.ScoreAsync(round.StartsAt, round.EndsAt, round.Policy, cancellation);
        var frozen = found.Select(s => new FrozenScore
        {
            RoundNumber = round.Number, ServerId = s.ServerId, AccountId = s.OwnerId,
            AvailabilityPpm = s.AvailabilityPpm, ValidSlots = s.ValidSlots, Weight = s.Weight,
        }).ToList();

        // Somebody who runs nothing any more but has credit takes part with weight zero: the credit can be paid.
        var weights = (await Credits.BalancesAsync(db, cancellation)).Keys.ToDictionary(account => account, _ => 0L);
        foreach (var score in frozen.Where(s => s.Weight > 0)) weights[score.AccountId] = checked(weights.GetValueOrDefault(score.AccountId) + score.Weight);

        var addresses = await AddressesAsync(now, cancellation);
        var secret = round.TokenSecret ?? RoundToken.NewSecret();
        var (owned, policy) = (found.ToLookup(s => s.OwnerId), round.Policy.Sha256);
        var grants = weights.Select(w =>
        {
            var token = RoundToken.ForOperator(secret, w.Key);
            var evidence = w.Value > 0 ? WeightStatement.Of(round.Number, policy, token, owned[w.Key]) : null;
            return new Grant
            {
                RoundNumber = round.Number, AccountId = w.Key, Token = token, Weight = w.Value,
                Address = addresses.GetValueOrDefault(w.Key), EvidenceSalt = evidence?.Salt, EvidenceBytes = evidence?.Statement,
            };
        }).ToList();
        return (frozen, grants);
    }

    private async Task<Dictionary<Guid, string>> AddressesAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var rows = await db.Set<PayoutAddress>().AsNoTracking().Where(a => a.WithdrawnAt == null).ToListAsync(cancellation);
        return rows.GroupBy(a => a.AccountId)
            .Select(g => PayoutAddress.EffectiveAmong(g, now)).OfType<PayoutAddress>()
            .ToDictionary(a => a.AccountId, a => a.Address);
    }
}

/// <summary>What a freeze would find.</summary>
/// <param name="PossibleFrom">From when on nothing can be added to the period any more.</param>
/// <param name="Servers">Servers that were listed in the period.</param>
/// <param name="ServersWithWeight">Those that earned something.</param>
/// <param name="Operators">Operators that earned something.</param>
/// <param name="WithoutAddress">Those of them whose share will be credited, because no address of theirs counts yet.</param>
/// <param name="TotalWeight">The sum of all weights.</param>
public sealed record FreezePreview(DateTimeOffset PossibleFrom, int Servers, int ServersWithWeight, int Operators, int WithoutAddress, long TotalWeight);
