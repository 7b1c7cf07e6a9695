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

/// <summary>The operators of a round as reviewers see them, what is decided about them, and their objections.</summary>
[Authorize(Policies.Admin)]
public sealed class ReviewModel(
    MoneyDb db, ReviewSheet sheet, OperatorReview review, ObjectionDeciding deciding, AsnRanges asns,
    Sessions sessions, SecondFactor secondFactor, IStringLocalizer<ReviewTexts> texts, IStringLocalizer<RoundStepsTexts> steps) : PageModel
{
    public Round Round { get; private set; } = null!;

    public IReadOnlyList<ReviewRow> Rows { get; private set; } = [];

    public IReadOnlyDictionary<Eligibility, int> Counts { get; private set; } = new Dictionary<Eligibility, int>();

    public IReadOnlyList<ObjectionView> Objections { get; private set; } = [];

    public IReadOnlyList<PastDecision> History { get; private set; } = [];

    /// <summary>Cursor of the next page; null on the last.</summary>
    public string? Next { get; private set; }

    public bool AsnsAreKnown => asns.IsKnown;

    /// <summary>Whether anything can be decided now.</summary>
    public bool IsOpen => Round.State is RoundState.Frozen or RoundState.Allocated;

    [BindProperty(SupportsGet = true)]
    public ReviewFilter Show { get; set; }

    /// <summary>The token after which the operators of this page come.</summary>
    [BindProperty(SupportsGet = true)]
    public string? After { get; set; }

    /// <summary>State of the round as the page showed it.</summary>
    [BindProperty]
    public RoundState State { get; set; }

    /// <summary>Revision of the round as the page showed it.</summary>
    [BindProperty]
    public int Revision { get; set; }

    /// <summary>Chosen operators as they were shown: token and standing.</summary>
    [BindProperty]
    public IReadOnlyList<string> Chosen { get; set; } = [];

    [BindProperty]
    public Eligibility Outcome { get; set; }

    [BindProperty]
    public DecisionReason? Reason { get; set; }

    [BindProperty]
    public string? Code { get; set; }

    /// <summary>Token of the operator whose objection is judged.</summary>
    [BindProperty]
    public string? Judged { get; set; }

    [BindProperty]
    public ObjectionVerdict Verdict { get; set; }

    [BindProperty]
    public string? JudgeCode { get; set; }

    public IEnumerable<SelectListItem> Outcomes =>
        new[] { Eligibility.Eligible, Eligibility.Held, Eligibility.Excluded }.Select(o => new SelectListItem(texts[$"Outcome.{o}"], o.ToString()));

    public IEnumerable<SelectListItem> Reasons =>
        DecisionReasons.Against.Concat(DecisionReasons.ForClearing).Select(r => new SelectListItem(texts[$"Reason.{r}"], r.ToString())).Prepend(new SelectListItem(texts["Reason.None"], ""));

    public IReadOnlyList<SelectListItem> ToJudge => [.. Objections.Where(o => o.MayVote && o.Verdict is null && IsOpen).Select(o => new SelectListItem(o.Token, o.Token))];

    public IEnumerable<SelectListItem> Verdicts => Enum.GetValues<ObjectionVerdict>().Select(v => new SelectListItem(texts[$"Vote.{v}"], v.ToString()));

    public Task<IActionResult> OnGetAsync(int number, CancellationToken cancellation) => ShowAsync(number, Page(), cancellation);

    public async Task<IActionResult> OnPostDecideAsync(int number, CancellationToken cancellation)
    {
        if (Seen() is not { } seen || !Enum.IsDefined(Outcome) || (Reason is { } reason && !Enum.IsDefined(reason))) return BadRequest();
        if (!await IsFreshAsync(Code, nameof(Code), cancellation)) return await ShowAsync(number, Page(), cancellation);
        switch (await review.DecideAsync(number, User.AccountId(), new DecisionRequest(State, Revision, Outcome, Reason, seen), cancellation))
        {
            case DecisionResult.Done(var operators, var isVoid):
                this.Notify(isVoid ? texts["Decide.Done.Void", operators] : texts["Decide.Done", operators]);
                return RedirectToPage(new { number, show = Show, after = After });
            case DecisionResult.NotFound: return NotFound();
            case var refusal: return await RefuseAsync(number, refusal, cancellation);
        }
    }

    public async Task<IActionResult> OnPostJudgeAsync(int number, CancellationToken cancellation)
    {
        if (!Enum.IsDefined(Verdict)) return BadRequest();
        if (!await IsFreshAsync(JudgeCode, nameof(JudgeCode), cancellation)) return await ShowAsync(number, Page(), cancellation);
        var result = await deciding.VoteAsync(number, Judged ?? "", User.AccountId(), Verdict, cancellation);
        switch (result)
        {
            case VoteResult.Counted:
                this.Notify(texts["Judge.Counted"]);
                return RedirectToPage(new { number });
            case VoteResult.Decided(var verdict):
                this.Notify(texts[$"Judge.Decided.{verdict}"]);
                return RedirectToPage(new { number });
            case VoteResult.NotFound: return NotFound();
            default:
                ModelState.AddModelError(nameof(Judged), texts[$"Vote.Refused.{result.GetType().Name}"]);
                return await ShowAsync(number, Again(result is VoteResult.WrongState ? StatusCodes.Status409Conflict : StatusCodes.Status403Forbidden), cancellation);
        }
    }

    private async Task<IActionResult> RefuseAsync(int number, DecisionResult refusal, CancellationToken cancellation)
    {
        var (field, token) = refusal switch
        {
            DecisionResult.ReasonDoesNotFit => (nameof(Reason), ""),
            DecisionResult.AlreadySo(var same) => ("", same),
            DecisionResult.Recused(var own) => ("", own),
            DecisionResult.ObjectionIsOpen(var open) => ("", open),
            DecisionResult.ObjectionWasUpheld(var upheld) => ("", upheld),
            _ => ("", ""),
        };
        ModelState.AddModelError(field, texts[$"Refused.{refusal.GetType().Name}", token]);
        return await ShowAsync(number, Again(refusal switch
        {
            DecisionResult.NotAnAdmin or DecisionResult.Recused => StatusCodes.Status403Forbidden,
            DecisionResult.WrongState or DecisionResult.ChangedMeanwhile or DecisionResult.ObjectionIsOpen or DecisionResult.ObjectionWasUpheld => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status422UnprocessableEntity,
        }), cancellation);
    }

    private PageResult Again(int status)
    {
        var page = Page();
        page.StatusCode = status;
        return page;
    }

    /// <summary>What was chosen; null where no page of ours could have sent it.</summary>
    private List<SeenOperator>? Seen()
    {
        List<SeenOperator> seen = [];
        foreach (var chosen in Chosen)
        {
            if (chosen.Split(':') is not [var token, var standing] || !Enum.TryParse<Eligibility>(standing, out var eligibility)) return null;
            seen.Add(new(token, eligibility));
        }

        return seen;
    }

    private async Task<bool> IsFreshAsync(string? code, string field, CancellationToken cancellation)
    {
        if (await secondFactor.VerifyFreshAsync(await sessions.CurrentAsync(cancellation), code, cancellation)) return true;
        ModelState.AddModelError(field, steps["Code.Wrong"]);
        return false;
    }

    /// <summary>Reads the round as it is now, whatever an act found.</summary>
    private async Task<IActionResult> ShowAsync(int number, IActionResult answer, CancellationToken cancellation)
    {
        if (await db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation) is not { } round) return NotFound();
        var me = User.AccountId();
        Round = round;
        Counts = await sheet.CountsAsync(number, cancellation);
        Objections = await sheet.ObjectionsAsync(number, me, cancellation);
        History = await sheet.HistoryAsync(number, me, cancellation);
        var rows = await sheet.RowsAsync(number, Show, After, me, cancellation);
        Rows = [.. rows.Take(ReviewSheet.PageSize)];
        Next = rows.Count > ReviewSheet.PageSize ? Rows[^1].Token : null;
        return answer;
    }
}
