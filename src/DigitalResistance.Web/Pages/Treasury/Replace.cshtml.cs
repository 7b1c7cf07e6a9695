using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>A newer version of a transaction that does not confirm: what it would cost, then the button.</summary>
[Authorize(Policies.Treasurer), WaitsForNetwork]
public sealed class ReplaceModel(MoneyDb db, BatchReplacing replacing, IStringLocalizer<TreasuryTexts> texts) : PageModel
{
    [FromRoute]
    public Guid Id { get; set; }

    /// <summary>Within how many blocks it should confirm.</summary>
    [BindProperty(SupportsGet = true)]
    public int Target { get; set; } = 2;

    /// <summary>The version that the treasurer looked at.</summary>
    [BindProperty]
    public int Seen { get; set; }

    public Batch Batch { get; private set; } = null!;

    public ReplaceResult.Outlook? Outlook { get; private set; }

    public string? Problem { get; private set; }

    public IEnumerable<SelectListItem> Targets => FeeTargets.Items(texts, Target);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (!FeeTargets.Has(Target)) return BadRequest();
        if (await db.Set<Batch>().AsNoTracking().SingleOrDefaultAsync(b => b.Id == Id, cancellation) is not { } batch) return NotFound();
        Batch = batch;
        var result = await replacing.LookAsync(Id, Target, cancellation);
        Outlook = result as ReplaceResult.Outlook;
        Problem = Outlook is null ? Say(result) : Outlook.Problem is { } fee ? texts.Say(fee) : null;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!FeeTargets.Has(Target)) return BadRequest();
        var result = await replacing.ReplaceAsync(Id, Seen, Target, User.AccountId(), cancellation);
        if (result is ReplaceResult.NotFound) return NotFound();
        this.Notify(result is ReplaceResult.Built built ? texts["Replace.Done", built.Number] : Say(result));
        return result is ReplaceResult.Built ? RedirectToPage("Batch", new { id = Id }) : RedirectToPage(new { id = Id, target = Target });
    }

    private string Say(ReplaceResult result) => result switch
    {
        ReplaceResult.FeeRefused { Problem: var fee } => texts.Say(fee),
        ReplaceResult.OrderRefused { Fault: var fault } => texts[$"Refused.Order.{fault}"],
        ReplaceResult.NotEnough missing => texts["Refused.NotEnough", missing.Needed.Value, missing.Available.Value],
        ReplaceResult.InBlock => texts["Replace.InBlock"],
        ReplaceResult.CoinsUnsettled => texts["Replace.CoinsUnsettled"],
        ReplaceResult.Locked => texts["Refused.Locked"],
        ReplaceResult.SpentElsewhere => texts["Refused.SpentElsewhere"],
        ReplaceResult.NoTreasury => texts["Refused.NoTreasury"],
        ReplaceResult.ChainAway => texts["Refused.ChainAway"],
        _ => texts["Refused.ChangedMeanwhile"],
    };
}
