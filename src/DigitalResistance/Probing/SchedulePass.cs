using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Probing;

/// <summary>
/// Commits to each day's schedule on the day before, and reveals the seeds of past days. A registry that starts, or that stood still over
/// midnight, commits to the rest of the running day from its next slots on; the slots before that are never scored.
/// </summary>
public sealed class SchedulePass(MoneyDb db, Policy policy, Targets targets, IOptions<ProbingOptions> options, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var done = 0;
        foreach (var day in new[] { today, today.AddDays(1) })
        {
            if (!await db.Set<ScheduleDay>().AnyAsync(d => d.Day == day, cancellation)) done += await CommitAsync(day, cancellation);
        }

        return done + await RevealAsync(today, cancellation);
    }

    private async Task<int> CommitAsync(DateOnly day, CancellationToken cancellation)
    {
        var (now, seed) = (time.GetUtcNow(), RandomNumberGenerator.GetBytes(32));
        var midnight = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        var from = midnight > now ? midnight : NextSlot(now);
        if (DateOnly.FromDateTime(from.UtcDateTime) != day) return 0;
        db.Add(new ScheduleDay { Day = day, StartsAt = from, SlotSeconds = policy.SlotSeconds, CanarySharePpm = policy.CanarySharePpm, Seed = seed });
        db.Append(new ScheduleCommitted(day, from, policy.SlotSeconds, policy.Sha256, targets.Sha256, Convert.ToHexStringLower(SHA256.HashData(seed))), now);
        return await SaveAsync(cancellation);
    }

    // A slot that begins in a moment is left out: the commitment has to be in the database before it.
    private DateTimeOffset NextSlot(DateTimeOffset now)
    {
        var ahead = now + TimeSpan.FromSeconds(Math.Min(5, policy.SlotSeconds / 2.0));
        return DateTimeOffset.FromUnixTimeSeconds(((ahead.ToUnixTimeSeconds() / policy.SlotSeconds) + 1) * policy.SlotSeconds);
    }

    private async Task<int> RevealAsync(DateOnly today, CancellationToken cancellation)
    {
        var until = today.AddDays(-options.Value.RevealAfterDays);
        var days = await db.Set<ScheduleDay>().Where(d => d.RevealedAt == null && d.Day < until).OrderBy(d => d.Day).ToListAsync(cancellation);
        if (days.Count == 0) return 0;
        var open = await db.Set<Round>().Where(r => r.State == RoundState.Open).Select(r => new { r.StartsAt, r.EndsAt }).ToListAsync(cancellation);
        var done = 0;
        foreach (var day in days)
        {
            var midnight = new DateTimeOffset(day.Day, TimeOnly.MinValue, TimeSpan.Zero);
            if (open.Exists(r => r.StartsAt < midnight.AddDays(1) && r.EndsAt > midnight)) continue;
            var now = time.GetUtcNow();
            day.RevealedAt = now;
            db.Append(new ScheduleRevealed(day.Day, Convert.ToHexStringLower(day.Seed)), now);
            done += await SaveAsync(cancellation);
        }

        return done;
    }

    private async Task<int> SaveAsync(CancellationToken cancellation)
    {
        try
        {
            await db.SaveChangesAsync(cancellation);
            return 1;
        }
        catch (DbUpdateException)
        {
            // Another replica was first: its entry stands, ours was never written. Anything else comes back at the next turn.
            db.ChangeTracker.Clear();
            return 0;
        }
    }
}
