using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages;

/// <summary>The front page: what this is, where the money stands, and three doors.</summary>
[AllowAnonymous]
public sealed class IndexModel(MoneyDb db) : PageModel
{
    /// <summary>The ledger's totals; null before anything came in.</summary>
    public LedgerHead? Head { get; private set; }

    public int ClosedRounds { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Head = await db.Set<LedgerHead>().AsNoTracking().Where(h => h.Received != DigitalResistance.Platform.Sats.Zero).SingleOrDefaultAsync(cancellation);
        if (Head is not null) ClosedRounds = await db.Set<LedgerLine>().CountAsync(l => l.Type == "round.closed", cancellation);
    }
}
