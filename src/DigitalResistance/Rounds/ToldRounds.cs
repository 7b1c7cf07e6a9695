using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Review;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Rounds of which the public log knows more than a restored database. One that is here as it was approved is approved. One that was never paid goes back to
/// a draft, in the log too, so that nothing of it is said twice; where the tables have nothing of it, it is cancelled. One that was paid, and whose
/// amounts are not here, stays as it is, until they are written again: its payments are locked, and nobody can go on with it.
/// </summary>
public sealed class ToldRounds(MoneyDb db, TimeProvider time) : IReadmissionHearer
{
    /// <inheritdoc/>
    public async Task HearAsync(IReadOnlyList<CanonicalObject> entries, CancellationToken cancellation)
    {
        var numbers = entries.Where(e => e.Has("round") && e.Has("revision")).Select(e => (int)e.Integer("round")).Distinct().OrderDescending().ToList();
        if (numbers.Count == 0) return;
        // The latest first: an older one may count on nothing that a later one has used.
        foreach (var number in numbers) await HearAsync(number, cancellation);
        (await RoundBook.ReadAsync(db, cancellation)).Version++;
        await db.SaveChangesAsync(cancellation);
    }

    private async Task HearAsync(int number, CancellationToken cancellation)
    {
        var told = await ToldRound.ReadAsync(db, number, cancellation);
        var round = await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        if (round is not null && told.State == RoundState.Cancelled) await CancelAsync(round, told.At, cancellation);
        else if (round is not null && told.State == RoundState.Draft) await BackToDraftAsync(round, told.Revision, cancellation);
        else if (round?.ManifestSha256 is { } manifest && manifest == told.Manifest && told.State >= RoundState.Approved)
        {
            await ToldApprovals.TryAddAsync(db, number, null, manifest, round.TokenSecret, cancellation);
            Approve(round, told.ApprovedAt);
        }
        else if (told.IsBuilt || told.State is RoundState.Cancelled or RoundState.Draft || await IsWholeAsync(round, told, cancellation)) return;
        else if (round is null) db.Append(new RoundCancelled(number, told.Revision, Words.Snake(CancelReason.Mistake)), time.GetUtcNow());
        else
        {
            await BackToDraftAsync(round, told.Revision + 1, cancellation);
            db.Append(new RoundWithdrawn(number, told.Revision + 1), time.GetUtcNow());
        }
    }

    private async Task CancelAsync(Round round, DateTimeOffset at, CancellationToken cancellation)
    {
        (round.State, round.EndedAt, round.TokenSecret, round.Version) = (RoundState.Cancelled, at, null, round.Version + 1);
        await ReviewRecords.ForgetAsync(db, round.Number, cancellation);
    }

    // As the log left it, and with every approval that it knows.
    private async Task<bool> IsWholeAsync(Round? round, ToldRound told, CancellationToken cancellation) =>
        round is not null && round.State == told.State && round.Revision == told.Revision
        && (round.ManifestSha256 is not { } manifest || await ToldApprovals.TryAddAsync(db, round.Number, null, manifest, round.TokenSecret, cancellation));

    private static void Approve(Round round, DateTimeOffset at)
    {
        if (round.State != RoundState.Allocated) return;
        (round.State, round.ApprovedAt, round.CreditsExpireAt, round.Version) = (RoundState.Approved, at, at.AddDays(round.Policy.CreditDays), round.Version + 1);
    }

    private async Task BackToDraftAsync(Round round, int revision, CancellationToken cancellation)
    {
        await RoundStepBack.DropFrozenAsync(db, round.Number, cancellation);
        RoundStepBack.DropAllocation(round, RoundState.Draft);
        (round.OpenedAt, round.FrozenAt, round.ScoresSha256, round.Revision, round.Version) = (null, null, null, revision, round.Version + 1);
    }
}
