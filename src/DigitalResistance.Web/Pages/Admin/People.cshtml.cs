using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Returns;
using DigitalResistance.Staff;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin;

/// <summary>Who holds a role that touches money, invitations and who must agree to them, and who may join. Operators are not listed: there is nothing about them to see.</summary>
[Authorize(Policies.Admin)]
public sealed class PeopleModel(
    MoneyDb db, DigitalResistance.Accounts.Site site, Invitations invitations, InvitationAgreeing agreeing, StaffList staff, ReturnDeciding returns, Sessions sessions, SecondFactor secondFactor,
    IStringLocalizer<AdminTexts> texts, IStringLocalizer<StaffTexts> words) : PageModel
{
    /// <summary>A code that was just made, shown once.</summary>
    public string? NewCode { get; private set; }

    /// <summary>Whether others must agree before it works.</summary>
    public bool NewCodeWaits { get; private set; }

    public IReadOnlyList<InvitationView> Invited { get; private set; } = [];

    public IReadOnlyList<StaffMember> Members { get; private set; } = [];

    public StaffNumbers Numbers { get; private set; } = null!;

    public int Operators { get; private set; }

    /// <summary>How many ask to be let in again.</summary>
    public int Returns { get; private set; }

    /// <summary>What was chosen beside what another admin chose meanwhile.</summary>
    public BothVersions? Both { get; private set; }

    /// <summary>What waits for the reader's yes too.</summary>
    public IReadOnlyList<SelectListItem> ToConfirm =>
        [.. Invited.Where(i => !i.IsAgreed && !i.IsConfirmed).Select(i => new SelectListItem(words["Confirm.Until", words[$"Role.{i.Role}"].Value, PurposeOf(i.Purpose), $"{i.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm}"], i.Id.ToString()))];

    public IEnumerable<SelectListItem> RoleChoices => new[] { Roles.Admin, Roles.Treasurer }.Select(role => new SelectListItem(words[$"Role.{role}"], role));

    public IEnumerable<SelectListItem> PurposeChoices => [new(words["Purpose.None"], ""), .. Enum.GetValues<InvitationPurpose>().Select(p => new SelectListItem(words[$"Purpose.{p}"], p.ToString()))];

    [BindProperty]
    public Registration Registration { get; set; }

    /// <summary>Who might join when the page was made.</summary>
    [BindProperty]
    public Registration Seen { get; set; }

    [BindProperty]
    public string Role { get; set; } = Roles.Admin;

    [BindProperty]
    public InvitationPurpose? Purpose { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public Guid Waiting { get; set; }

    [BindProperty]
    public string? ConfirmCode { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        (NewCode, NewCodeWaits) = (TempData["code"] as string, TempData["waits"] is true);
        Registration = Seen = await site.RegistrationAsync(cancellation);
        await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostRegistrationAsync(CancellationToken cancellation)
    {
        if (!Enum.IsDefined(Registration)) return BadRequest();
        if (await site.SetRegistrationAsync(Registration, Seen, cancellation))
        {
            this.Notify(texts["Registration.Saved"]);
            return RedirectToPage();
        }

        var (yours, now) = (Registration, await site.RegistrationAsync(cancellation));
        Both = new BothVersions([new(texts["Registration.Title"], texts[$"Registration.{yours}"], texts[$"Registration.{now}"])]);
        // Whoever saves again has seen both.
        ModelState.Remove(nameof(Seen));
        Seen = now;
        await ShowAsync(cancellation);
        Response.StatusCode = StatusCodes.Status409Conflict;
        return Page();
    }

    public async Task<IActionResult> OnPostInviteAsync(CancellationToken cancellation)
    {
        TempData["code"] = await invitations.IssueAsync(Roles.Operator, User.AccountId(), cancellation);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostProposeAsync(CancellationToken cancellation)
    {
        if (Role is not (Roles.Admin or Roles.Treasurer) || (Purpose is { } purpose && !Enum.IsDefined(purpose))) return BadRequest();
        if (!await IsProvenAsync(Code, nameof(Code), cancellation)) return await AgainAsync(cancellation);
        var code = await invitations.IssueAsync(Role, User.AccountId(), cancellation, Purpose);
        TempData["code"] = code;
        TempData["waits"] = await invitations.LookAsync(code, cancellation) is { IsAgreed: false };
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation)
    {
        if (!await IsProvenAsync(ConfirmCode, nameof(ConfirmCode), cancellation)) return await AgainAsync(cancellation);
        switch (await agreeing.ConfirmAsync(User.AccountId(), Waiting, cancellation))
        {
            case StaffResult.Waiting(var have, var needed):
                this.Notify(words["Result.Waiting", have, needed]);
                return RedirectToPage();
            case StaffResult.Agreed:
                this.Notify(words["Result.Invitation.Agreed"]);
                return RedirectToPage();
            case var refused:
                ModelState.AddModelError(nameof(Waiting), words[$"Result.{refused.GetType().Name}"]);
                return await AgainAsync(cancellation);
        }
    }

    public async Task<IActionResult> OnPostWithdrawAsync(Guid id, CancellationToken cancellation)
    {
        await invitations.WithdrawAsync(id, cancellation);
        this.Notify(texts["Invite.Withdrawn"]);
        return RedirectToPage();
    }

    public string PurposeOf(InvitationPurpose? purpose) => purpose is { } said ? words[$"Purpose.{said}"] : words["Purpose.None"];

    private async Task<bool> IsProvenAsync(string? code, string field, CancellationToken cancellation)
    {
        if (await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), code, cancellation)) return true;
        ModelState.AddModelError(field, words["Code.Wrong"]);
        return false;
    }

    private async Task<IActionResult> AgainAsync(CancellationToken cancellation)
    {
        Registration = Seen = await site.RegistrationAsync(cancellation);
        await ShowAsync(cancellation);
        return Page();
    }

    private async Task ShowAsync(CancellationToken cancellation)
    {
        var me = User.AccountId();
        (Invited, Members, Numbers) = (await staff.InvitationsAsync(me, cancellation), await staff.AllAsync(me, cancellation), await staff.NumbersAsync(cancellation));
        Returns = (await returns.AllAsync(me, cancellation)).Count;
        Operators = await (from role in db.Roles join held in db.UserRoles on role.Id equals held.RoleId where role.Name == Roles.Operator select held.UserId).CountAsync(cancellation);
    }
}
