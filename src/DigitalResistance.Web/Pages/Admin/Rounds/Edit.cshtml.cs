using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>The terms of a round: a new draft, a changed draft, or new money terms of a frozen round; and what they would most likely pay, before they are saved.</summary>
[Authorize(Policies.Admin)]
public sealed class EditModel(
    MoneyDb db, RoundDrafting drafting, RoundStepBack stepBack, RoundForecasting forecasting, RuleBooks rules, IOptions<RoundsOptions> limits, TimeProvider time,
    IStringLocalizer<RoundStepsTexts> texts) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public int? Number { get; set; }

    /// <summary>What a new round starts from: the last one, or a calendar month.</summary>
    [BindProperty(SupportsGet = true)]
    public RoundTemplate From { get; set; }

    [BindProperty]
    public long Version { get; set; }

    [BindProperty]
    public RoundForm Input { get; set; } = new();

    /// <summary>What was entered and what is stored, where somebody else saved meanwhile.</summary>
    public BothVersions? Both { get; private set; }

    /// <summary>Whether scores are frozen, so that only money terms can change.</summary>
    public bool IsRevision { get; private set; }

    public RoundForecast? Forecast { get; private set; }

    public IEnumerable<SelectListItem> Rules => rules.Offered.Select(p => new SelectListItem(p.FirstRounds > 0 ? texts["Rules.First", p.Name, p.FirstRounds] : texts["Rules.Usual", p.Name], p.Name));

    public IEnumerable<SelectListItem> Nexts => Enum.GetValues<NextRound>().Select(n => new SelectListItem(texts[$"Next.{n}"], n.ToString()));

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (Number is not { } number)
        {
            Input = await ProposalAsync(cancellation);
            return Page();
        }

        if (await FindAsync(number, cancellation) is not { } round) return NotFound();
        if (!CanEdit(round)) return RedirectToPage("Round", new { number });
        (Version, IsRevision, Input) = (round.Version, round.State != RoundState.Draft, RoundForm.Of(round.Terms, round.Policy.Name, round.Next));
        return Page();
    }

    /// <summary>Looks ahead and saves nothing.</summary>
    public async Task<IActionResult> OnPostLookAsync(CancellationToken cancellation)
    {
        if (await ReadAsync(cancellation) is not { } terms) return Page();
        if (rules.Find(Input.Rules ?? "") is not { } policy) return this.Refuse(new RoundResult.RulesNotOffered(Input.Rules ?? ""), texts);
        if (terms.Problems(limits.Value, policy) is { Count: > 0 } problems) return Refuse(problems);
        Forecast = await forecasting.LookAsync(Number ?? 0, terms, policy, Input.Next, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (await ReadAsync(cancellation) is not { } terms) return Page();
        var planning = new RoundPlanning(Input.Rules ?? rules.Usual.Name, Input.Next);
        var result = (Number, IsRevision) switch
        {
            (null, _) => await drafting.CreateAsync(terms, User.AccountId(), planning, cancellation),
            ({ } n, false) => await drafting.EditAsync(n, Version, terms, User.AccountId(), planning, cancellation),
            ({ } n, true) => await stepBack.ReviseAsync(n, Version, terms, User.AccountId(), cancellation),
        };
        switch (result)
        {
            case RoundResult.Done done:
                this.Notify(texts["Saved"]);
                return RedirectToPage("Round", new { number = done.Number });
            case RoundResult.TermsRefused refused:
                return Refuse(refused.Problems);
            case RoundResult.ChangedMeanwhile when Number is { } changed:
                return await ConflictAsync(changed, terms, cancellation);
            default:
                return this.Refuse(result, texts);
        }
    }

    private async Task<RoundTerms?> ReadAsync(CancellationToken cancellation)
    {
        var round = Number is { } number ? await FindAsync(number, cancellation) : null;
        IsRevision = round is { State: not RoundState.Draft };
        // Where there is no choice the form does not ask, whatever a draft was written with before.
        if (rules.Offered.Count == 1) Input.Rules = rules.Usual.Name;
        return Input.Read(ModelState, texts);
    }

    private PageResult Refuse(IEnumerable<TermsProblem> problems)
    {
        foreach (var problem in problems) ModelState.AddModelError(RoundForm.FieldOf(problem), texts[$"Terms.{problem}"]);
        return Page();
    }

    private async Task<IActionResult> ConflictAsync(int number, RoundTerms entered, CancellationToken cancellation)
    {
        if (await FindAsync(number, cancellation) is not { } round) return NotFound();
        // Whoever saves again has seen both.
        (Version, IsRevision) = (round.Version, round.State != RoundState.Draft);
        var (yours, now) = (RoundForm.Of(entered, Input.Rules ?? "", Input.Next), RoundForm.Of(round.Terms, round.Policy.Name, round.Next));
        Both = new BothVersions(
        [
            new(texts["Form.Starts"], yours.Starts, now.Starts), new(texts["Form.Ends"], yours.Ends, now.Ends), new(texts["Form.Budget"], yours.Budget, now.Budget),
            new(texts["Form.Cap"], yours.CapPercent, now.CapPercent), new(texts["Form.Floor"], yours.Floor, now.Floor), new(texts["Form.Step"], yours.Step, now.Step),
            new(texts["Form.MaxFee"], yours.MaxFee, now.MaxFee), new(texts["Form.MaxFeeRate"], yours.MaxFeeRate, now.MaxFeeRate),
        ], CanEdit(round));
        Response.StatusCode = StatusCodes.Status409Conflict;
        return Page();
    }

    private Task<Round?> FindAsync(int number, CancellationToken cancellation) => db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation);

    private static bool CanEdit(Round round) => round.State is RoundState.Draft or RoundState.Frozen or RoundState.Allocated or RoundState.Approved;

    /// <summary>What the next round would most likely be: right after the last one, and like it, or to the end of a month.</summary>
    private async Task<RoundForm> ProposalAsync(CancellationToken cancellation)
    {
        var rounds = db.Set<Round>().AsNoTracking().Where(r => r.State != RoundState.Cancelled);
        var policy = rules.For(await rounds.CountAsync(r => r.State != RoundState.Draft, cancellation));
        var last = await rounds.OrderByDescending(r => r.EndsAt).FirstOrDefaultAsync(cancellation);
        var start = last?.EndsAt ?? NextSlot(policy.Slot.Ticks);
        var terms = last?.Terms ?? new RoundTerms(start, start + TimeSpan.FromDays(30), new(0), 50_000, new(20_000), new(1_000), new(100_000), 50);
        var ends = From == RoundTemplate.Month ? RoundCalendarPass.MonthFrom(start) : start + (terms.EndsAt - terms.StartsAt);
        return RoundForm.Of(terms with { StartsAt = start, EndsAt = ends }, policy.Name, last?.Next ?? NextRound.None);
    }

    private DateTimeOffset NextSlot(long slot) => new((time.GetUtcNow().UtcTicks + slot - 1) / slot * slot, TimeSpan.Zero);
}

/// <summary>What a new round starts from.</summary>
public enum RoundTemplate
{
    /// <summary>The last round.</summary>
    Last,

    /// <summary>A calendar month.</summary>
    Month,
}
