using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Admin.Rounds;

/// <summary>The terms of a round: a new draft, a changed draft, or new money terms of a frozen round.</summary>
[Authorize(Policies.Admin)]
public sealed class EditModel(
    MoneyDb db, RoundDrafting drafting, RoundStepBack stepBack, Policy policy, TimeProvider time, IStringLocalizer<RoundStepsTexts> texts) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public int? Number { get; set; }

    [BindProperty]
    public long Version { get; set; }

    [BindProperty]
    public RoundForm Input { get; set; } = new();

    /// <summary>Whether scores are frozen, so that only money terms can change.</summary>
    public bool IsRevision { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (Number is not { } number)
        {
            Input = RoundForm.Of(await ProposalAsync(cancellation));
            return Page();
        }

        if (await FindAsync(number, cancellation) is not { } round) return NotFound();
        if (!CanEdit(round)) return RedirectToPage("Round", new { number });
        (Version, IsRevision, Input) = (round.Version, round.State != RoundState.Draft, RoundForm.Of(round.Terms));
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var round = Number is { } number ? await FindAsync(number, cancellation) : null;
        IsRevision = round is { State: not RoundState.Draft };
        if (Input.Read(ModelState, texts) is not { } terms) return Page();
        var result = (Number, IsRevision) switch
        {
            (null, _) => await drafting.CreateAsync(terms, User.AccountId(), cancellation),
            ({ } n, false) => await drafting.EditAsync(n, Version, terms, cancellation),
            ({ } n, true) => await stepBack.ReviseAsync(n, Version, terms, cancellation),
        };
        if (result is RoundResult.Done done)
        {
            this.Notify(texts["Saved"]);
            return RedirectToPage("Round", new { number = done.Number });
        }

        if (result is not RoundResult.TermsRefused refused) return this.Refuse(result, texts);
        foreach (var problem in refused.Problems) ModelState.AddModelError(RoundForm.FieldOf(problem), texts[$"Terms.{problem}"]);
        return Page();
    }

    private Task<Round?> FindAsync(int number, CancellationToken cancellation) => db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation);

    private static bool CanEdit(Round round) => round.State is RoundState.Draft or RoundState.Frozen or RoundState.Allocated or RoundState.Approved;

    /// <summary>What the next round would most likely be: as the last one, right after it.</summary>
    private async Task<RoundTerms> ProposalAsync(CancellationToken cancellation)
    {
        var last = await db.Set<Round>().AsNoTracking().Where(r => r.State != RoundState.Cancelled).OrderByDescending(r => r.EndsAt).FirstOrDefaultAsync(cancellation);
        if (last is not null) return last.Terms with { StartsAt = last.EndsAt, EndsAt = last.EndsAt + (last.EndsAt - last.StartsAt) };
        var now = time.GetUtcNow();
        var slot = policy.Slot.Ticks;
        var start = new DateTimeOffset((now.UtcTicks + slot - 1) / slot * slot, TimeSpan.Zero);
        return new(start, start + TimeSpan.FromDays(30), new(0), 50_000, new(20_000), new(1_000), new(100_000), 50);
    }
}
