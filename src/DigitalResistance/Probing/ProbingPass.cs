using DigitalResistance.Platform;
using Microsoft.Extensions.Logging;

namespace DigitalResistance.Probing;

/// <summary>
/// Records what the vantage has finished, then claims what comes due. Recording comes first: while the database is away results wait in
/// memory, within a bound, and what was claimed before goes on being probed.
/// </summary>
public sealed partial class ProbingPass(
    LocalVantage vantage, BeatClaims claims, ResultRecorder recorder, Targets targets, TimeProvider time, ILogger<ProbingPass> log) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var done = 0;
        while (vantage.NextBatch() is { } batch)
        {
            await recorder.RecordAsync(batch, cancellation);
            vantage.Recorded(batch);
            done += batch.Results.Count;
        }

        return done + await ClaimAsync(cancellation);
    }

    private async Task<int> ClaimAsync(CancellationToken cancellation)
    {
        if (!targets.Any) return 0;
        var (now, taken) = (time.GetUtcNow(), 0);
        foreach (var beat in await claims.DueAsync(now, cancellation))
        {
            foreach (var bucket in await claims.BucketsAsync(beat, now, cancellation))
            {
                if (!vantage.HasRoomFor(bucket.Servers.Count)) LogFull(bucket.Servers.Count);
                else if (await claims.ClaimAsync(beat, bucket, cancellation) is { Count: > 0 } assignments)
                {
                    vantage.Take(assignments);
                    taken += assignments.Count;
                }
            }

            claims.Finished(beat);
        }

        return taken;
    }

    [LoggerMessage(1, LogLevel.Warning, "Too many results wait for the database: {Count} probes were not claimed, and their slots count neither way")]
    private partial void LogFull(int count);
}
