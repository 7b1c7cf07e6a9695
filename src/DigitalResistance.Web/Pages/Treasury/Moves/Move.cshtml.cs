using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Admin.Rounds;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury.Moves;

/// <summary>One move: admins approve or withdraw it, treasurers build its transactions.</summary>
[Authorize(Policies.Staff), WaitsForNetwork]
[RequestSizeLimit(128 * 1024)]
public sealed class MoveModel(
    MoneyDb db, MoveApproval approval, MoveWithdrawal withdrawal, MoveBuilding building, TreasuryAdoption adoption, Policy policy,
    Sessions sessions, SecondFactor secondFactor, TimeProvider time, IStringLocalizer<MovesTexts> texts, IStringLocalizer<TreasuryTexts> treasury, IStringLocalizer<RoundStepsTexts> steps) : PageModel
{
    [FromRoute]
    public int Number { get; set; }

    /// <summary>The version of the move that the page showed.</summary>
    [BindProperty]
    public long Version { get; set; }

    [BindProperty]
    public string? Signature { get; set; }

    [BindProperty]
    public IFormFile? SignatureFile { get; set; }

    /// <summary>Of the manifest that the page showed.</summary>
    [BindProperty]
    public string ManifestSha256 { get; set; } = "";

    [BindProperty]
    public string? Code { get; set; }

    /// <summary>Within how many blocks the transactions should confirm.</summary>
    [BindProperty(SupportsGet = true)]
    public int Target { get; set; } = 24;

    public Move Move { get; private set; } = null!;

    public IReadOnlyList<MoveCost> Costs { get; private set; } = [];

    /// <summary>What the new descriptor of a rotation means.</summary>
    public AdoptionResult.Sound? NewKeys { get; private set; }

    public ApprovalTally? Tally { get; private set; }

    public bool IsRecused { get; private set; }

    public int MaxSignedIn => policy.MaxSignedInApprovals;

    public DateTimeOffset ApprovableFrom => approval.ApprovableFrom(Move);

    public bool CanApprove => ApprovableFrom <= time.GetUtcNow();

    public BuildResult.MoveOutlook? Outlook { get; private set; }

    public string? Problem { get; private set; }

    public IReadOnlyList<Row> Batches { get; private set; } = [];

    public IEnumerable<SelectListItem> Targets => FeeTargets.Items(treasury, Target);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) => FeeTargets.Has(Target) ? await ShowAsync(Page(), cancellation) : BadRequest();

    public async Task<IActionResult> OnPostSignatureAsync(CancellationToken cancellation) =>
        User.IsInRole(Roles.Admin)
            ? await AnswerAsync(await approval.ApproveBySignatureAsync(Number, await SignatureInput.ReadAsync(Signature, SignatureFile, cancellation), cancellation), nameof(Signature), cancellation)
            : Forbid();

    public async Task<IActionResult> OnPostSignedInAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Admin)) return Forbid();
        if (await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), Code, cancellation))
            return await AnswerAsync(await approval.ApproveSignedInAsync(Number, ManifestSha256, User.AccountId(), cancellation), nameof(Code), cancellation);
        ModelState.AddModelError(nameof(Code), steps["Code.Wrong"]);
        return await ShowAsync(Again(StatusCodes.Status422UnprocessableEntity), cancellation);
    }

    public async Task<IActionResult> OnPostWithdrawAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Admin)) return Forbid();
        switch (await withdrawal.WithdrawAsync(Number, Version, cancellation))
        {
            case MoveResult.Done:
                return Done(texts["Withdrawn"]);
            case MoveResult.NotFound:
                return NotFound();
            case var refused:
                ModelState.AddModelError("", refused is MoveResult.WrongState ? texts["Refused.WrongState"] : treasury["Refused.ChangedMeanwhile"]);
                return await ShowAsync(Again(StatusCodes.Status409Conflict), cancellation);
        }
    }

    public async Task<IActionResult> OnPostBuildAsync(CancellationToken cancellation)
    {
        if (!User.IsInRole(Roles.Treasurer)) return Forbid();
        if (!FeeTargets.Has(Target)) return BadRequest();
        var result = await building.BuildAsync(Number, Target, User.AccountId(), cancellation);
        if (result is BuildResult.OrderRefused { Fault: OrderFault.NotFound }) return NotFound();
        return Done(result is BuildResult.Built built ? treasury["Build.Done", built.Numbers.Count, built.Waiting] : treasury.Say(result));
    }

    private async Task<IActionResult> AnswerAsync(ApprovalResult result, string field, CancellationToken cancellation) => result switch
    {
        ApprovalResult.Counted(var tally) => Done(steps["Approve.Done", tally.Have, tally.Needed]),
        ApprovalResult.AlreadyCounted(var tally) => Done(steps["Approve.Already", tally.Have, tally.Needed]),
        _ => await ShowAsync(this.Refuse(result, field, steps), cancellation),
    };

    private RedirectToPageResult Done(string text)
    {
        this.Notify(text);
        return RedirectToPage(new { number = Number });
    }

    private PageResult Again(int status)
    {
        var page = Page();
        page.StatusCode = status;
        return page;
    }

    /// <summary>As it is now, whatever the act found.</summary>
    private async Task<IActionResult> ShowAsync(IActionResult answer, CancellationToken cancellation)
    {
        if (answer is not PageResult) return answer;
        if (await db.Set<Move>().AsNoTracking().SingleOrDefaultAsync(m => m.Number == Number, cancellation) is not { } move) return NotFound();
        Move = move;
        Costs = await db.Set<MoveCost>().AsNoTracking().Where(c => c.MoveNumber == Number).OrderBy(c => c.Line).ToListAsync(cancellation);
        NewKeys = move.NewDescriptor is null ? null : adoption.Preview(move.NewDescriptor) as AdoptionResult.Sound;
        if (move.State == MoveState.Proposed)
        {
            Tally = await approval.TallyAsync(move, cancellation);
            IsRecused = await approval.IsRecusedAsync(Number, User.AccountId(), cancellation);
        }

        if (move.State == MoveState.Approved && User.IsInRole(Roles.Treasurer)) await LookAsync(cancellation);
        Batches = await (
            from batch in db.Set<Batch>()
            where batch.MoveNumber == Number
            join version in db.Set<BatchTransaction>() on batch.Id equals version.BatchId
            where !db.Set<BatchTransaction>().Any(newer => newer.BatchId == batch.Id && newer.Number > version.Number)
            orderby batch.Number
            select new Row(batch.Id, batch.Number, batch.State, version.Fee)).ToListAsync(cancellation);
        return answer;
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var result = await building.LookAsync(Number, Target, cancellation);
        Outlook = result as BuildResult.MoveOutlook;
        Problem = Outlook is null ? treasury.Say(result) : Outlook.Problem is { } fee ? treasury.Say(fee) : null;
    }

    /// <summary>A built transaction.</summary>
    public sealed record Row(Guid Id, int Number, BatchState State, Sats Fee);
}
