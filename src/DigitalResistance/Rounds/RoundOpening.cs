using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Rounds;

/// <summary>Announces a draft: from here on its terms are public and bound to the policy in force now.</summary>
public sealed class RoundOpening(MoneyDb db, RuleBooks rules, RoundBudget budget, IOptions<RoundsOptions> limits, TimeProvider time)
{
    /// <summary>Opens: <see cref="RoundResult.Done"/>, <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.ChangedMeanwhile"/>, <see cref="RoundResult.WrongState"/>, <see cref="RoundResult.SiteClosed"/>, <see cref="RoundResult.TermsRefused"/>, <see cref="RoundResult.PeriodOverlaps"/>, <see cref="RoundResult.RulesNotOffered"/> or <see cref="RoundResult.BudgetAboveTreasury"/>.</summary>
    public async Task<RoundResult> OpenAsync(int number, long version, CancellationToken cancellation = default)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Open, cancellation);
        if (round is null) return refused!;
        if (!await db.IsSiteOpenAsync(cancellation)) return new RoundResult.SiteClosed();

        // The ceilings, the policy or the treasury may have changed since the draft was written.
        var name = round.Policy.Name;
        if (rules.Find(name) is not { } policy || !RuleBooks.Allows(policy, await db.OpenedAsync(number, cancellation))) return new RoundResult.RulesNotOffered(name);
        var problems = round.Terms.Problems(limits.Value, policy);
        if (problems.Count > 0) return new RoundResult.TermsRefused(problems);
        if (await db.OverlappingAsync(number, round.Terms, cancellation) is { } other) return new RoundResult.PeriodOverlaps(other);
        if (await budget.RefusalAsync(number, round.Terms, cancellation) is { } refusal) return refusal;

        var now = time.GetUtcNow();
        (round.State, round.OpenedAt, round.PolicyJson) = (RoundState.Open, now, policy.Bytes);
        db.Append(new RoundOpened(round.Number, round.Revision, policy.Sha256, round.Terms, policy.CapFairShares), now);
        book.Version++;
        return await db.SaveStepAsync(round, cancellation);
    }
}
