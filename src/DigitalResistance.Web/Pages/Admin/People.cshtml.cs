using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin;

/// <summary>Who may join, and invitations. Accounts themselves are not listed: there is nothing about them to see.</summary>
[Authorize(Policies.Admin)]
public sealed class PeopleModel(MoneyDb db, DigitalResistance.Accounts.Site site, Invitations invitations, TimeProvider time, IStringLocalizer<AdminTexts> texts) : PageModel
{
    /// <summary>A code that was just made, shown once.</summary>
    public string? NewCode { get; private set; }

    public IReadOnlyList<Open> Invited { get; private set; } = [];

    public IReadOnlyDictionary<string, int> Counts { get; private set; } = new Dictionary<string, int>();

    public IEnumerable<SelectListItem> RoleChoices => Roles.All.Select(role => new SelectListItem(texts[$"Role.{role}"], role));

    [BindProperty]
    public Registration Registration { get; set; }

    [BindProperty]
    public string Role { get; set; } = Roles.Operator;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        NewCode = TempData["code"] as string;
        Registration = await site.RegistrationAsync(cancellation);
        var now = time.GetUtcNow();
        Invited = await db.Set<Invitation>().Where(i => i.UsedAt == null && i.ExpiresAt > now && i.CreatedBy != null)
            .OrderBy(i => i.ExpiresAt).Select(i => new Open(i.Id, i.Role, i.ExpiresAt)).ToListAsync(cancellation);
        Counts = await (from role in db.Roles join held in db.UserRoles on role.Id equals held.RoleId group held by role.Name into held select new { held.Key, Count = held.Count() })
            .ToDictionaryAsync(r => r.Key!, r => r.Count, cancellation);
    }

    public async Task<IActionResult> OnPostRegistrationAsync(CancellationToken cancellation)
    {
        if (!Enum.IsDefined(Registration)) return BadRequest();
        await site.SetRegistrationAsync(Registration, cancellation);
        this.Notify(texts["Registration.Saved"]);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostInviteAsync(CancellationToken cancellation)
    {
        if (!Roles.All.Contains(Role)) return BadRequest();
        TempData["code"] = await invitations.IssueAsync(Role, User.AccountId(), cancellation);
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostWithdrawAsync(Guid id, CancellationToken cancellation)
    {
        await invitations.WithdrawAsync(id, cancellation);
        this.Notify(texts["Invite.Withdrawn"]);
        return RedirectToPage();
    }

    /// <summary>An invitation that can still be used.</summary>
    public sealed record Open(Guid Id, string Role, DateTimeOffset ExpiresAt);
}
