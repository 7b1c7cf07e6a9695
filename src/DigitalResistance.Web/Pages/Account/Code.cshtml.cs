using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>The second step of signing in: a one-time code, or a recovery code for a lost authenticator.</summary>
[AllowAnonymous]
public sealed class CodeModel(SignIn signIn, Sessions sessions, IStringLocalizer<AccountTexts> texts) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty]
    public Form Input { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) =>
        await sessions.ExpectedAsync(cancellation) is null ? RedirectToPage("SignIn", new { ReturnUrl }) : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (await sessions.ExpectedAsync(cancellation) is not { } account) return RedirectToPage("SignIn", new { ReturnUrl });
        if (!ModelState.IsValid) return Page();
        if (!await signIn.WithCodeAsync(account, Input.Code, cancellation))
        {
            ModelState.AddModelError("Input.Code", texts["Code.Refused"]);
            return Page();
        }

        await sessions.EndAsync();
        await sessions.BeginAsync(account, secondFactor: true);
        return this.RedirectBack(ReturnUrl);
    }

    public sealed class Form
    {
        [Required(ErrorMessage = "Code.Missing"), StringLength(60, ErrorMessage = "Code.Missing")]
        public string Code { get; set; } = "";
    }
}
