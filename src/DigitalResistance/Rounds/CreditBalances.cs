using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>Credits as people see them.</summary>
public sealed class CreditBalances(MoneyDb db)
{
    /// <summary>All credits of all operators: what the treasury must keep in reserve.</summary>
    public Task<Sats> OutstandingAsync(CancellationToken cancellation) => Credits.OutstandingAsync(db, cancellation);

    /// <summary>What is left of an operator's credits, by the round that gave them, soonest to expire first.</summary>
    public async Task<IReadOnlyList<CreditLot>> OfAsync(Guid account, CancellationToken cancellation)
    {
        var grants = await (from grant in db.Set<Grant>().AsNoTracking()
                            join round in db.Set<Round>() on grant.RoundNumber equals round.Number
                            where grant.AccountId == account && Credits.Settled.Contains(round.State)
                            orderby round.CreditsExpireAt
                            select new { round.Number, round.CreditsExpireAt, grant.Credited, grant.CreditUsed }).ToListAsync(cancellation);
        var expired = await db.Set<CreditExpiry>().Where(e => e.AccountId == account).Select(e => e.Amount).ToListAsync(cancellation);

        // What expires first was used first, and whatever expired was taken from the front too.
        var gone = Sats.Sum(grants.Select(g => g.CreditUsed)) + Sats.Sum(expired);
        List<CreditLot> lots = [];
        foreach (var grant in grants)
        {
            var taken = gone < grant.Credited ? gone : grant.Credited;
            gone -= taken;
            if (taken < grant.Credited) lots.Add(new(grant.Number, grant.Credited - taken, grant.CreditsExpireAt!.Value));
        }

        return lots;
    }
}

/// <summary>What is left of the credit that one round gave to one operator.</summary>
/// <param name="Round">The round.</param>
/// <param name="Amount">What is left.</param>
/// <param name="ExpiresAt">When it returns to the pool.</param>
public sealed record CreditLot(int Round, Sats Amount, DateTimeOffset ExpiresAt);
