using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>Makes an account; with the code of an invitation, also an admin's or a treasurer's.</summary>
[AllowAnonymous]
public sealed class NewModel(AccountCreation creation, Invitations invitations, DigitalResistance.Accounts.Site site, Sessions sessions, IStringLocalizer<AccountTexts> texts) : PageModel
{
    public Registration Registration { get; private set; }

    /// <summary>What the code in the address gives; null without one, or when it is not valid.</summary>
    public string? Role { get; private set; }

    public bool CodeIsBad { get; private set; }

    /// <summary>Whether more admins must agree to the invitation.</summary>
    public bool CodeWaits { get; private set; }

    /// <summary>The code of a link.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Code { get; set; }

    [BindProperty]
    public Form Input { get; set; } = new();

    public Task OnGetAsync(CancellationToken cancellation) => LookAsync(cancellation);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (ModelState.IsValid)
        {
            switch (await creation.CreateAsync(Input.Password, Code ?? Input.Invitation, cancellation))
            {
                case AccountCreation.Result.Created created:
                    await sessions.BeginAsync(created.Account, secondFactor: false);
                    TempData["codes"] = created.RecoveryCodes.ToArray();
                    TempData["new"] = true;
                    return RedirectToPage("Codes");
                case AccountCreation.Result.PasswordRefused { Code: var refused }:
                    ModelState.AddPasswordMistake("Input.Password", refused, texts);
                    break;
                case AccountCreation.Result.TooManyNow { Wait: var wait }:
                    ModelState.AddWait(wait, texts);
                    break;
                case var ending when ending == AccountCreation.Result.InvitationMissing:
                    ModelState.AddModelError("Input.Invitation", texts["Invitation.Missing"]);
                    break;
                case var ending when ending == AccountCreation.Result.InvitationWaits:
                    ModelState.AddModelError(Code is null ? "Input.Invitation" : "", texts["Invitation.Waits.Text"]);
                    break;
                case var ending when ending == AccountCreation.Result.Closed:
                    ModelState.AddModelError("", texts["New.Closed"]);
                    break;
                default:
                    ModelState.AddModelError(Code is null ? "Input.Invitation" : "", texts["Invitation.NotValid"]);
                    break;
            }
        }

        await LookAsync(cancellation);
        return Page();
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        Registration = await site.RegistrationAsync(cancellation);
        var invited = await invitations.LookAsync(Code, cancellation);
        (Role, CodeWaits) = (invited?.Role, invited is { IsAgreed: false });
        CodeIsBad = Code is not null && Role is null;
    }

    public sealed class Form
    {
        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Password { get; set; } = "";

        [Compare(nameof(Password), ErrorMessage = "Password.Different")]
        public string Again { get; set; } = "";

        [StringLength(60, ErrorMessage = "Invitation.NotValid")]
        public string? Invitation { get; set; }
    }
}
