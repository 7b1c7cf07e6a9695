using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Rounds;

/// <summary>Proposing a round, and changing the proposal while nothing of it is public.</summary>
public sealed class RoundDrafting(MoneyDb db, Policy policy, IOptions<RoundsOptions> limits)
{
    /// <summary>Writes a new draft: <see cref="RoundResult.Done"/>, <see cref="RoundResult.TermsRefused"/>, <see cref="RoundResult.PeriodOverlaps"/>, or <see cref="RoundResult.ChangedMeanwhile"/> where somebody took the number.</summary>
    public async Task<RoundResult> CreateAsync(RoundTerms terms, Guid proposer, CancellationToken cancellation = default)
    {
        // A number that the ledger knows is never used again, also where a restored database has forgotten the round.
        var number = Math.Max(
            await db.Set<Round>().MaxAsync(r => (int?)r.Number, cancellation) ?? 0, await db.Set<LedgerEntry>().MaxAsync(e => e.RoundNumber, cancellation) ?? 0) + 1;
        if (await RefusalAsync(number, terms, cancellation) is { } refusal) return refusal;
        db.Add(new Round
        {
            Number = number, ProposedBy = proposer, PolicyJson = policy.Bytes,
            StartsAt = terms.StartsAt, EndsAt = terms.EndsAt, Budget = terms.Budget, CapPpm = terms.CapPpm,
            Floor = terms.Floor, Step = terms.Step, MaxFee = terms.MaxFee, MaxFeeRate = terms.MaxFeeRate,
        });
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved
            ? new RoundResult.Done(number, RoundState.Draft)
            : new RoundResult.ChangedMeanwhile();
    }

    /// <summary>Changes a draft: as <see cref="CreateAsync"/>, or <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.WrongState"/>.</summary>
    public async Task<RoundResult> EditAsync(int number, long version, RoundTerms terms, CancellationToken cancellation = default)
    {
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Edit, cancellation);
        if (round is null) return refused!;
        if (await RefusalAsync(number, terms, cancellation) is { } refusal) return refusal;
        round.Terms = terms;
        return await db.SaveStepAsync(round, cancellation);
    }

    private async Task<RoundResult?> RefusalAsync(int number, RoundTerms terms, CancellationToken cancellation)
    {
        var problems = terms.Problems(limits.Value, policy);
        if (problems.Count > 0) return new RoundResult.TermsRefused(problems);
        return await db.OverlappingAsync(number, terms, cancellation) is { } other ? new RoundResult.PeriodOverlaps(other) : null;
    }
}
