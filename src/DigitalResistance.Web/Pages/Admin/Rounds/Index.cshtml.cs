using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>Every round, drafts too, and what there is to give.</summary>
[Authorize(Policies.Admin)]
public sealed class IndexModel(MoneyDb db, ITreasuryFacts treasury, RoundBudget budget, CreditBalances credits, TimeProvider time) : PageModel
{
    public IReadOnlyList<Line> Rounds { get; private set; } = [];

    /// <summary>The round that ends last, unless a proposal for the time after it exists.</summary>
    public Line? Last => Rounds.Where(r => r.State != RoundState.Cancelled).MaxBy(r => r.EndsAt) is { State: not RoundState.Draft } last ? last : null;

    /// <summary>Confirmed coins that no approved round needs; null without a treasury.</summary>
    public Sats? Spendable { get; private set; }

    public Sats Credits { get; private set; }

    /// <summary>What a new round could promise, its fee limit included: without credits, and without what announced rounds may still take. Null without a treasury.</summary>
    public Sats? Free { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Rounds = await db.Set<Round>().OrderByDescending(r => r.Number).Select(r => new Line(r.Number, r.State, r.StartsAt, r.EndsAt, r.Budget, r.Floor + r.MaxFee, r.Next)).ToListAsync(cancellation);
        Spendable = (await treasury.ReadAsync(cancellation))?.Spendable;
        Free = await budget.FreeAsync(number: 0, cancellation);
        Credits = await credits.OutstandingAsync(cancellation);
    }

    /// <summary>Whether the round that should follow has not begun although the calendar, which turns every minute, had its time.</summary>
    public bool IsLate(Line last) => last.EndsAt.AddMinutes(2) < time.GetUtcNow();

    public sealed record Line(int Number, RoundState State, DateTimeOffset StartsAt, DateTimeOffset EndsAt, Sats Budget, Sats Least, NextRound Next);
}
