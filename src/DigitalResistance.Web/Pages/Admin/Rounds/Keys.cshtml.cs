using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>The keys that approve rounds: an admin's own, another admin's after a revocation, and all of them by fingerprint.</summary>
[Authorize(Policies.Admin)]
public sealed class KeysModel(MoneyDb db, AdminKeys keys, Sessions sessions, SecondFactor secondFactor, IStringLocalizer<RoundStepsTexts> texts) : PageModel
{
    /// <summary>The newest key of the reader's.</summary>
    public AdminKey? Own { get; private set; }

    public IReadOnlyList<AdminKey> All { get; private set; } = [];

    /// <summary>The reader's account id, which another admin needs to vouch.</summary>
    public string AccountNumber { get; private set; } = "";

    [BindProperty]
    public string? PublicKey { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? RevokeCode { get; set; }

    [BindProperty]
    public string? OtherAccount { get; set; }

    [BindProperty]
    public string? OtherKey { get; set; }

    [BindProperty]
    public string? VouchCode { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var me = await sessions.CurrentAsync(cancellation);
        AccountNumber = me.AccountId.ToString();
        Own = await db.Set<AdminKey>().AsNoTracking().Where(k => k.AccountId == me.Id).OrderByDescending(k => k.AddedAt).FirstOrDefaultAsync(cancellation);
        All = await db.Set<AdminKey>().AsNoTracking().OrderBy(k => k.AddedAt).ToListAsync(cancellation);
    }

    public Task<IActionResult> OnPostEnrolAsync(CancellationToken cancellation) =>
        DoAsync(Code, nameof(Code), nameof(PublicKey), () => keys.EnrolAsync(User.AccountId(), PublicKey ?? "", null, cancellation), cancellation);

    public Task<IActionResult> OnPostRevokeAsync(CancellationToken cancellation) =>
        DoAsync(RevokeCode, nameof(RevokeCode), nameof(RevokeCode), () => keys.RevokeAsync(User.AccountId(), cancellation), cancellation);

    public Task<IActionResult> OnPostVouchAsync(CancellationToken cancellation) =>
        DoAsync(VouchCode, nameof(VouchCode), nameof(OtherKey), async () => await keys.EnrolAsync(await OtherAsync(cancellation), OtherKey ?? "", User.AccountId(), cancellation), cancellation);

    private async Task<Guid> OtherAsync(CancellationToken cancellation)
    {
        if (!DigitalResistance.Accounts.AccountId.TryParse(OtherAccount, out var id)) return Guid.Empty;
        var name = id.Value;
        return await db.Users.Where(a => a.UserName == name).Select(a => a.Id).SingleOrDefaultAsync(cancellation);
    }

    private async Task<IActionResult> DoAsync(string? code, string codeField, string field, Func<Task<KeyResult>> act, CancellationToken cancellation)
    {
        if (!await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), code, cancellation))
        {
            ModelState.AddModelError(codeField, texts["Code.Wrong"]);
        }
        else
        {
            var result = await act();
            if (result is KeyResult.Enrolled or KeyResult.Revoked)
            {
                this.Notify(texts[$"Keys.Done.{result.GetType().Name}"]);
                return RedirectToPage();
            }

            ModelState.AddModelError(field, texts[$"Keys.Refused.{result.GetType().Name}", result is KeyResult.Unreadable(var reason) ? reason : ""]);
        }

        await OnGetAsync(cancellation);
        return Page();
    }
}
