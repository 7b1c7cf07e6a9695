using System.Globalization;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Review;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>
/// Rounds of which the public log knows more than a restored database. One that is here as it was approved is approved. One that was never paid goes back to
/// a draft, in the log too, so that nothing of it is said twice; where the tables have nothing of it, it is cancelled. One that was paid, and whose
/// amounts are not here, stays as it is: its payments are locked.
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
        var all = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.RoundNumber == number).OrderBy(e => e.Index == null).ThenBy(e => e.Index).ThenBy(e => e.Id).Select(e => e.Bytes).ToListAsync(cancellation);
        var told = Told.Read(all.Select(bytes => CanonicalObject.Parse(bytes)));
        var round = await db.Set<Round>().SingleOrDefaultAsync(r => r.Number == number, cancellation);
        if (round is not null && told.State == RoundState.Cancelled) await CancelAsync(round, told.At, cancellation);
        else if (round is not null && told.State == RoundState.Draft) await BackToDraftAsync(round, told.Revision, cancellation);
        else if (round?.ManifestSha256 is { } manifest && manifest == told.Manifest && told.State >= RoundState.Approved) Approve(round, told.ApprovedAt);
        else if (told.IsBuilt || told.State is RoundState.Cancelled or RoundState.Draft || (round?.State == told.State && round.Revision == told.Revision)) return;
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

    /// <summary>Where the log left a round.</summary>
    private sealed record Told(RoundState State, int Revision, string? Manifest, DateTimeOffset ApprovedAt, DateTimeOffset At, bool IsBuilt)
    {
        public static Told Read(IEnumerable<CanonicalObject> entries)
        {
            var told = new Told(RoundState.Draft, 0, null, default, default, IsBuilt: false);
            foreach (var entry in entries)
            {
                told = told with { At = DateTimeOffset.ParseExact(entry.Text("time"), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) };
                if (entry.Has("revision")) told = told with { Revision = (int)entry.Integer("revision") };
                told = entry.Text("type") switch
                {
                    "round.opened" => told with { State = RoundState.Open },
                    "round.frozen" or "round.revised" => told with { State = RoundState.Frozen, Manifest = null },
                    "round.allocated" => told with { State = RoundState.Allocated },
                    "round.approved" => told with { State = RoundState.Approved, Manifest = entry.Text("manifest")["sha256:".Length..], ApprovedAt = told.At },
                    "round.withdrawn" => told with { State = RoundState.Draft, Manifest = null },
                    "round.cancelled" => told with { State = RoundState.Cancelled },
                    "round.closed" => told with { State = RoundState.Closed },
                    "psbt.created" => told with { IsBuilt = true },
                    _ => told,
                };
            }

            return told;
        }
    }
}
