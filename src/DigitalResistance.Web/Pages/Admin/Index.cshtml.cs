using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.Admin;

/// <summary>The administration's home: what waits for somebody, and how the installation is.</summary>
[Authorize(Policies.Admin)]
public sealed class IndexModel(MoneyDb db, SetupChecks checks) : PageModel
{
    /// <summary>Rounds that are not ended, newest first, each with the objections that wait for judges.</summary>
    public IReadOnlyList<(int Number, RoundState State, int Objections)> UnderWay { get; private set; } = [];

    public SetupReport Setup { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var rounds = await db.Set<Round>().AsNoTracking().Where(r => r.State != RoundState.Closed && r.State != RoundState.Cancelled)
            .OrderByDescending(r => r.Number).Select(r => new { r.Number, r.State, Objections = db.Set<Objection>().Count(o => o.RoundNumber == r.Number && o.Verdict == null) }).ToListAsync(cancellation);
        UnderWay = [.. rounds.Select(r => (r.Number, r.State, r.Objections))];
        Setup = await checks.LookAsync(cancellation);
    }
}
