using DigitalResistance.Accounts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Setup;

/// <summary>The set-up page of admins: everything that is needed, and the button that opens the site once nothing is red.</summary>
[Authorize(Policies.Admin)]
public sealed class OpenModel(SetupChecks checks, Site site, SiteOpening opening, IStringLocalizer<SetupTexts> texts) : PageModel
{
    public SetupReport Report { get; private set; } = null!;

    /// <summary>When the site was opened; null before.</summary>
    public DateTimeOffset? OpenedAt { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Report = await checks.LookAsync(cancellation);
        OpenedAt = await site.OpenedAtAsync(cancellation);
    }

    public async Task<IActionResult> OnPostOpenAsync(CancellationToken cancellation)
    {
        switch (await opening.OpenAsync(cancellation))
        {
            case SiteOpening.Result.Opened:
                this.Notify(texts["Open.Done"]);
                return RedirectToPage();
            case SiteOpening.Result.StillRed(var report):
                (Report, OpenedAt) = (report, null);
                var page = Page();
                page.StatusCode = StatusCodes.Status409Conflict;
                return page;
            default:
                return RedirectToPage();
        }
    }
}
