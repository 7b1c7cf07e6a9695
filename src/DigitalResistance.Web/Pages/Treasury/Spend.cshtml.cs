using DigitalResistance.Accounts;
using DigitalResistance.Payouts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>A transaction that spent the treasury's coins and was not built here: what it did, and the admins who say why.</summary>
[Authorize(Policies.Staff)]
public sealed class SpendModel(ForeignSpendBooking booking, Sessions sessions, SecondFactor secondFactor, IStringLocalizer<TreasuryTexts> texts) : PageModel
{
    [FromRoute]
    public string Txid { get; set; } = "";

    /// <summary>The block that the page showed.</summary>
    [BindProperty]
    public string Block { get; set; } = "";

    [BindProperty]
    public ForeignSpendReason Reason { get; set; } = ForeignSpendReason.Unexplained;

    [BindProperty]
    public string? Code { get; set; }

    public ForeignSpendView View { get; private set; } = null!;

    public int DepthNeeded => booking.DepthNeeded;

    public int ApprovalsNeeded => booking.ApprovalsNeeded;

    public bool IsDeepEnough => View.Facts.Depth >= DepthNeeded && View.Facts.Coins.All(c => c.IsBooked);

    public IEnumerable<SelectListItem> Reasons => Enum.GetValues<ForeignSpendReason>().Select(r => new SelectListItem(texts[$"Spend.Reason.{r}"], r.ToString()));

    public Task<IActionResult> OnGetAsync(CancellationToken cancellation) => ShowAsync(StatusCodes.Status200OK, cancellation);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Admin)) return Forbid();
        if (!Enum.IsDefined(Reason)) return BadRequest();
        if (!await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), Code, cancellation))
        {
            ModelState.AddModelError(nameof(Code), texts["Spend.Code.Wrong"]);
            return await ShowAsync(StatusCodes.Status422UnprocessableEntity, cancellation);
        }

        switch (await booking.ApproveAsync(Txid, Block, Reason, User.AccountId(), cancellation))
        {
            case ForeignSpendResult.Booked or ForeignSpendResult.AlreadyBooked:
                return Done(texts["Spend.Done"]);
            case ForeignSpendResult.Counted(var have, var needed):
                return Done(texts["Spend.Counted", have, needed]);
            case ForeignSpendResult.AlreadyCounted(var have, var needed):
                return Done(texts["Spend.AlreadyCounted", have, needed]);
            case ForeignSpendResult.NotFound:
                return NotFound();
            case ForeignSpendResult.NotAnAdmin:
                return Forbid();
            case ForeignSpendResult.BlockChanged:
                ModelState.AddModelError("", texts["Spend.BlockChanged"]);
                return await ShowAsync(StatusCodes.Status409Conflict, cancellation);
            default:
                // The page itself says what stands against it.
                return await ShowAsync(StatusCodes.Status409Conflict, cancellation);
        }
    }

    private RedirectToPageResult Done(string text)
    {
        this.Notify(text);
        return RedirectToPage(new { txid = Txid });
    }

    /// <summary>As it is now, whatever the act found.</summary>
    private async Task<IActionResult> ShowAsync(int status, CancellationToken cancellation)
    {
        if (await booking.FindAsync(Txid, cancellation) is not { } view) return NotFound();
        View = view;
        var page = Page();
        page.StatusCode = status;
        return page;
    }
}
