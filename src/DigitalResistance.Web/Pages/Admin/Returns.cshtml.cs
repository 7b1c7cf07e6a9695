using DigitalResistance.Accounts;
using DigitalResistance.Returns;
using DigitalResistance.Staff;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin;

/// <summary>People who lost password and codes and ask to be let in again: several admins agree, any one refuses.</summary>
[Authorize(Policies.Admin)]
public sealed class ReturnsModel(ReturnDeciding returns, StaffList staff, Sessions sessions, SecondFactor secondFactor, IStringLocalizer<ReturnTexts> texts) : PageModel
{
    public IReadOnlyList<ReturnView> Asked { get; private set; } = [];

    public StaffNumbers Numbers { get; private set; } = null!;

    /// <summary>What waits for the reader's yes too.</summary>
    public IReadOnlyList<SelectListItem> ToConfirm =>
        [.. Asked.Where(a => a is { IsConfirmed: false, UsableFrom: null, HoldsRole: false }).Select(a => new SelectListItem(a.Reference, a.Id.ToString()))];

    [BindProperty]
    public Guid Which { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation) => (Asked, Numbers) = (await returns.AllAsync(User.AccountId(), cancellation), await staff.NumbersAsync(cancellation));

    public async Task<IActionResult> OnPostAgreeAsync(CancellationToken cancellation)
    {
        if (!await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), Code, cancellation))
        {
            ModelState.AddModelError(nameof(Code), texts["Code.Wrong"]);
            await OnGetAsync(cancellation);
            return Page();
        }

        switch (await returns.AgreeAsync(User.AccountId(), Which, cancellation))
        {
            case ReturnResult.Waiting(var have, var needed):
                this.Notify(texts["Result.Waiting", have, needed]);
                return RedirectToPage();
            case ReturnResult.Agreed(var from):
                this.Notify(texts["Result.Agreed", $"{from.UtcDateTime:yyyy-MM-dd HH:mm} UTC"]);
                return RedirectToPage();
            case var refused:
                ModelState.AddModelError(nameof(Which), texts[$"Result.{refused.GetType().Name}"]);
                await OnGetAsync(cancellation);
                return Page();
        }
    }

    public async Task<IActionResult> OnPostRefuseAsync(Guid id, CancellationToken cancellation)
    {
        this.Notify(await returns.RefuseAsync(id, cancellation) ? texts["Admin.Refused"] : texts["Result.Gone"]);
        return RedirectToPage();
    }
}
