using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>The transactions of a round: what building would cost, and those that are built.</summary>
[Authorize(Policies.Treasurer), WaitsForNetwork]
public sealed class RoundModel(MoneyDb db, BatchBuilding building, IStringLocalizer<TreasuryTexts> texts) : PageModel
{
    [FromRoute]
    public int Number { get; set; }

    /// <summary>Within how many blocks the payments should confirm.</summary>
    [BindProperty(SupportsGet = true)]
    public int Target { get; set; } = 6;

    public DigitalResistance.Rounds.Round Round { get; private set; } = null!;

    public BuildResult.Outlook? Outlook { get; private set; }

    public string? Problem { get; private set; }

    public IReadOnlyList<Row> Batches { get; private set; } = [];

    public IEnumerable<SelectListItem> Targets => FeeTargets.Items(texts, Target);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!FeeTargets.Has(Target)) return BadRequest();
        if (!await LoadAsync(cancellation)) return NotFound();
        if (!BatchBuilding.MayBuild(Round.State)) return Page();
        var result = await building.LookAsync(Number, Target, cancellation);
        Outlook = result as BuildResult.Outlook;
        Problem = Outlook is null ? texts.Say(result) : Outlook.Problem is { } fee ? texts.Say(fee) : null;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!FeeTargets.Has(Target)) return BadRequest();
        var result = await building.BuildAsync(Number, Target, User.AccountId(), cancellation);
        if (result is BuildResult.Built built) this.Notify(texts["Build.Done", built.Numbers.Count, built.Waiting]);
        else this.Notify(texts.Say(result));
        return RedirectToPage(new { number = Number, target = Target });
    }

    private async Task<bool> LoadAsync(CancellationToken cancellation)
    {
        if (await db.Set<DigitalResistance.Rounds.Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == Number, cancellation) is not { } round) return false;
        Round = round;
        Batches = await (
            from batch in db.Set<Batch>()
            where batch.RoundNumber == Number
            join version in db.Set<BatchTransaction>() on batch.Id equals version.BatchId
            where !db.Set<BatchTransaction>().Any(newer => newer.BatchId == batch.Id && newer.Number > version.Number)
            orderby batch.Number
            select new Row(batch.Id, batch.Number, batch.State, version.Paid, version.Fee)).ToListAsync(cancellation);
        return true;
    }

    /// <summary>A built transaction.</summary>
    public sealed record Row(Guid Id, int Number, BatchState State, Sats Paid, Sats Fee);
}
