using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>What others can see of an operator: the very public rows, and nothing else, because there is nothing else.</summary>
public sealed class SeenModel(MoneyDb db) : PageModel
{
    public IReadOnlyList<Grant> Rows { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var me = User.AccountId();
        // Before a round is approved its rows are nobody's but the admins'.
        RoundState[] hidden = [RoundState.Draft, RoundState.Open, RoundState.Frozen, RoundState.Allocated, RoundState.Cancelled];
        Rows = await (from grant in db.Set<Grant>().AsNoTracking()
                      join round in db.Set<Round>() on grant.RoundNumber equals round.Number
                      where grant.AccountId == me && !hidden.Contains(round.State)
                      orderby grant.RoundNumber descending
                      select grant).Take(50).ToListAsync(cancellation);
    }
}
