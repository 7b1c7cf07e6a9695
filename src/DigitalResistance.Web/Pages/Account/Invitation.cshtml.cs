using System.ComponentModel.DataAnnotations;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>Takes a role with an invitation, for an account that is there already.</summary>
public sealed class InvitationModel(Sessions sessions, AccountCreation creation, Invitations invitations, IStringLocalizer<AccountTexts> texts) : PageModel
{
    [BindProperty]
    public Form Input { get; set; } = new();

    /// <param name="code">The code of a link that somebody opened who is signed in.</param>
    public void OnGet(string? code) => Input.Code = code is { Length: <= 60 } ? code : "";

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!ModelState.IsValid) return Page();
        var account = await sessions.CurrentAsync(cancellation);
        if (!await creation.RedeemAsync(account, Input.Code, cancellation))
        {
            var waits = await invitations.LookAsync(Input.Code, cancellation) is { IsAgreed: false };
            ModelState.AddModelError("Input.Code", texts[waits ? "Invitation.Waits.Text" : "Invitation.NotValid"]);
            return Page();
        }

        await sessions.RenewAsync(account);
        this.Notify(texts["Invitation.Done"]);
        return RedirectToPage("Index");
    }

    public sealed class Form
    {
        [Required(ErrorMessage = "Invitation.Missing"), StringLength(60, ErrorMessage = "Invitation.NotValid")]
        public string Code { get; set; } = "";
    }
}
