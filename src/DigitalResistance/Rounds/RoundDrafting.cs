using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Rounds;

/// <summary>Proposing a round, and changing the proposal while nothing of it is public.</summary>
public sealed class RoundDrafting(MoneyDb db, RuleBooks rules, RoundBudget budget, IOptions<RoundsOptions> limits)
{
    /// <summary>
    /// Writes a new draft: <see cref="RoundResult.Done"/>, <see cref="RoundResult.TermsRefused"/>, <see cref="RoundResult.PeriodOverlaps"/>, <see cref="RoundResult.RulesNotOffered"/>,
    /// <see cref="RoundResult.BudgetAboveTreasury"/>, or <see cref="RoundResult.ChangedMeanwhile"/> where somebody took the number.
    /// </summary>
    public async Task<RoundResult> CreateAsync(RoundTerms terms, Guid proposer, RoundPlanning? planning = null, CancellationToken cancellation = default)
    {
        planning ??= new(rules.Usual.Name);
        // A number that the ledger knows is never used again, also where a restored database has forgotten the round.
        var number = Math.Max(
            await db.Set<Round>().MaxAsync(r => (int?)r.Number, cancellation) ?? 0, await db.Set<LedgerEntry>().MaxAsync(e => e.RoundNumber, cancellation) ?? 0) + 1;
        if (await RefusalAsync(number, terms, planning, cancellation) is { } refusal) return refusal;
        db.Add(new Round
        {
            Number = number, ProposedBy = proposer, PolicyJson = rules.Find(planning.Rules)!.Bytes, Next = planning.Next,
            StartsAt = terms.StartsAt, EndsAt = terms.EndsAt, Budget = terms.Budget, CapPpm = terms.CapPpm,
            Floor = terms.Floor, Step = terms.Step, MaxFee = terms.MaxFee, MaxFeeRate = terms.MaxFeeRate,
        });
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved
            ? new RoundResult.Done(number, RoundState.Draft)
            : new RoundResult.ChangedMeanwhile();
    }

    /// <summary>Changes a draft: as <see cref="CreateAsync"/>, or <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.WrongState"/>.</summary>
    public async Task<RoundResult> EditAsync(int number, long version, RoundTerms terms, Guid editor, RoundPlanning? planning = null, CancellationToken cancellation = default)
    {
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Edit, cancellation);
        if (round is null) return refused!;
        planning ??= new(round.Policy.Name, round.Next);
        if (await RefusalAsync(number, terms, planning, cancellation) is { } refusal) return refusal;
        (round.Terms, round.PolicyJson, round.Next, round.ProposedBy) = (terms, rules.Find(planning.Rules)!.Bytes, planning.Next, editor);
        return await db.SaveStepAsync(round, cancellation);
    }

    private async Task<RoundResult?> RefusalAsync(int number, RoundTerms terms, RoundPlanning planning, CancellationToken cancellation)
    {
        if (rules.Find(planning.Rules) is not { } policy || !RuleBooks.Allows(policy, await db.OpenedAsync(number, cancellation))) return new RoundResult.RulesNotOffered(planning.Rules);
        var problems = terms.Problems(limits.Value, policy);
        if (problems.Count > 0) return new RoundResult.TermsRefused(problems);
        if (await db.OverlappingAsync(number, terms, cancellation) is { } other) return new RoundResult.PeriodOverlaps(other);
        return await budget.RefusalAsync(number, terms, cancellation);
    }
}

/// <summary>What an admin decides about a round beside its terms.</summary>
/// <param name="Rules">Name of the policy it is to be opened with.</param>
/// <param name="Next">What follows when its period ends.</param>
public sealed record RoundPlanning(string Rules, NextRound Next = NextRound.None);
