using DigitalResistance.Accounts;
using DigitalResistance.Staff;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin;

/// <summary>Ends the role of an admin or a treasurer who stops, is lost, or may have lost the account: several admins agree.</summary>
[Authorize(Policies.Admin)]
public sealed class RemovalModel(RoleRemoving removing, StaffList staff, Sessions sessions, SecondFactor secondFactor, IStringLocalizer<StaffTexts> texts) : PageModel
{
    public StaffNumbers Numbers { get; private set; } = null!;

    public IReadOnlyList<RemovalView> Waiting { get; private set; } = [];

    /// <summary>Whose role can end.</summary>
    public IReadOnlyList<SelectListItem> Members { get; private set; } = [];

    /// <summary>What waits for the reader's yes too.</summary>
    public IReadOnlyList<SelectListItem> ToConfirm =>
        [.. Waiting.Where(r => !r.IsConfirmed && !r.IsConcerned).Select(r => new SelectListItem($"{r.Tag}: {texts[$"Role.{r.Role}"].Value}; {texts[$"Reason.{r.Reason}"].Value}", r.Id.ToString()))];

    public IEnumerable<SelectListItem> Reasons => Enum.GetValues<RemovalReason>().Select(r => new SelectListItem(texts[$"Reason.{r}"], r.ToString()));

    public bool HasTooFew => Numbers.Admins - 1 < Numbers.Enough;

    /// <summary>Tag and role.</summary>
    [BindProperty]
    public string? Whose { get; set; }

    [BindProperty]
    public RemovalReason Reason { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public Guid Removal { get; set; }

    [BindProperty]
    public string? ConfirmCode { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var me = User.AccountId();
        (Numbers, Waiting) = (await staff.NumbersAsync(cancellation), await staff.RemovalsAsync(me, cancellation));
        Members =
        [
            .. (await staff.AllAsync(me, cancellation)).Where(m => !m.IsReader && !(HasTooFew && m.Role == Roles.Admin))
                .Select(m => new SelectListItem(texts["Remove.Whose.Choice", m.Tag, texts[$"Role.{m.Role}"].Value, $"{m.Since.UtcDateTime:yyyy-MM-dd}"], Value(m))),
        ];
    }

    public async Task<IActionResult> OnPostProposeAsync(CancellationToken cancellation)
    {
        if (!Enum.IsDefined(Reason)) return BadRequest();
        var chosen = (await staff.AllAsync(User.AccountId(), cancellation)).FirstOrDefault(m => Value(m) == Whose);
        return await DoAsync(Code, nameof(Code), nameof(Whose), () => chosen is null
            ? Task.FromResult<StaffResult>(new StaffResult.NotHeld())
            : removing.ProposeAsync(User.AccountId(), chosen.AccountId, chosen.Role, Reason, cancellation), cancellation);
    }

    public Task<IActionResult> OnPostConfirmAsync(CancellationToken cancellation) =>
        DoAsync(ConfirmCode, nameof(ConfirmCode), nameof(Removal), () => removing.ConfirmAsync(User.AccountId(), Removal, cancellation), cancellation);

    public async Task<IActionResult> OnPostWithdrawAsync(Guid id, CancellationToken cancellation) => await AnswerAsync(await removing.WithdrawAsync(User.AccountId(), id, cancellation), "", cancellation);

    private async Task<IActionResult> DoAsync(string? code, string codeField, string field, Func<Task<StaffResult>> act, CancellationToken cancellation)
    {
        if (await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), code, cancellation)) return await AnswerAsync(await act(), field, cancellation);
        ModelState.AddModelError(codeField, texts["Code.Wrong"]);
        await OnGetAsync(cancellation);
        return Page();
    }

    private async Task<IActionResult> AnswerAsync(StaffResult result, string field, CancellationToken cancellation)
    {
        switch (result)
        {
            case StaffResult.Waiting(var have, var needed):
                this.Notify(texts["Result.Waiting", have, needed]);
                return RedirectToPage();
            case StaffResult.Agreed:
                this.Notify(texts["Result.Removal.Agreed"]);
                return RedirectToPage();
            case StaffResult.Withdrawn:
                this.Notify(texts["Result.Withdrawn"]);
                return RedirectToPage();
            default:
                ModelState.AddModelError(field, texts[$"Result.{result.GetType().Name}", result is StaffResult.TooFewLeft(var enough) ? enough : 0]);
                await OnGetAsync(cancellation);
                return Page();
        }
    }

    private static string Value(StaffMember member) => $"{member.Tag} {member.Role}";
}
