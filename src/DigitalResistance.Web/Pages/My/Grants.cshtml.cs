using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.My;

/// <summary>What an operator got in each round, under which name, and what is still to come.</summary>
public sealed class GrantsModel(MoneyDb db, CreditBalances credits) : PageModel
{
    public IReadOnlyList<Line> Lines { get; private set; } = [];

    public IReadOnlyList<CreditLot> Credits { get; private set; } = [];

    public Sats CreditSum => Sats.Sum(Credits.Select(c => c.Amount));

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var me = User.AccountId();
        Lines = await (from grant in db.Set<Grant>().AsNoTracking()
                       join round in db.Set<Round>() on grant.RoundNumber equals round.Number
                       where grant.AccountId == me
                       orderby round.Number descending
                       select new Line(round.Number, round.State, grant.Token, grant.Weight, grant.Share, grant.Paid, grant.Credited)).ToListAsync(cancellation);
        Credits = await credits.OfAsync(me, cancellation);
    }

    public sealed record Line(int Round, RoundState State, string Token, long Weight, Sats Share, Sats Paid, Sats Credited);
}
