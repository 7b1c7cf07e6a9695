using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Moves;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Treasury.Moves;

/// <summary>What was and is done with the treasury's money beside rounds.</summary>
[Authorize(Policies.Staff)]
public sealed class IndexModel(MoneyDb db) : PageModel
{
    public IReadOnlyList<Move> Moves { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation) =>
        Moves = await db.Set<Move>().AsNoTracking().OrderByDescending(m => m.Number).Take(100).ToListAsync(cancellation);
}
