using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Rounds;

/// <summary>
/// Changing an announced round. Money terms of a frozen round can be revised and its scores stay; anything else needs the round to be
/// withdrawn to a draft. Both raise the revision, so that the manifest, if there was one, and every approval of it are void. Possible
/// until the first batch is built.
/// </summary>
public sealed class RoundStepBack(MoneyDb db, RoundBudget budget, IOptions<RoundsOptions> limits, TimeProvider time)
{
    /// <summary>
    /// Sets new money terms, back to frozen: <see cref="RoundResult.Done"/>, <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.ChangedMeanwhile"/>,
    /// <see cref="RoundResult.WrongState"/>, <see cref="RoundResult.PeriodIsFrozen"/>, <see cref="RoundResult.TermsRefused"/>, <see cref="RoundResult.LaterRoundCountsOnIt"/> or <see cref="RoundResult.BudgetAboveTreasury"/>.
    /// </summary>
    public async Task<RoundResult> ReviseAsync(int number, long version, RoundTerms terms, Guid editor, CancellationToken cancellation = default)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Revise, cancellation);
        if (round is null) return refused!;
        if ((terms.StartsAt, terms.EndsAt) != (round.StartsAt, round.EndsAt)) return new RoundResult.PeriodIsFrozen();
        var problems = terms.Problems(limits.Value, round.Policy);
        if (problems.Count > 0) return new RoundResult.TermsRefused(problems);
        if (await RefusalAsync(round, cancellation) is { } refusal) return refusal;
        // Promising less is always possible, above all where the treasury has become too small.
        var isMore = terms.Budget + terms.MaxFee > round.Budget + round.MaxFee;
        if (isMore && await budget.RefusalAsync(number, terms, cancellation) is { } tooMuch) return tooMuch;

        await ToFrozenAsync(db, round, terms, time.GetUtcNow(), cancellation);
        round.ProposedBy = editor;
        book.Version++;
        return await db.SaveStepAsync(round, cancellation);
    }

    /// <summary>
    /// Takes an announced round back to a draft, scores and all: <see cref="RoundResult.Done"/>, <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.ChangedMeanwhile"/>,
    /// <see cref="RoundResult.WrongState"/> or <see cref="RoundResult.LaterRoundCountsOnIt"/>.
    /// </summary>
    public async Task<RoundResult> WithdrawAsync(int number, long version, CancellationToken cancellation = default)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Withdraw, cancellation);
        if (round is null) return refused!;
        if (await RefusalAsync(round, cancellation) is { } refusal) return refusal;

        await DropFrozenAsync(db, number, cancellation);
        DropAllocation(round, RoundState.Draft);
        (round.OpenedAt, round.FrozenAt, round.ScoresSha256) = (null, null, null);
        db.Append(new RoundWithdrawn(number, round.Revision), time.GetUtcNow());
        book.Version++;
        return await db.SaveStepAsync(round, cancellation);
    }

    /// <summary>
    /// Gives a round up before any payment: <see cref="RoundResult.Done"/>, <see cref="RoundResult.NotFound"/>, <see cref="RoundResult.ChangedMeanwhile"/>,
    /// <see cref="RoundResult.WrongState"/> or <see cref="RoundResult.LaterRoundCountsOnIt"/>. Scores and amounts stay for their owners to see.
    /// </summary>
    public async Task<RoundResult> CancelAsync(int number, long version, CancelReason reason, CancellationToken cancellation = default)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        var (round, refused) = await db.TakeAsync(number, version, RoundSteps.Cancel, cancellation);
        if (round is null) return refused!;
        if (await RefusalAsync(round, cancellation) is { } refusal) return refusal;

        var now = time.GetUtcNow();
        (round.State, round.EndedAt, round.TokenSecret) = (RoundState.Cancelled, now, null);
        await ReviewRecords.ForgetAsync(db, number, cancellation);
        db.Append(new RoundCancelled(number, round.Revision, Words.Snake(reason)), now);
        book.Version++;
        return await db.SaveStepAsync(round, cancellation);
    }

    private async Task<RoundResult?> RefusalAsync(Round round, CancellationToken cancellation) =>
        round.State == RoundState.Approved && await db.CountingOnAsync(round, cancellation) is { } other ? new RoundResult.LaterRoundCountsOnIt(other) : null;

    /// <summary>Voids the amounts and keeps the scores, and what reviewers decided.</summary>
    internal static async Task ToFrozenAsync(MoneyDb db, Round round, RoundTerms terms, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var grant in await db.Set<Grant>().Where(g => g.RoundNumber == round.Number).ToListAsync(cancellation))
            (grant.Share, grant.CreditUsed, grant.Paid, grant.Credited) = (Sats.Zero, Sats.Zero, Sats.Zero, Sats.Zero);
        DropAllocation(round, RoundState.Frozen);
        round.Terms = terms;
        db.Append(new RoundRevised(round.Number, round.Revision, round.Policy.Sha256, terms, round.ScoresSha256!, round.Policy.CapFairShares), now);
    }

    internal static void DropAllocation(Round round, RoundState to)
    {
        round.Revision++;
        round.Carry = new(Sats.Zero, Sats.Zero, Sats.Zero);
        (round.State, round.Manifest, round.ManifestSha256) = (to, null, null);
        (round.AllocatedAt, round.ApprovedAt, round.CreditsExpireAt) = (null, null, null);
    }

    internal static async Task DropFrozenAsync(MoneyDb db, int number, CancellationToken cancellation)
    {
        await ReviewRecords.DropAsync(db, number, cancellation);
        db.RemoveRange(await db.Set<Grant>().Where(g => g.RoundNumber == number).ToListAsync(cancellation));
        db.RemoveRange(await db.Set<FrozenScore>().Where(s => s.RoundNumber == number).ToListAsync(cancellation));
    }
}
