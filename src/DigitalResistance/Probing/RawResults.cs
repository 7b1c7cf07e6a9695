using System.Globalization;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>One slot's result as it is stored until its day is packed.</summary>
/// <param name="Server">The server's number.</param>
/// <param name="Vantage">The vantage.</param>
/// <param name="SlotAt">Beginning of the slot, Unix seconds.</param>
/// <param name="StartedAfter">Milliseconds from the beginning of the slot to the start of the probe.</param>
/// <param name="Record">What was found.</param>
public readonly record struct RawResult(int Server, short Vantage, long SlotAt, int StartedAfter, SlotRecord Record);

/// <summary>Results that are written in one transaction, once, however often they are sent.</summary>
/// <param name="Id">The batch's own id.</param>
/// <param name="Results">Results; may span midnight.</param>
/// <param name="Sightings">Tags of addresses that were seen with them.</param>
public sealed record RawBatch(Guid Id, IReadOnlyList<RawResult> Results, IReadOnlyList<Sighting> Sightings);

/// <summary>
/// The high-rate table of results, which is the engine's own business: a day is created, filled by batches, read and dropped as a whole.
/// Nothing is ever updated or mass-deleted, and there is no unique index: a slot that two processes probed is decided when it is read,
/// for the earlier start.
/// </summary>
public abstract class RawResults(ProbesDb db)
{
    /// <summary>The store of the context's engine.</summary>
    public static RawResults Of(ProbesDb db) => db.Database.IsNpgsql() ? new PostgresRawResults(db) : new SqliteRawResults(db);

    /// <summary>The database.</summary>
    protected ProbesDb Db => db;

    /// <summary>Writes a batch unless it is there already; false when it was. Its results of settled slots are dropped. Durable when this returns.</summary>
    public async Task<bool> SaveAsync(RawBatch batch, DateTimeOffset at, CancellationToken cancellation)
    {
        foreach (var day in batch.Results.Select(r => DayOf(r.SlotAt)).Distinct()) await EnsureDayAsync(day, cancellation);
        await using var transaction = await db.BeginAsync(cancellation);
        var fresh = await db.Database.ExecuteSqlAsync($"INSERT INTO result_batches (id, recorded_at) VALUES ({batch.Id}, {db.Database.Stored(at)}) ON CONFLICT DO NOTHING", cancellation);
        if (fresh == 0) return false;
        var settled = await HoldSettledAsync(cancellation);
        await InsertAsync([.. batch.Results.Where(r => r.SlotAt >= settled)], cancellation);
        foreach (var s in batch.Sightings)
        {
            var kind = s.Kind.ToString();
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO sightings (server, day, kind, tag) VALUES ({s.Server}, {s.Day}, {kind}, {s.Tag}) ON CONFLICT DO NOTHING", cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Settles the slots that began before a moment (Unix seconds), for ever: batches that are being written are in or see it.</summary>
    public Task SettleAsync(long until, CancellationToken cancellation) =>
        db.Set<SettledSlots>().Where(s => s.Until < until).ExecuteUpdateAsync(set => set.SetProperty(s => s.Until, until), cancellation);

    /// <summary>The results of a day, of all servers or of some, ordered by server, vantage, slot and start.</summary>
    public abstract IAsyncEnumerable<RawResult> ReadAsync(DateOnly day, IReadOnlyCollection<int>? servers, CancellationToken cancellation);

    /// <summary>The days that are there, ascending.</summary>
    public abstract Task<IReadOnlyList<DateOnly>> DaysAsync(CancellationToken cancellation);

    /// <summary>Drops a day. May be repeated.</summary>
    public abstract Task DropAsync(DateOnly day, CancellationToken cancellation);

    /// <summary>Where settled slots end; it stays there until the open transaction has ended.</summary>
    protected abstract Task<long> HoldSettledAsync(CancellationToken cancellation);

    /// <summary>Makes room for a day; may be called by several processes at once.</summary>
    protected abstract Task EnsureDayAsync(DateOnly day, CancellationToken cancellation);

    /// <summary>Inserts rows within the open transaction.</summary>
    protected abstract Task InsertAsync(IReadOnlyList<RawResult> results, CancellationToken cancellation);

    /// <summary>The statement that <see cref="ReadAsync"/> reads by, the same on both engines.</summary>
    protected static string Select(DateOnly day, IReadOnlyCollection<int>? servers) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT server, vantage, slot_at, started_after, record FROM {Name(day)}
        {(servers is null ? "" : $"WHERE server IN ({string.Join(',', servers)})")} ORDER BY server, vantage, slot_at, started_after
        """);

    /// <summary>Name of a day's table.</summary>
    protected static string Name(DateOnly day) => $"probe_raw_{day:yyyyMMdd}";

    /// <summary>The day of a moment given in Unix seconds.</summary>
    internal static DateOnly DayOf(long at) => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(at).UtcDateTime);

    /// <summary>Midnight at the beginning of a day, in Unix seconds.</summary>
    internal static long StartOf(DateOnly day) => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds();
}
