using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>
/// Admins who decided nothing about an operator in a round, and share nothing with it, judge its objection: two who agree, or the one where there is
/// only one. The caller has just verified a second factor.
/// </summary>
public sealed class ObjectionDeciding(MoneyDb db, TimeProvider time)
{
    private const int Attempts = 5;

    /// <summary>Takes one admin's vote; a later one by the same admin takes its place.</summary>
    public async Task<VoteResult> VoteAsync(int number, string token, Guid admin, ObjectionVerdict verdict, CancellationToken cancellation = default)
    {
        // Two votes at once both count: the one whose save came second counts again.
        for (var attempt = 1; ; attempt++)
        {
            if (await TryAsync(number, token, admin, verdict, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"Round {number} kept changing while an objection was voted on {Attempts} times.");
        }
    }

    private async Task<VoteResult?> TryAsync(int number, string token, Guid admin, ObjectionVerdict verdict, CancellationToken cancellation)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        var round = await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        var objection = await db.Set<Objection>().SingleOrDefaultAsync(o => o.RoundNumber == number && o.Token == token, cancellation);
        if (round is null || objection is null) return new VoteResult.NotFound();
        if (round.State is not (RoundState.Frozen or RoundState.Allocated)) return new VoteResult.WrongState(round.State);
        if (objection.Verdict is { } earlier) return new VoteResult.Decided(earlier);
        var admins = await AdminRole.MembersAsync(db, cancellation);
        if (!admins.Contains(admin)) return new VoteResult.NotAnAdmin();
        var bench = await ObjectionBench.ReadAsync(db, number, admins, cancellation);
        if (bench.IsRecused(admin, token)) return new VoteResult.Recused();
        if (bench.HasDecided(admin, token)) return new VoteResult.DecidedBefore();

        var votes = await db.Set<ObjectionVote>().Where(v => v.RoundNumber == number && v.Token == token).ToListAsync(cancellation);
        var mine = votes.Find(v => v.AdminId == admin);
        var isSaidAgain = mine?.Verdict == verdict;
        if (mine is not null) mine.Verdict = verdict;
        else
        {
            votes.Add(new ObjectionVote { RoundNumber = number, Token = token, AdminId = admin, Verdict = verdict });
            db.Add(votes[^1]);
        }

        var judges = bench.JudgesOf(token);
        var agreeing = votes.Count(v => v.Verdict == verdict && judges.Contains(v.AdminId));
        var isDecided = agreeing >= Math.Min(2, judges.Count);
        // The same vote once more, and still not enough: nothing changes, whatever was pressed how often.
        if (isSaidAgain && !isDecided) return new VoteResult.Counted();
        if (isDecided && await DecideAsync(round, objection, admin, verdict, agreeing, cancellation)) book.Version++;
        round.Version++;
        if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return null;
        return isDecided ? new VoteResult.Decided(verdict) : new VoteResult.Counted();
    }

    /// <summary>Returns whether amounts became void.</summary>
    private async Task<bool> DecideAsync(Round round, Objection objection, Guid admin, ObjectionVerdict verdict, int admins, CancellationToken cancellation)
    {
        var (number, token, now) = (round.Number, objection.Token, time.GetUtcNow());
        objection.Verdict = verdict;
        db.Append(new ObjectionDecided(number, round.Revision, token, verdict, admins), now);
        if (verdict == ObjectionVerdict.Dismissed) return false;

        var wasAllocated = round.State == RoundState.Allocated;
        if (wasAllocated) await RoundStepBack.ToFrozenAsync(db, round, round.Terms, now, cancellation);
        var grant = await db.Set<Grant>().SingleAsync(g => g.RoundNumber == number && g.Token == token, cancellation);
        (grant.Eligibility, grant.Reason) = (Eligibility.Eligible, null);
        db.Add(new Decision
        {
            RoundNumber = number, Token = token, AccountId = grant.AccountId, AdminId = admin, Outcome = Eligibility.Eligible, Reason = DecisionReason.ObjectionUpheld, At = now,
        });
        db.Append(new OperatorCleared(number, round.Revision, token, DecisionReason.ObjectionUpheld), now);
        return wasAllocated;
    }
}

/// <summary>Who may judge the objections of a round.</summary>
internal sealed class ObjectionBench
{
    private readonly IReadOnlyCollection<Guid> _admins;
    private readonly Recusals _recusals;
    private readonly HashSet<(Guid Admin, string Token)> _decided;

    private ObjectionBench(IReadOnlyCollection<Guid> admins, Recusals recusals, HashSet<(Guid, string)> decided) => (_admins, _recusals, _decided) = (admins, recusals, decided);

    public static async Task<ObjectionBench> ReadAsync(MoneyDb db, int round, IReadOnlyCollection<Guid> admins, CancellationToken cancellation)
    {
        var decided = await db.Set<Decision>().AsNoTracking().Where(d => d.RoundNumber == round && d.AdminId != null).Select(d => new { d.AdminId, d.Token }).ToListAsync(cancellation);
        return new(admins, await Recusals.ReadAsync(db, round, admins, cancellation), [.. decided.Select(d => (d.AdminId!.Value, d.Token))]);
    }

    public bool IsRecused(Guid admin, string token) => _recusals.IsRecused(admin, token);

    public bool HasDecided(Guid admin, string token) => _decided.Contains((admin, token));

    /// <summary>The admins who may.</summary>
    public HashSet<Guid> JudgesOf(string token) => [.. _admins.Where(a => !IsRecused(a, token) && !HasDecided(a, token))];
}

/// <summary>How voting on an objection can end.</summary>
public abstract record VoteResult
{
    private VoteResult()
    {
    }

    /// <summary>It counts, and another admin is needed who says the same.</summary>
    public sealed record Counted : VoteResult;

    /// <summary>The objection is decided, by this vote or before it.</summary>
    public sealed record Decided(ObjectionVerdict Verdict) : VoteResult;

    /// <summary>There is no such objection.</summary>
    public sealed record NotFound : VoteResult;

    /// <summary>The round is neither frozen nor allocated.</summary>
    public sealed record WrongState(RoundState State) : VoteResult;

    /// <summary>Whoever votes is not an admin (any more).</summary>
    public sealed record NotAnAdmin : VoteResult;

    /// <summary>The admin owns this operator, or one that shares something with it.</summary>
    public sealed record Recused : VoteResult;

    /// <summary>The admin decided about this operator in this round before.</summary>
    public sealed record DecidedBefore : VoteResult;
}
