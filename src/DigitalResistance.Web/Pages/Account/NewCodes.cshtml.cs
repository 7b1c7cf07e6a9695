using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>New recovery codes in place of the old ones.</summary>
public sealed class NewCodesModel(Sessions sessions, SignIn signIn, RecoveryCodes codes, IStringLocalizer<AccountTexts> texts) : PageModel
{
    [BindProperty]
    public Form Input { get; set; } = new();

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return Page();
        var account = await sessions.CurrentAsync(cancellation);
        if (!await signIn.ConfirmPasswordAsync(account, Input.Password, cancellation))
        {
            ModelState.AddModelError("Input.Password", texts["Password.Wrong"]);
            return Page();
        }

        TempData["codes"] = (await codes.IssueAsync(account.Id, cancellation)).ToArray();
        return RedirectToPage("Codes");
    }

    public sealed class Form
    {
        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Password { get; set; } = "";
    }
}
