using DigitalResistance.Data;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>A part of a slot, claimed as a whole.</summary>
/// <param name="Day">The schedule it belongs to.</param>
/// <param name="SlotAt">Beginning of the slot, Unix seconds.</param>
/// <param name="Number">Which part, from 0.</param>
public sealed record Beat(ScheduleDay Day, long SlotAt, int Number)
{
    /// <summary>The times of its day.</summary>
    public SlotTimes Times => new(Day.SlotSeconds);

    /// <summary>Its beginning, Unix seconds.</summary>
    public long StartsAt => SlotAt + ((long)Number * Times.BeatSeconds);
}

/// <summary>The servers of one bucket whose probes start in a beat.</summary>
public sealed record BeatBucket(int Number, IReadOnlyList<(Guid ServerId, SlotDraw Draw)> Servers);

/// <summary>
/// Which probes come due, and whose they are. Servers are spread over a fixed number of buckets, and a bucket of a beat belongs to the process
/// that inserts its row: so several processes share the work, and no slot is probed twice.
/// </summary>
public sealed class BeatClaims(MoneyDb money, ProbesDb probes, ServerKeys keys, BeatProgress progress)
{
    private const int Buckets = 8;

    /// <summary>The beats within reach that this process has not dealt with. What is over is not looked at again: missed slots are dropped.</summary>
    public async Task<IReadOnlyList<Beat>> DueAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var (today, due) = (DateOnly.FromDateTime(now.UtcDateTime), new List<Beat>());
        foreach (var day in await progress.DaysAsync(money, today, cancellation))
        {
            var times = new SlotTimes(day.SlotSeconds);
            var end = Math.Min((now + times.ClaimAhead).ToUnixTimeSeconds(), RawResults.StartOf(day.Day.AddDays(1)) - 1);
            var first = Math.Max(Math.Max(progress.DoneUntil, now.ToUnixTimeSeconds() - times.BeatSeconds + 1), day.StartsAt.ToUnixTimeSeconds());
            for (var slot = first / day.SlotSeconds * day.SlotSeconds; slot <= end; slot += day.SlotSeconds)
            {
                for (var beat = 0; beat * times.BeatSeconds < day.SlotSeconds; beat++)
                {
                    if (new Beat(day, slot, beat) is var b && b.StartsAt >= first && b.StartsAt <= end) due.Add(b);
                }
            }
        }

        return due;
    }

    /// <summary>The servers whose moments lie in a beat and are still ahead, by bucket, in an order that differs between processes.</summary>
    public async Task<IReadOnlyList<BeatBucket>> BucketsAsync(Beat beat, DateTimeOffset now, CancellationToken cancellation)
    {
        var schedule = new DaySchedule(beat.Day);
        var servers = await money.Set<Server>().Where(s => s.State == ServerState.Proven).Select(s => s.Id).ToListAsync(cancellation);
        return [.. servers.Select(id => (ServerId: id, Draw: schedule.Draw(id, LocalVantage.Name, beat.SlotAt)))
            .Where(s => (int)s.Draw.Offset.TotalSeconds / beat.Times.BeatSeconds == beat.Number && s.Draw.StartsAt > now)
            .GroupBy(s => BucketOf(s.ServerId)).OrderBy(g => (g.Key + progress.Turn) % Buckets)
            .Select(g => new BeatBucket(g.Key, [.. g]))];
    }

    /// <summary>Claims a bucket; null when another process has it, or this one took it before.</summary>
    public async Task<IReadOnlyList<Assignment>?> ClaimAsync(Beat beat, BeatBucket bucket, CancellationToken cancellation)
    {
        if (progress.HasTaken(beat, bucket)) return null;
        // Read before claiming: a claim whose assignments could not be read would be a slot lost.
        var draws = bucket.Servers.ToDictionary(s => s.ServerId, s => s.Draw);
        var servers = await money.Set<Server>().AsNoTracking().Where(s => draws.Keys.Contains(s.Id))
            .Select(s => new { s.Id, s.Protocol, s.SealedEndpoint }).ToListAsync(cancellation);
        var proven = (await money.Set<AddressClaim>().AsNoTracking().Where(c => draws.Keys.Contains(c.ServerId) && c.PassesAt == null)
            .Select(c => new { c.ServerId, c.Tag }).ToListAsync(cancellation)).ToLookup(c => c.ServerId, c => c.Tag);

        // The database may go away after it claimed and before it said so: what this process claimed without hearing of it is still its own.
        var claimed = await probes.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO slot_claims (slot_at, vantage, beat, bucket, process) VALUES ({beat.SlotAt}, {LocalVantage.Number}, {beat.Number}, {bucket.Number}, {progress.Process})
            ON CONFLICT (slot_at, vantage, beat, bucket) DO UPDATE SET process = excluded.process WHERE slot_claims.process = excluded.process
            """,
            cancellation);
        if (claimed == 0) return null;
        progress.Taken(beat, bucket);
        return [.. from server in servers
                   let key = keys.Find(server.Id)
                   where key is not null // retired a moment ago
                   select new Assignment(server.Id, server.Protocol, ServerEndpoint.Open(key, server.SealedEndpoint), [.. proven[server.Id]], draws[server.Id], beat.Times)];
    }

    /// <summary>A beat is dealt with, by this process or another.</summary>
    public void Finished(Beat beat) => progress.Finished(beat);

    private static int BucketOf(Guid server)
    {
        Span<byte> bytes = stackalloc byte[16];
        server.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[15] % Buckets;
    }
}

/// <summary>What a process remembers between passes: how far it has got, and the committed days.</summary>
public sealed class BeatProgress
{
    private readonly HashSet<(long SlotAt, int Beat, int Bucket)> _taken = [];
    private List<ScheduleDay> _days = [];
    private DateOnly _read;

    /// <summary>The name under which this process claims.</summary>
    public Guid Process { get; } = Guid.NewGuid();

    /// <summary>Beats that begin before this (Unix seconds) are dealt with.</summary>
    public long DoneUntil { get; private set; }

    /// <summary>Where this process begins to claim, so that two processes do not race for the same bucket.</summary>
    public int Turn { get; } = System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue / 2);

    /// <summary>Whether a bucket of an unfinished beat was taken: a beat in whose middle the database went away is begun again.</summary>
    public bool HasTaken(Beat beat, BeatBucket bucket) => _taken.Contains((beat.SlotAt, beat.Number, bucket.Number));

    /// <summary>A bucket is taken.</summary>
    public void Taken(Beat beat, BeatBucket bucket) => _taken.Add((beat.SlotAt, beat.Number, bucket.Number));

    /// <summary>A beat is dealt with.</summary>
    public void Finished(Beat beat)
    {
        DoneUntil = beat.StartsAt + 1;
        _taken.RemoveWhere(t => t.SlotAt == beat.SlotAt && t.Beat == beat.Number);
    }

    /// <summary>The committed schedules of today and tomorrow; read again until both are there.</summary>
    public async Task<IReadOnlyList<ScheduleDay>> DaysAsync(MoneyDb db, DateOnly today, CancellationToken cancellation)
    {
        if (_read == today && _days.Count == 2) return _days;
        var tomorrow = today.AddDays(1);
        _days = await db.Set<ScheduleDay>().AsNoTracking().Where(d => d.Day == today || d.Day == tomorrow).OrderBy(d => d.Day).ToListAsync(cancellation);
        _read = today;
        return _days;
    }
}
