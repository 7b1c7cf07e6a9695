using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>A new password for somebody who lost the old one but has recovery codes.</summary>
[AllowAnonymous]
public sealed class RecoverModel(PasswordChange change, IStringLocalizer<AccountTexts> texts) : PageModel
{
    [BindProperty]
    public Form Input { get; set; } = new();

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return Page();
        switch (await change.RecoverAsync(Input.AccountId, Input.RecoveryCode, Input.SecondCode, Input.Password, cancellation))
        {
            case PasswordChange.Result.Changed:
                this.Notify(texts["Recover.Done"]);
                return RedirectToPage("SignIn");
            case PasswordChange.Result.PasswordRefused { Code: var refused }:
                ModelState.AddPasswordMistake("Input.Password", refused, texts);
                return Page();
            case PasswordChange.Result.TooManyNow { Wait: var wait }:
                ModelState.AddWait(wait, texts);
                return Page();
            default:
                ModelState.AddModelError("", texts["Recover.Refused"]);
                return Page();
        }
    }

    public sealed class Form
    {
        [Required(ErrorMessage = "Id.Missing"), StringLength(60, ErrorMessage = "Id.Missing")]
        public string AccountId { get; set; } = "";

        [Required(ErrorMessage = "Recover.Code.Missing"), StringLength(60, ErrorMessage = "Recover.Code.Missing")]
        public string RecoveryCode { get; set; } = "";

        [StringLength(60, ErrorMessage = "Code.Missing")]
        public string? SecondCode { get; set; }

        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Password { get; set; } = "";

        [Compare(nameof(Password), ErrorMessage = "Password.Different")]
        public string Again { get; set; } = "";
    }
}
