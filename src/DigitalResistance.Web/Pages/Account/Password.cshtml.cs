using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>A new password, for somebody who knows the old one.</summary>
public sealed class PasswordModel(PasswordChange change, Sessions sessions, IStringLocalizer<AccountTexts> texts) : PageModel
{
    [BindProperty]
    public Form Input { get; set; } = new();

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return Page();
        switch (await change.ChangeAsync(await sessions.CurrentAsync(cancellation), Input.Old, Input.Password, cancellation))
        {
            case PasswordChange.Result.Changed { Account: var account }:
                await sessions.RenewAsync(account);
                this.Notify(texts["Password.Changed"]);
                return RedirectToPage("Index");
            case PasswordChange.Result.PasswordRefused { Code: var refused }:
                ModelState.AddPasswordMistake("Input.Password", refused, texts);
                return Page();
            default:
                ModelState.AddModelError("Input.Old", texts["Password.Wrong"]);
                return Page();
        }
    }

    public sealed class Form
    {
        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Old { get; set; } = "";

        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Password { get; set; } = "";

        [Compare(nameof(Password), ErrorMessage = "Password.Different")]
        public string Again { get; set; } = "";
    }
}
