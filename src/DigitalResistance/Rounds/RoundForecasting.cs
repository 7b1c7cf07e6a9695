using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>What a round would most likely do, said before anybody saves it: dates, recipients, sums, and what would disappoint.</summary>
public sealed class RoundForecasting(MoneyDb db, IScoreBook scores, RoundBudget budget, ITreasuryFacts treasury, TimeProvider time)
{
    private const int FewOperators = 5;

    /// <summary>Looks ahead, also to whether what is left would do for the round that is to follow. The terms must have no problems.</summary>
    public async Task<RoundForecast> LookAsync(int number, RoundTerms terms, Policy policy, NextRound next, CancellationToken cancellation = default)
    {
        var now = time.GetUtcNow();
        var expected = await scores.ForecastAsync(terms.StartsAt, terms.EndsAt, now, policy, cancellation);
        var weights = expected.Where(s => s.Weight > 0).GroupBy(s => s.OwnerId).ToDictionary(g => g.Key, g => g.Sum(s => s.Weight));
        var balances = await Credits.BalancesAsync(db, cancellation);
        var addressed = await AddressedAsync(terms.EndsAt, cancellation);
        // Tokens do not exist before a freeze; any names in one order do.
        var claimants = weights.Keys.Union(balances.Keys)
            .Select(a => new Claimant(a.ToString("N"), weights.GetValueOrDefault(a), balances.GetValueOrDefault(a), addressed.Contains(a))).ToList();
        var plan = RoundPlan.Create(number, terms, claimants, policy.CapFairShares);
        var freeze = scores.SettledAt(terms.EndsAt, policy);
        var free = await budget.FreeAsync(number, cancellation);
        var warnings = Warnings(terms, plan, weights.Count, weights.Keys.Count(a => !addressed.Contains(a)));
        if (next is not NextRound.None && free - terms.Budget - terms.MaxFee < RoundCalendarPass.LeastFor(terms)) warnings.Add(ForecastWarning.NothingForNext);
        return new(
            freeze, freeze.AddSeconds(policy.ObjectionSeconds), weights.Count, weights.Keys.Count(a => !addressed.Contains(a)),
            RoundPlan.CapPpm(terms.CapPpm, policy.CapFairShares, weights.Count), plan,
            await treasury.EstimateFeeAsync(plan.Recipients, plan.Paid, terms.MaxFeeRate, cancellation), free, warnings);
    }

    private static List<ForecastWarning> Warnings(RoundTerms terms, RoundPlan plan, int operators, int withoutAddress)
    {
        List<ForecastWarning> warnings = [];
        void Warn(bool when, ForecastWarning warning)
        {
            if (when) warnings.Add(warning);
        }

        Warn(operators == 0, ForecastWarning.NobodyEligible);
        Warn(operators is > 0 and < FewOperators, ForecastWarning.FewOperators);
        Warn(plan.Carry.Cap.Value >= terms.Budget.Value / 2, ForecastWarning.CapsLeaveHalf);
        Warn(withoutAddress > 0 && withoutAddress * 2 >= operators, ForecastWarning.HalfWithoutAddress);
        Warn(plan.Credited > plan.Paid, ForecastWarning.MostIsCredited);
        return warnings;
    }

    private async Task<HashSet<Guid>> AddressedAsync(DateTimeOffset at, CancellationToken cancellation) =>
        [.. await db.Set<PayoutAddress>().Where(a => a.WithdrawnAt == null && a.EffectiveAt <= at).Select(a => a.AccountId).Distinct().ToListAsync(cancellation)];
}

/// <summary>What a round would most likely do.</summary>
/// <param name="FreezeFrom">The earliest freeze.</param>
/// <param name="PaymentFrom">The earliest payment: freeze and allocation at once, the time for objections, approvals at its end.</param>
/// <param name="Operators">Operators with a weight.</param>
/// <param name="WithoutAddress">Those of them without an address that counts by the end of the period.</param>
/// <param name="CapPpm">The cap among so many operators.</param>
/// <param name="Plan">Everybody's sums.</param>
/// <param name="Fee">About what the payments cost today; null where nobody can be asked.</param>
/// <param name="Free">What a round could promise; null without a treasury.</param>
/// <param name="Warnings">What would disappoint.</param>
public sealed record RoundForecast(
    DateTimeOffset FreezeFrom, DateTimeOffset PaymentFrom, int Operators, int WithoutAddress, int CapPpm, RoundPlan Plan, Sats? Fee, Sats? Free, IReadOnlyList<ForecastWarning> Warnings);

/// <summary>What would disappoint those who wait for a round.</summary>
public enum ForecastWarning
{
    /// <summary>Nobody has a weight.</summary>
    NobodyEligible,

    /// <summary>So few have a weight that each could guess what the others get.</summary>
    FewOperators,

    /// <summary>The cap leaves half of the budget or more to nobody.</summary>
    CapsLeaveHalf,

    /// <summary>Half of those with a weight, or more, have no address that counts.</summary>
    HalfWithoutAddress,

    /// <summary>More is credited than paid.</summary>
    MostIsCredited,

    /// <summary>What is left could not pay the smallest round of the same terms, so that none would follow before something is given.</summary>
    NothingForNext,
}
