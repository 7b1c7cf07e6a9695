using DigitalResistance.Accounts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>Shows account id and new recovery codes, once, to be printed or written down.</summary>
public sealed class CodesModel(Sessions sessions) : PageModel
{
    public AccountId AccountId { get; private set; }

    public IReadOnlyList<string> RecoveryCodes { get; private set; } = [];

    public bool IsNew { get; private set; }

    /// <summary>Admins and treasurers go on to their authenticator.</summary>
    public string Next { get; private set; } = "/My/Index";

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (TempData["codes"] is not string[] codes) return RedirectToPage("Index");
        var account = await sessions.CurrentAsync(cancellation);
        (AccountId, RecoveryCodes, IsNew) = (account.AccountId, codes, TempData["new"] is true);
        if (!account.TwoFactorEnabled && (User.IsInRole(Roles.Admin) || User.IsInRole(Roles.Treasurer))) Next = "Authenticator";
        return Page();
    }
}
