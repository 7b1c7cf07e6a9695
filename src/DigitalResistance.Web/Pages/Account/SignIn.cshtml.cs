using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>Account id and password; a second factor is asked for on the next page.</summary>
[AllowAnonymous, NoEffect]
public sealed class SignInModel(SignIn signIn, Sessions sessions, IStringLocalizer<AccountTexts> texts) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty]
    public Form Input { get; set; } = new();

    public IActionResult OnGet() => User.Identity?.IsAuthenticated == true ? RedirectToPage("/My/Index") : Page();

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return Page();
        switch (await signIn.WithPasswordAsync(Input.AccountId, Input.Password, cancellation))
        {
            case SignIn.Result.SignedIn { Account: var account }:
                await sessions.BeginAsync(account, secondFactor: false);
                return this.RedirectBack(ReturnUrl);
            case SignIn.Result.NeedsSecondFactor { Account: var account }:
                await sessions.ExpectCodeAsync(account);
                return RedirectToPage("Code", new { ReturnUrl });
            case SignIn.Result.TooManyNow { Wait: var wait }:
                ModelState.AddWait(wait, texts);
                return Page();
            default:
                ModelState.AddModelError("", texts["SignIn.Refused"]);
                return Page();
        }
    }

    public sealed class Form
    {
        [Required(ErrorMessage = "Id.Missing"), StringLength(60, ErrorMessage = "Id.Missing")]
        public string AccountId { get; set; } = "";

        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Password { get; set; } = "";
    }
}
