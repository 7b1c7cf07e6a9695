using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Servers;
using DigitalResistance.Transparency;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Pages.My;

/// <summary>An operator's own part in one round, from each server's score to the amount.</summary>
public sealed class GrantModel(MoneyDb db, LedgerProofs proofs) : PageModel
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

    /// <summary>The proofs that the log holds this weight and this amount, of the newest revision, and what the weight was made from; not there before they are under a checkpoint.</summary>
    public async Task<IActionResult> OnGetBundleAsync(int number, CancellationToken cancellation)
    {
        var me = User.AccountId();
        var grant = await db.Set<DigitalResistance.Rounds.Grant>().AsNoTracking().SingleOrDefaultAsync(g => g.RoundNumber == number && g.AccountId == me, cancellation);
        if (grant?.Token is not { } token) return NotFound();
        var newest = await db.Set<LedgerLine>().Where(l => l.Token == token && l.Round == number).GroupBy(l => l.Type).Select(g => g.Max(l => l.Index)).ToListAsync(cancellation);
        var found = new List<TlogProof>();
        foreach (var index in newest.Order())
            if (await proofs.ProveAsync(index, cancellation) is { } proof) found.Add(proof.ToFile());
        if (found.Count == 0) return NotFound();
        return File(Encoding.UTF8.GetBytes(new ProofBundle(found) { Evidence = grant.Evidence }.ToString()), "text/plain; charset=utf-8", $"round-{number}.bundle");
    }

    /// <summary>One server's score; its label is gone where the server is.</summary>
    public sealed record ServerLine(string? Label, int AvailabilityPpm, int ValidSlots, long Weight);
}
