using DigitalResistance.Accounts;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Donate;

/// <summary>Says what becomes public, and only then gives an address.</summary>
[AllowAnonymous]
public sealed class IndexModel(DonationOpening opening, TreasuryWallet wallet, SpendingCost cost, Site site) : PageModel
{
    /// <summary>The secret of the receipt that this showing of the form would open.</summary>
    [BindProperty]
    public string? Token { get; set; }

    /// <summary>Whether the installation is still being set up.</summary>
    public bool IsSiteClosed { get; private set; }

    public bool HasTreasury { get; private set; }

    public bool HasOneKey { get; private set; }

    /// <summary>What it costs to spend one donation, whatever its amount; null where nobody knows.</summary>
    public Sats? Cost { get; private set; }

    /// <summary>Below this more than a tenth of a donation would go to miners; in hundreds, since it is a guess.</summary>
    public Sats Sensible => new(((Cost ?? Sats.Zero).Value * 10 + 99) / 100 * 100);

    public TimeSpan? RetryAfter { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Token = DonationOpening.NewToken();
        IsSiteClosed = await site.OpenedAtAsync(cancellation) is null;
        if (await wallet.FindAsync(cancellation) is not { } treasury) return;
        (HasTreasury, HasOneKey) = (true, treasury.Descriptor.HasOneKey);
        Cost = await cost.OfAsync(treasury.Descriptor, cancellation);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        switch (await opening.OpenAsync(Token, cancellation))
        {
            case DonationResult.Opened { Token: var token }:
                return RedirectToPage("Receipt", new { token });
            case DonationResult.Busy { RetryAfter: var wait }:
                RetryAfter = wait;
                Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
                await OnGetAsync(cancellation);
                var page = Page();
                page.StatusCode = StatusCodes.Status429TooManyRequests;
                return page;
            default:
                return RedirectToPage();
        }
    }
}
