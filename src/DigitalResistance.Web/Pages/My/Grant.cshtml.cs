using System.Globalization;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Servers;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.My;

/// <summary>An operator's own part in one round, from each server's score to the amount.</summary>
public sealed class GrantModel(MoneyDb db, ObjectionRaising raising, TimeProvider time, IStringLocalizer<ReviewTexts> texts) : PageModel
{
    public Round Round { get; private set; } = null!;

    public DigitalResistance.Rounds.Grant Own { get; private set; } = null!;

    public IReadOnlyList<ServerLine> Scores { get; private set; } = [];

    /// <summary>The weights of all operators that count.</summary>
    public long TotalWeight { get; private set; }

    /// <summary>The reader's objection.</summary>
    public Objection? Objection { get; private set; }

    /// <summary>Until when the reader may object; null before there is something to object to.</summary>
    public DateTimeOffset? ObjectUntil => ObjectionRaising.Until(Round);

    public bool CanObject => Own.Reason is not null && Objection is null && Round.State == RoundState.Allocated && time.GetUtcNow() < ObjectUntil;

    /// <summary>What the reader objects.</summary>
    [BindProperty]
    public string? Objecting { get; set; }

    public Task<IActionResult> OnGetAsync(int number, CancellationToken cancellation) => ShowAsync(number, cancellation);

    public async Task<IActionResult> OnPostObjectAsync(int number, CancellationToken cancellation)
    {
        var result = await raising.RaiseAsync(number, User.AccountId(), Objecting, cancellation);
        switch (result)
        {
            case ObjectionResult.Raised:
                this.Notify(texts["Object.Done"]);
                return RedirectToPage("Grant", null, new { number, handler = (string?)null });
            case ObjectionResult.NotFound: return NotFound();
            case ObjectionResult.TextMissing or ObjectionResult.TextTooLong:
                ModelState.AddModelError(nameof(Objecting), texts[$"Object.Refused.{result.GetType().Name}", result is ObjectionResult.TextTooLong(var length) ? length : 0, Objection.LongestText]);
                return await ShowAsync(number, cancellation);
            default:
                ModelState.AddModelError("", texts[$"Object.Refused.{result.GetType().Name}", result is ObjectionResult.TooLate(var until) ? Moment(until) : ""]);
                return await ShowAsync(number, cancellation, StatusCodes.Status409Conflict);
        }
    }

    private static string Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "–";

    private async Task<IActionResult> ShowAsync(int number, CancellationToken cancellation, int? status = null)
    {
        var me = User.AccountId();
        if (await db.Set<DigitalResistance.Rounds.Grant>().AsNoTracking().SingleOrDefaultAsync(g => g.RoundNumber == number && g.AccountId == me, cancellation) is not { } grant) return NotFound();
        Own = grant;
        Round = await db.Set<Round>().AsNoTracking().SingleAsync(r => r.Number == number, cancellation);
        TotalWeight = await db.Set<DigitalResistance.Rounds.Grant>().Where(g => g.RoundNumber == number && g.Eligibility != Eligibility.Excluded).SumAsync(g => g.Weight, cancellation);
        Objection = await db.Set<Objection>().AsNoTracking().SingleOrDefaultAsync(o => o.RoundNumber == number && o.Token == grant.Token, cancellation);
        Scores = await (from score in db.Set<FrozenScore>().AsNoTracking()
                        where score.RoundNumber == number && score.AccountId == me
                        join server in db.Set<Server>() on score.ServerId equals server.Id into servers
                        from server in servers.DefaultIfEmpty()
                        orderby score.Weight descending
                        select new ServerLine(server == null ? null : server.Label, score.AvailabilityPpm, score.ValidSlots, score.Weight)).ToListAsync(cancellation);
        var page = Page();
        page.StatusCode = status;
        return page;
    }

    /// <summary>The proofs of this weight and this amount, and what the weight was made from; not there before they are under a checkpoint.</summary>
    public async Task<IActionResult> OnGetBundleAsync(int number, [FromServices] OperatorBundle bundle, CancellationToken cancellation)
    {
        if (await bundle.OpenAsync(User.AccountId(), number, cancellation) is not { } write) return NotFound();
        (Response.ContentType, Response.Headers.ContentDisposition) = ("text/plain; charset=utf-8", string.Create(CultureInfo.InvariantCulture, $"attachment; filename=round-{number}.bundle"));
        await write(Response.Body, cancellation);
        return new EmptyResult();
    }

    /// <summary>One server's score; its label is gone where the server is.</summary>
    public sealed record ServerLine(string? Label, int AvailabilityPpm, int ValidSlots, long Weight);
}
