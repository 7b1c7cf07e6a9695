using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Review;

/// <summary>
/// An admin decides about operators of a frozen or allocated round: who takes part, who is held, who is excluded. What was allocated is void by
/// that, as after a revision. The caller has just verified a second factor.
/// </summary>
public sealed class OperatorReview(MoneyDb db, TimeProvider time)
{
    private const int Attempts = 5;

    /// <summary>Decides all of it or nothing.</summary>
    public async Task<DecisionResult> DecideAsync(int number, Guid admin, DecisionRequest request, CancellationToken cancellation = default)
    {
        // Two admins who decide about different operators at once both do: the one whose save came second looks again.
        for (var attempt = 1; ; attempt++)
        {
            if (await TryAsync(number, admin, request, cancellation) is { } result) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"Round {number} kept changing while an operator was decided about {Attempts} times.");
        }
    }

    private async Task<DecisionResult?> TryAsync(int number, Guid admin, DecisionRequest request, CancellationToken cancellation)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        if (await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation) is not { } round) return new DecisionResult.NotFound();
        var tokens = request.Operators.Select(o => o.Token).Distinct(StringComparer.Ordinal).ToList();
        var grants = await db.Set<Grant>().Where(g => g.RoundNumber == number && tokens.Contains(g.Token)).ToListAsync(cancellation);
        if (await RefusalAsync(round, admin, request, grants, cancellation) is { } refusal) return refusal;

        var now = time.GetUtcNow();
        var wasAllocated = round.State == RoundState.Allocated;
        if (wasAllocated)
        {
            await RoundStepBack.ToFrozenAsync(db, round, round.Terms, now, cancellation);
            book.Version++;
        }

        foreach (var grant in grants.OrderBy(g => g.Token, StringComparer.Ordinal)) Decide(round, grant, admin, request, now);
        round.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new DecisionResult.Done(grants.Count, wasAllocated) : null;
    }

    private async Task<DecisionResult?> RefusalAsync(Round round, Guid admin, DecisionRequest request, List<Grant> grants, CancellationToken cancellation)
    {
        if (round.State is not (RoundState.Frozen or RoundState.Allocated)) return new DecisionResult.WrongState(round.State);
        if (!(await AdminRole.MembersAsync(db, cancellation)).Contains(admin)) return new DecisionResult.NotAnAdmin();
        if (request.Operators.Count == 0) return new DecisionResult.NobodyChosen();
        var seen = request.Operators.ToLookup(o => o.Token, o => o.Seen, StringComparer.Ordinal);
        if ((round.State, round.Revision) != (request.State, request.Revision) || grants.Count != seen.Count || grants.Exists(g => seen[g.Token].Any(s => s != g.Eligibility)))
            return new DecisionResult.ChangedMeanwhile();
        var recusals = await Recusals.ReadAsync(db, round.Number, [admin], cancellation);
        if (grants.Find(g => recusals.IsRecused(admin, g.Token)) is { } own) return new DecisionResult.Recused(own.Token);
        if (grants.Exists(g => !DecisionReasons.Fits(request.Reason, g.Eligibility, request.Outcome))) return new DecisionResult.ReasonDoesNotFit();
        if (grants.Find(g => g.Eligibility == request.Outcome && (g.Reason == request.Reason || request.Outcome == Eligibility.Eligible)) is { } same) return new DecisionResult.AlreadySo(same.Token);
        var tokens = grants.ConvertAll(g => g.Token);
        var objections = await db.Set<Objection>().AsNoTracking().Where(o => o.RoundNumber == round.Number && tokens.Contains(o.Token)).ToListAsync(cancellation);
        if (objections.Find(o => o.Verdict is null) is { } open) return new DecisionResult.ObjectionIsOpen(open.Token);
        // What others than the first deciders have cleared is not decided a third time: the operator has no second objection.
        return objections.Find(o => o.Verdict == ObjectionVerdict.Upheld) is { } upheld ? new DecisionResult.ObjectionWasUpheld(upheld.Token) : null;
    }

    private void Decide(Round round, Grant grant, Guid admin, DecisionRequest request, DateTimeOffset now)
    {
        var before = grant.Eligibility;
        var reason = before == Eligibility.Pending && request.Outcome == Eligibility.Eligible ? null : request.Reason;
        (grant.Eligibility, grant.Reason) = (request.Outcome, request.Outcome == Eligibility.Eligible ? null : reason);
        db.Add(new Decision { RoundNumber = round.Number, Token = grant.Token, AccountId = grant.AccountId, AdminId = admin, Outcome = request.Outcome, Reason = reason, At = now });
        switch (request.Outcome)
        {
            case Eligibility.Held: db.Append(new OperatorHeld(round.Number, round.Revision, grant.Token, reason!.Value), now); break;
            case Eligibility.Excluded: db.Append(new OperatorExcluded(round.Number, round.Revision, grant.Token, reason!.Value), now); break;
            case Eligibility.Eligible when before is Eligibility.Held or Eligibility.Excluded: db.Append(new OperatorCleared(round.Number, round.Revision, grant.Token, reason!.Value), now); break;
        }
    }
}

/// <summary>What an admin decides, and what the page showed when it was decided.</summary>
/// <param name="State">State of the round as it was shown.</param>
/// <param name="Revision">Revision of the round as it was shown.</param>
/// <param name="Outcome">Eligible, held or excluded.</param>
/// <param name="Reason">Why; not needed for somebody who only waited and takes part now.</param>
/// <param name="Operators">About whom.</param>
public sealed record DecisionRequest(RoundState State, int Revision, Eligibility Outcome, DecisionReason? Reason, IReadOnlyCollection<SeenOperator> Operators);

/// <summary>An operator as it was shown.</summary>
public sealed record SeenOperator(string Token, Eligibility Seen);

/// <summary>How a decision can end.</summary>
public abstract record DecisionResult
{
    private DecisionResult()
    {
    }

    /// <summary>It is done, and so are its entries.</summary>
    /// <param name="Operators">About how many.</param>
    /// <param name="IsAllocationVoid">Whether the round was allocated and must be allocated again.</param>
    public sealed record Done(int Operators, bool IsAllocationVoid) : DecisionResult;

    /// <summary>There is no such round.</summary>
    public sealed record NotFound : DecisionResult;

    /// <summary>The round is neither frozen nor allocated.</summary>
    public sealed record WrongState(RoundState State) : DecisionResult;

    /// <summary>Whoever decides is not an admin (any more).</summary>
    public sealed record NotAnAdmin : DecisionResult;

    /// <summary>No operator was chosen.</summary>
    public sealed record NobodyChosen : DecisionResult;

    /// <summary>The round, or one of the operators, is not as it was shown; nothing was done.</summary>
    public sealed record ChangedMeanwhile : DecisionResult;

    /// <summary>A hold, an exclusion and taking them back each need a reason of their own.</summary>
    public sealed record ReasonDoesNotFit : DecisionResult;

    /// <summary>It is decided so already.</summary>
    public sealed record AlreadySo(string Token) : DecisionResult;

    /// <summary>The admin owns this operator, or one that shares something with it.</summary>
    public sealed record Recused(string Token) : DecisionResult;

    /// <summary>This operator's objection is open: it is decided by admins who did not decide before.</summary>
    public sealed record ObjectionIsOpen(string Token) : DecisionResult;

    /// <summary>This operator's objection was upheld; that stands for this round.</summary>
    public sealed record ObjectionWasUpheld(string Token) : DecisionResult;
}
