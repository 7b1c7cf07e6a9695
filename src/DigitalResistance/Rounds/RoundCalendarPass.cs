using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DigitalResistance.Rounds;

/// <summary>
/// Opens the round that follows one whose period has ended, where its admin wanted that: from the same instant on, so that no uptime falls between two.
/// It promises as much as the last one did, or as much as there is.
/// </summary>
public sealed partial class RoundCalendarPass(
    MoneyDb db, RuleBooks rules, RoundBudget budget, RoundDrafting drafting, RoundOpening opening, TimeProvider time, ILogger<RoundCalendarPass> log) : IPass
{
    private static readonly TimeSpan ShortestMonth = TimeSpan.FromDays(14);

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var last = await db.Set<Round>().AsNoTracking().Where(r => r.State != RoundState.Draft && r.State != RoundState.Cancelled).OrderByDescending(r => r.EndsAt).FirstOrDefaultAsync(cancellation);
        if (last is null or { Next: NextRound.None } || last.EndsAt > time.GetUtcNow()) return 0;
        // A proposal for the time after is an admin's to open.
        if (await db.Set<Round>().AnyAsync(r => r.State != RoundState.Cancelled && r.StartsAt >= last.EndsAt, cancellation)) return 0;
        var terms = await AffordableAsync(last.Terms with { StartsAt = last.EndsAt, EndsAt = EndOf(last) }, cancellation);
        if (terms.Budget < terms.Floor || await OpenAsync(last, terms, cancellation) is not RoundResult.Done)
        {
            LogNotOpened(last.Number);
            return 0;
        }

        return 1;
    }

    /// <summary>What must be free for a round of these terms to follow, however little it gives: its smallest payment, and what its transactions may cost.</summary>
    public static Sats LeastFor(RoundTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return terms.Floor + terms.MaxFee;
    }

    /// <summary>The end of the round after this one.</summary>
    public static DateTimeOffset EndOf(Round last)
    {
        ArgumentNullException.ThrowIfNull(last);
        return last.Next == NextRound.CalendarMonth ? MonthFrom(last.EndsAt) : last.EndsAt + (last.EndsAt - last.StartsAt);
    }

    /// <summary>The first beginning of a month (UTC) that is two weeks away or more.</summary>
    public static DateTimeOffset MonthFrom(DateTimeOffset start)
    {
        var month = new DateTimeOffset(start.Year, start.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        return month - start < ShortestMonth ? month.AddMonths(1) : month;
    }

    private async Task<RoundTerms> AffordableAsync(RoundTerms terms, CancellationToken cancellation)
    {
        if (await budget.FreeAsync(number: 0, cancellation) is not { } free || terms.Budget + terms.MaxFee <= free) return terms;
        var most = Math.Max(0, (free - terms.MaxFee).Value);
        return terms with { Budget = new(most / terms.Step.Value * terms.Step.Value) };
    }

    // Both or neither: a draft that is left over would keep the next turn from trying again.
    private async Task<RoundResult> OpenAsync(Round last, RoundTerms terms, CancellationToken cancellation)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        var name = last.Policy.Name;
        var opened = await db.OpenedAsync(number: 0, cancellation);
        var policy = rules.Find(name) is { } same && RuleBooks.Allows(same, opened) ? same : rules.For(opened);
        if (await drafting.CreateAsync(terms, last.ProposedBy, new RoundPlanning(policy.Name, last.Next), cancellation) is not RoundResult.Done(var number, _)) return new RoundResult.ChangedMeanwhile();
        var result = await opening.OpenAsync(number, version: 0, cancellation);
        if (result is RoundResult.Done) await transaction.CommitAsync(cancellation);
        return result;
    }

    [LoggerMessage(1, LogLevel.Warning, "No round follows round {Round}: the treasury has too little, or its terms cannot be used any more. Propose one.")]
    private partial void LogNotOpened(int round);
}
