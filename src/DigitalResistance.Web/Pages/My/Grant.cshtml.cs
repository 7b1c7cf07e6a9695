using System.Globalization;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Servers;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.My;

/// <summary>An operator's own part in one round, from each server's score to the amount.</summary>
public sealed class GrantModel(MoneyDb db) : PageModel
{
    public Round Round { get; private set; } = null!;

    public DigitalResistance.Rounds.Grant Own { get; private set; } = null!;

    public IReadOnlyList<ServerLine> Scores { get; private set; } = [];

    /// <summary>The weights of all operators together.</summary>
    public long TotalWeight { get; private set; }

    public async Task<IActionResult> OnGetAsync(int number, CancellationToken cancellation)
    {
        var me = User.AccountId();
        if (await db.Set<DigitalResistance.Rounds.Grant>().AsNoTracking().SingleOrDefaultAsync(g => g.RoundNumber == number && g.AccountId == me, cancellation) is not { } grant) return NotFound();
        Own = grant;
        Round = await db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == number, cancellation);
        TotalWeight = await db.Set<DigitalResistance.Rounds.Grant>().Where(g => g.RoundNumber == number).SumAsync(g => g.Weight, cancellation);
        Scores = await (from score in db.Set<FrozenScore>().AsNoTracking()
                        where score.RoundNumber == number && score.AccountId == me
                        join server in db.Set<Server>() on score.ServerId equals server.Id into servers
                        from server in servers.DefaultIfEmpty()
                        orderby score.Weight descending
                        select new ServerLine(server == null ? null : server.Label, score.AvailabilityPpm, score.ValidSlots, score.Weight)).ToListAsync(cancellation);
        return Page();
    }

    /// <summary>The proofs of this weight and this amount, and what the weight was made from; not there before they are under a checkpoint.</summary>
    public async Task<IActionResult> OnGetBundleAsync(int number, [FromServices] OperatorBundle bundle, CancellationToken cancellation)
    {
        if (await bundle.OpenAsync(User.AccountId(), number, cancellation) is not { } write) return NotFound();
        (Response.ContentType, Response.Headers.ContentDisposition) = ("text/plain; charset=utf-8", string.Create(CultureInfo.InvariantCulture, $"attachment; filename=round-{number}.bundle"));
        await write(Response.Body, cancellation);
        return new EmptyResult();
    }

    /// <summary>One server's score; its label is gone where the server is.</summary>
    public sealed record ServerLine(string? Label, int AvailabilityPpm, int ValidSlots, long Weight);
}
