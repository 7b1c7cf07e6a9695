using DigitalResistance.Accounts;
using DigitalResistance.Web.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>Ends the session of this browser.</summary>
[AllowAnonymous, NoEffect]
public sealed class SignOutModel(Sessions sessions) : PageModel
{
    public async Task<IActionResult> OnPostAsync()
    {
        await sessions.EndAsync();
        return RedirectToPage("/Index");
    }
}
