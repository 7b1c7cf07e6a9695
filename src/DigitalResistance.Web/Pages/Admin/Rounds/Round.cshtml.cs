using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>A round at work: what the next step would do, and the step itself; approvals; the steps back.</summary>
[Authorize(Policies.Admin)]
[RequestSizeLimit(128 * 1024)]
public sealed class RoundModel(
    MoneyDb db, RoundOpening opening, RoundFreezing freezing, RoundAllocating allocating, RoundApproval approval, RoundStepBack stepBack,
    Site site, Sessions sessions, SecondFactor secondFactor, TimeProvider time, IStringLocalizer<RoundStepsTexts> texts) : PageModel
{
    public Round Round { get; private set; } = null!;

    public FreezePreview? Freeze { get; private set; }

    public AllocationPreview? Allocation { get; private set; }

    public ApprovalTally? Tally { get; private set; }

    public bool IsRecused { get; private set; }

    /// <summary>How many operators wait for reviewers.</summary>
    public int Pending { get; private set; }

    public int OpenObjections { get; private set; }

    /// <summary>Whether the installation is still being set up.</summary>
    public bool IsSiteClosed { get; private set; }

    public int MaxSignedIn { get; private set; }

    public DateTimeOffset? ApprovableFrom { get; private set; }

    public bool CanApprove => ApprovableFrom <= time.GetUtcNow();

    public bool CanFreeze => Freeze?.PossibleFrom <= time.GetUtcNow();

    public bool CanGoBack => Round.State is RoundState.Draft or RoundState.Open or RoundState.Frozen or RoundState.Allocated or RoundState.Approved;

    public IEnumerable<SelectListItem> Reasons => Enum.GetValues<CancelReason>().Select(r => new SelectListItem(texts[$"Cancel.{r}"], r.ToString()));

    /// <summary>The version of the round that the page showed.</summary>
    [BindProperty]
    public long Version { get; set; }

    /// <summary>Whether the round shall be frozen although it will pay nobody.</summary>
    [BindProperty]
    public bool EvenForNobody { get; set; }

    /// <summary>A rate for readers, if there is to be one.</summary>
    [BindProperty]
    public RateForm Rate { get; set; } = new();

    public IEnumerable<SelectListItem> Currencies => RateForm.Currencies(texts["Rate.None"]);

    public bool HasRateMistake => ModelState.Any(m => m.Key.StartsWith("Rate.", StringComparison.Ordinal) && m.Value!.Errors.Count > 0);

    [BindProperty]
    public string? Signature { get; set; }

    [BindProperty]
    public IFormFile? SignatureFile { get; set; }

    /// <summary>Of the manifest that the page showed.</summary>
    [BindProperty]
    public string ManifestSha256 { get; set; } = "";

    [BindProperty]
    public string? Code { get; set; }

    [BindProperty]
    public string? CancelCode { get; set; }

    [BindProperty]
    public CancelReason Reason { get; set; }

    public Task<IActionResult> OnGetAsync(int number, CancellationToken cancellation) => ShowAsync(number, Page(), cancellation);

    /// <summary>The private file (token, amount, address) whose hash the manifest holds.</summary>
    public async Task<IActionResult> OnGetPayoutsAsync(int number, CancellationToken cancellation)
    {
        if (!await db.Set<Round>().AnyAsync(r => r.Number == number && r.Manifest != null, cancellation)) return NotFound();
        var grants = await db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == number).ToListAsync(cancellation);
        return File(RoundFiles.Payouts(grants), "text/csv", $"round-{number}-payouts.csv");
    }

    public async Task<IActionResult> OnPostOpenAsync(int number, CancellationToken cancellation) =>
        await AnswerAsync(number, await opening.OpenAsync(number, Version, cancellation), texts["Open.Done"], cancellation);

    public async Task<IActionResult> OnPostFreezeAsync(int number, CancellationToken cancellation) =>
        await AnswerAsync(number, await freezing.FreezeAsync(number, Version, EvenForNobody, cancellation), texts["Freeze.Done"], cancellation);

    public async Task<IActionResult> OnPostAllocateAsync(int number, CancellationToken cancellation)
    {
        if (!Rate.TryRead(ModelState, texts, time.GetUtcNow(), out var rate)) return await ShowAsync(number, Page(), cancellation);
        return await AnswerAsync(number, await allocating.AllocateAsync(number, Version, rate, cancellation), texts["Allocate.Done"], cancellation);
    }

    public async Task<IActionResult> OnPostWithdrawAsync(int number, CancellationToken cancellation) =>
        await AnswerAsync(number, await stepBack.WithdrawAsync(number, Version, cancellation), texts["Withdraw.Done"], cancellation);

    public async Task<IActionResult> OnPostCancelAsync(int number, CancellationToken cancellation)
    {
        if (!Enum.IsDefined(Reason)) return BadRequest();
        if (!await IsFreshAsync(CancelCode, nameof(CancelCode), cancellation)) return await ShowAsync(number, Page(), cancellation);
        return await AnswerAsync(number, await stepBack.CancelAsync(number, Version, Reason, cancellation), texts["Cancel.Done"], cancellation);
    }

    public async Task<IActionResult> OnPostSignatureAsync(int number, CancellationToken cancellation) => await AnswerAsync(
        number, await approval.ApproveBySignatureAsync(number, await SignatureInput.ReadAsync(Signature, SignatureFile, cancellation), cancellation), nameof(Signature), cancellation);

    public async Task<IActionResult> OnPostSignedInAsync(int number, CancellationToken cancellation)
    {
        if (!await IsFreshAsync(Code, nameof(Code), cancellation)) return await ShowAsync(number, Page(), cancellation);
        return await AnswerAsync(number, await approval.ApproveSignedInAsync(number, ManifestSha256, User.AccountId(), cancellation), nameof(Code), cancellation);
    }

    private async Task<bool> IsFreshAsync(string? code, string field, CancellationToken cancellation)
    {
        if (await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), code, cancellation)) return true;
        ModelState.AddModelError(field, texts["Code.Wrong"]);
        return false;
    }

    private async Task<IActionResult> AnswerAsync(int number, RoundResult result, string done, CancellationToken cancellation)
    {
        if (result is not RoundResult.Done) return await ShowAsync(number, this.Refuse(result, texts), cancellation);
        this.Notify(done);
        return RedirectToPage(new { number });
    }

    private async Task<IActionResult> AnswerAsync(int number, ApprovalResult result, string field, CancellationToken cancellation)
    {
        switch (result)
        {
            case ApprovalResult.Counted(var tally):
                this.Notify(texts["Approve.Done", tally.Have, tally.Needed]);
                return RedirectToPage(new { number });
            case ApprovalResult.AlreadyCounted(var tally):
                this.Notify(texts["Approve.Already", tally.Have, tally.Needed]);
                return RedirectToPage(new { number });
            default:
                return await ShowAsync(number, this.Refuse(result, field, texts), cancellation);
        }
    }

    /// <summary>Reads the round as it is now, whatever the step found.</summary>
    private async Task<IActionResult> ShowAsync(int number, IActionResult answer, CancellationToken cancellation)
    {
        if (answer is not PageResult || await db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation) is not { } round)
            return answer is PageResult ? NotFound() : answer;
        Round = round;
        IsSiteClosed = round.State == RoundState.Draft && await site.OpenedAtAsync(cancellation) is null;
        if (round.State == RoundState.Open) Freeze = await freezing.PreviewAsync(number, cancellation);
        if (round.State == RoundState.Frozen) Allocation = await allocating.PreviewAsync(number, cancellation);
        if (round.State == RoundState.Frozen) Pending = await db.Set<Grant>().CountAsync(g => g.RoundNumber == number && g.Eligibility == Eligibility.Pending, cancellation);
        if (round.State != RoundState.Allocated) return answer;
        OpenObjections = await db.Set<Objection>().CountAsync(o => o.RoundNumber == number && o.Verdict == null, cancellation);
        Tally = await approval.TallyAsync(number, cancellation);
        var (me, policy) = (User.AccountId(), round.Policy);
        (MaxSignedIn, ApprovableFrom) = (policy.MaxSignedInApprovals, round.AllocatedAt!.Value.AddSeconds(policy.ObjectionSeconds));
        IsRecused = (await db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == number && g.AccountId == me).ToListAsync(cancellation)).Exists(g => g.IsRecipient);
        return answer;
    }
}
