using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>The keys that approve rounds: an admin's own, what waits for other admins' yes, and all of them by fingerprint.</summary>
[Authorize(Policies.Admin)]
public sealed class KeysModel(MoneyDb db, AdminKeys keys, Sessions sessions, SecondFactor secondFactor, IStringLocalizer<RoundStepsTexts> texts) : PageModel
{
    /// <summary>The newest key of the reader's.</summary>
    public AdminKey? Own { get; private set; }

    public IReadOnlyList<AdminKey> All { get; private set; } = [];

    /// <summary>What waits for admins.</summary>
    public IReadOnlyList<KeyMotionView> Waiting { get; private set; } = [];

    /// <summary>What waits for the reader too.</summary>
    public IReadOnlyList<SelectListItem> ToConfirm =>
        [.. Waiting.Where(m => !m.IsConfirmed).Select(m => new SelectListItem($"{texts[$"Keys.Motion.{m.Kind}"]}: {m.Fingerprint}", m.Id.ToString()))];

    /// <summary>Keys of others that can be revoked.</summary>
    public IReadOnlyList<SelectListItem> Others =>
        [.. All.Where(k => k.RevokedAt is null && k.Id != Own?.Id && !Waiting.Any(m => m.Kind == KeyMotionKind.Revoke && m.Fingerprint == k.Fingerprint)).Select(k => new SelectListItem(k.Fingerprint, k.Fingerprint))];

    [BindProperty]
    public string? PublicKey { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? RevokeCode { get; set; }

    [BindProperty]
    public Guid Motion { get; set; }

    [BindProperty]
    public string? ConfirmCode { get; set; }

    [BindProperty]
    public string? OtherKey { get; set; }

    [BindProperty]
    public string? OtherCode { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var me = User.AccountId();
        Own = await db.Set<AdminKey>().AsNoTracking().Where(k => k.AccountId == me).OrderByDescending(k => k.AddedAt).FirstOrDefaultAsync(cancellation);
        All = await db.Set<AdminKey>().AsNoTracking().OrderBy(k => k.AddedAt).ToListAsync(cancellation);
        Waiting = await keys.WaitingAsync(me, cancellation);
    }

    public async Task<IActionResult> OnPostEnrolAsync(CancellationToken cancellation)
    {
        if (!SshPublicKey.HoldsPrivateKey(PublicKey ?? ""))
            return await DoAsync(Code, nameof(Code), nameof(PublicKey), () => keys.EnrolAsync(User.AccountId(), PublicKey ?? "", cancellation), cancellation);
        // Whatever the code is: the page that goes back does not hold it.
        ModelState.Remove(nameof(PublicKey));
        PublicKey = null;
        ModelState.AddModelError(nameof(PublicKey), texts["Keys.Refused.Private"]);
        await OnGetAsync(cancellation);
        return Page();
    }

    public Task<IActionResult> OnPostRevokeAsync(CancellationToken cancellation) =>
        DoAsync(RevokeCode, nameof(RevokeCode), nameof(RevokeCode), () => keys.RevokeAsync(User.AccountId(), cancellation), cancellation);

    public Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation) =>
        DoAsync(ConfirmCode, nameof(ConfirmCode), nameof(Motion), () => keys.ConfirmAsync(User.AccountId(), Motion, cancellation), cancellation);

    public Task<IActionResult> OnPostRevokeOtherAsync(CancellationToken cancellation) =>
        DoAsync(OtherCode, nameof(OtherCode), nameof(OtherKey), () => keys.ProposeRevocationAsync(User.AccountId(), OtherKey ?? "", cancellation), cancellation);

    private async Task<IActionResult> DoAsync(string? code, string codeField, string field, Func<Task<KeyResult>> act, CancellationToken cancellation)
    {
        if (!await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), code, cancellation))
        {
            ModelState.AddModelError(codeField, texts["Code.Wrong"]);
        }
        else
        {
            var result = await act();
            if (result is KeyResult.Enrolled or KeyResult.Revoked or KeyResult.Waiting)
            {
                this.Notify(texts[$"Keys.Done.{result.GetType().Name}", result is KeyResult.Waiting(var have, var needed) ? [have, needed] : []]);
                return RedirectToPage();
            }

            ModelState.AddModelError(field, texts[$"Keys.Refused.{result.GetType().Name}"]);
        }

        await OnGetAsync(cancellation);
        return Page();
    }
}
