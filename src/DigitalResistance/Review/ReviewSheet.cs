using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>What an admin sees of the operators of a round: names of that round, what they run in rough numbers, and letters. Never an address, a host or an account.</summary>
public sealed class ReviewSheet(MoneyDb db, IDataProtectionProvider protection)
{
    /// <summary>How many operators stand on one page.</summary>
    public const int PageSize = 100;

    /// <summary>Operators by name, from after <paramref name="after"/> on; one more than a page where there are more.</summary>
    public async Task<IReadOnlyList<ReviewRow>> RowsAsync(int round, ReviewFilter filter, string? after, Guid admin, CancellationToken cancellation)
    {
        var grants = Filtered(round, filter);
#pragma warning disable CA1309, CA1310 // Compared by the database, which orders by the same rule.
        if (after is not null) grants = grants.Where(g => string.Compare(g.Token, after) > 0);
#pragma warning restore CA1309, CA1310
        var page = await grants.OrderBy(g => g.Token).Take(PageSize + 1).Select(g => new { g.Token, g.Weight, g.Eligibility, g.Reason }).ToListAsync(cancellation);
        var tokens = page.ConvertAll(g => g.Token);
        var lines = await db.Set<ReviewLine>().AsNoTracking().Where(l => l.RoundNumber == round && tokens.Contains(l.Token)).ToDictionaryAsync(l => l.Token, StringComparer.Ordinal, cancellation);
        var groups = (await db.Set<ReviewGroup>().AsNoTracking().Where(g => g.RoundNumber == round && tokens.Contains(g.Token)).ToListAsync(cancellation)).ToLookup(g => g.Token, StringComparer.Ordinal);
        var recusals = await Recusals.ReadAsync(db, round, [admin], cancellation);
        var total = await db.Set<Grant>().Where(g => g.RoundNumber == round).SumAsync(g => g.Weight, cancellation);
        return page.ConvertAll(g =>
        {
            var line = lines.GetValueOrDefault(g.Token);
            return new ReviewRow(
                g.Token, g.Eligibility, g.Reason, line?.IsFlagged ?? false, line is { Protocols.Length: > 0 } ? line.Protocols.Split(',') : [], line?.ServersFrom ?? 0, line?.TenureFromHours ?? 0,
                total == 0 ? 0 : (int)((Int128)g.Weight * 1_000_000 / total), groups[g.Token].OrderBy(x => x.Number).ToLookup(x => x.Kind, x => OperatorGroup.Letter(x.Number)), recusals.IsRecused(admin, g.Token));
        });
    }

    /// <summary>How many operators stand how.</summary>
    public async Task<IReadOnlyDictionary<Eligibility, int>> CountsAsync(int round, CancellationToken cancellation) =>
        await db.Set<Grant>().Where(g => g.RoundNumber == round).GroupBy(g => g.Eligibility).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);

    /// <summary>What was decided in the round so far, the newest first.</summary>
    public async Task<IReadOnlyList<PastDecision>> HistoryAsync(int round, Guid admin, CancellationToken cancellation) =>
        await db.Set<Decision>().AsNoTracking().Where(d => d.RoundNumber == round && d.Reason != null).OrderByDescending(d => d.Id).Take(PageSize)
            .Select(d => new PastDecision(d.Token, d.Outcome, d.Reason!.Value, d.At, d.AdminId == admin)).ToListAsync(cancellation);

    /// <summary>Every objection of the round, open ones first, with what the admin may do about it.</summary>
    public async Task<IReadOnlyList<ObjectionView>> ObjectionsAsync(int round, Guid admin, CancellationToken cancellation)
    {
        var objections = await db.Set<Objection>().AsNoTracking().Where(o => o.RoundNumber == round).OrderBy(o => o.Verdict != null).ThenBy(o => o.Token).ToListAsync(cancellation);
        if (objections.Count == 0) return [];
        var votes = (await db.Set<ObjectionVote>().AsNoTracking().Where(v => v.RoundNumber == round).ToListAsync(cancellation)).ToLookup(v => v.Token, StringComparer.Ordinal);
        var bench = await ObjectionBench.ReadAsync(db, round, await AdminRole.MembersAsync(db, cancellation), cancellation);
        var protector = protection.CreateProtector(Objection.Purpose);
        return objections.ConvertAll(o =>
        {
            var judges = bench.JudgesOf(o.Token);
            var counted = votes[o.Token].Where(v => judges.Contains(v.AdminId)).ToList();
            return new ObjectionView(
                o.Token, o.SealedText is { } text ? Encoding.UTF8.GetString(protector.Unprotect(text)) : null, o.RaisedAt, o.Verdict,
                counted.Count(v => v.Verdict == ObjectionVerdict.Upheld), counted.Count(v => v.Verdict == ObjectionVerdict.Dismissed), judges.Count,
                judges.Contains(admin), bench.IsRecused(admin, o.Token), counted.Find(v => v.AdminId == admin)?.Verdict);
        });
    }

    private IQueryable<Grant> Filtered(int round, ReviewFilter filter)
    {
        var all = db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == round);
        return filter switch
        {
            ReviewFilter.Pending => all.Where(g => g.Eligibility == Eligibility.Pending),
            ReviewFilter.Decided => all.Where(g => g.Eligibility == Eligibility.Held || g.Eligibility == Eligibility.Excluded),
            ReviewFilter.Sharing => all.Where(g => db.Set<ReviewGroup>().Any(x => x.RoundNumber == round && x.Token == g.Token)),
            _ => all,
        };
    }
}

/// <summary>Which operators are shown.</summary>
public enum ReviewFilter
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Who waits.</summary>
    Pending,

    /// <summary>Who has a letter.</summary>
    Sharing,

    /// <summary>Who is held or excluded.</summary>
    Decided,
}

/// <summary>One operator as reviewers see it.</summary>
/// <param name="Token">Name in the round.</param>
/// <param name="Eligibility">How it stands.</param>
/// <param name="Reason">Why it is held or excluded.</param>
/// <param name="IsFlagged">Whether the last round that decided about it was against it.</param>
/// <param name="Protocols">Ids of its protocols.</param>
/// <param name="ServersFrom">Least number of servers: from here to one less than the double.</param>
/// <param name="TenureFromHours">The highest step of tenure that it reached.</param>
/// <param name="WeightPpm">Its share of all weights.</param>
/// <param name="Letters">Letters by what is shared.</param>
/// <param name="IsRecused">Whether the reader may not decide about it.</param>
public sealed record ReviewRow(
    string Token, Eligibility Eligibility, DecisionReason? Reason, bool IsFlagged, IReadOnlyList<string> Protocols, int ServersFrom, int TenureFromHours, int WeightPpm,
    ILookup<GroupKind, string> Letters, bool IsRecused);

/// <summary>A decision as reviewers see it.</summary>
public sealed record PastDecision(string Token, Eligibility Outcome, DecisionReason Reason, DateTimeOffset At, bool IsOwn);

/// <summary>An objection as reviewers see it.</summary>
/// <param name="Token">Name in the round.</param>
/// <param name="Text">What the operator wrote; null where it was deleted, or lost with a database.</param>
/// <param name="RaisedAt">When.</param>
/// <param name="Verdict">How it was decided; null while it is open.</param>
/// <param name="Upheld">Votes that count for the operator.</param>
/// <param name="Dismissed">Votes that count against.</param>
/// <param name="Judges">How many admins may vote.</param>
/// <param name="MayVote">Whether the reader is one of them.</param>
/// <param name="IsRecused">Whether the reader owns the operator or shares something with it.</param>
/// <param name="Own">The reader's vote.</param>
public sealed record ObjectionView(
    string Token, string? Text, DateTimeOffset RaisedAt, ObjectionVerdict? Verdict, int Upheld, int Dismissed, int Judges, bool MayVote, bool IsRecused, ObjectionVerdict? Own)
{
    /// <summary>Whether nobody who may vote could bring it to an end: there is no judge, or there are two who disagree.</summary>
    public bool NeedsAnotherAdmin => Verdict is null && (Judges == 0 || (Judges == 2 && Upheld == 1 && Dismissed == 1));
}
