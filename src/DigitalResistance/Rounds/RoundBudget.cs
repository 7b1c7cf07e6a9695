using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>What a round may promise: confirmed coins, less all credits and everything that other rounds announced, paid or not, may still take. Fees are the treasury's own line and count beside the budget.</summary>
public sealed class RoundBudget(MoneyDb db, ITreasuryFacts treasury)
{
    // Announced and not yet among what the treasury itself sets aside for approved rounds.
    private static readonly RoundState[] Promised = [RoundState.Open, RoundState.Frozen, RoundState.Allocated];

    /// <summary>What a round could promise, its fee limit included, beside all others than <paramref name="number"/>; null where there is no treasury.</summary>
    public async Task<Sats?> FreeAsync(int number, CancellationToken cancellation)
    {
        if (await treasury.ReadAsync(cancellation) is not { } facts) return null;
        var others = await db.Set<Round>().Where(r => Promised.Contains(r.State) && r.Number != number).Select(r => new { r.Budget, r.MaxFee }).ToListAsync(cancellation);
        return facts.Spendable + await SetAsideAsync(number, cancellation) - await Credits.OutstandingAsync(db, cancellation) - Sats.Sum(others.Select(o => o.Budget + o.MaxFee));
    }

    // What the treasury sets aside for the round itself, once it is approved.
    private async Task<Sats> SetAsideAsync(int number, CancellationToken cancellation)
    {
        var fees = await db.Set<Round>().Where(r => r.Number == number && r.State == RoundState.Approved).Select(r => r.MaxFee).ToListAsync(cancellation);
        if (fees.Count == 0) return Sats.Zero;
        return fees[0] + Sats.Sum(await db.Set<Grant>().Where(g => g.RoundNumber == number).Select(g => g.Paid).ToListAsync(cancellation));
    }

    /// <summary>Why these terms promise too much; null where they do not, or where there is no treasury to ask yet.</summary>
    public async Task<RoundResult?> RefusalAsync(int number, RoundTerms terms, CancellationToken cancellation) =>
        await FreeAsync(number, cancellation) is { } free && terms.Budget + terms.MaxFee > free ? new RoundResult.BudgetAboveTreasury(terms.Budget + terms.MaxFee, free) : null;
}
