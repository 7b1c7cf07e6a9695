using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Probing;

/// <summary>Lets go of what is kept for a while only. Raw days are dropped whole, never deleted row by row, and only once they are packed.</summary>
public sealed class RetentionPass(ProbesDb db, IOptions<ProbingOptions> options, TimeProvider time) : IPass
{
    // Claims and batches matter while their slots can still be probed and sent again.
    private static readonly TimeSpan KeepClaims = TimeSpan.FromDays(2);
    private static readonly TimeSpan KeepExtras = TimeSpan.FromDays(30);

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (raw, packed) = (Days(now, options.Value.KeepRawDays), Days(now, options.Value.KeepPackedDays));
        var done = 0;
        var closed = await db.Set<ClosedDay>().Where(d => d.Day < raw).Select(d => d.Day).ToListAsync(cancellation);
        foreach (var day in (await RawResults.Of(db).DaysAsync(cancellation)).Intersect(closed))
        {
            await RawResults.Of(db).DropAsync(day, cancellation);
            done++;
        }

        var (claims, extras) = ((now - KeepClaims).ToUnixTimeSeconds(), now - KeepExtras);
        done += await db.Set<SlotClaim>().Where(c => c.SlotAt < claims).ExecuteDeleteAsync(cancellation);
        done += await db.Set<ResultBatch>().Where(b => b.RecordedAt < now - KeepClaims).ExecuteDeleteAsync(cancellation);
        done += await db.Set<ExtraProbe>().Where(p => p.At < extras).ExecuteDeleteAsync(cancellation);
        done += await db.Set<Sighting>().Where(s => s.Day < packed).ExecuteDeleteAsync(cancellation);
        done += await db.Set<PackedDay>().Where(d => d.Day < packed).ExecuteDeleteAsync(cancellation);
        return done;
    }

    private static DateOnly Days(DateTimeOffset now, int days) => DateOnly.FromDateTime(now.UtcDateTime).AddDays(-days);
}
