using System.Runtime.CompilerServices;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>One day of one server from one vantage: a <see cref="SlotRecord"/> for each slot, in order.</summary>
public sealed record DayRecord(int Server, short Vantage, DateOnly Day, int SlotSeconds, byte[] Slots)
{
    /// <summary>Its leaf, where the day is closed.</summary>
    public byte[]? Leaf { get; init; }

    /// <summary>The same day with nothing in the slots outside [<paramref name="from"/>, <paramref name="to"/>); null where nothing is left.</summary>
    public DayRecord? Within(DateTimeOffset from, DateTimeOffset to)
    {
        var inside = new byte[Slots.Length];
        var (start, first, end) = (RawResults.StartOf(Day), from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds());
        for (var at = 0; at < Slots.Length; at += SlotRecord.Size)
            if (start + ((long)at / SlotRecord.Size * SlotSeconds) is var slot && slot >= first && slot < end) Slots.AsSpan(at, SlotRecord.Size).CopyTo(inside.AsSpan(at));
        if (!inside.AsSpan().ContainsAnyExcept((byte)0)) return null;
        return inside.AsSpan().SequenceEqual(Slots) ? this : this with { Slots = inside, Leaf = null };
    }

    /// <summary>Every slot with its beginning (Unix seconds).</summary>
    public IEnumerable<(long SlotAt, SlotRecord Record)> All()
    {
        var start = RawResults.StartOf(Day);
        for (var slot = 0; slot < Slots.Length / SlotRecord.Size; slot++)
        {
            yield return (start + ((long)slot * SlotSeconds), SlotRecord.Read(Slots.AsSpan(slot * SlotRecord.Size)));
        }
    }
}

/// <summary>Days as they are read for scores, pages and evidence: packed where they are closed, packed on the way where they are not.</summary>
public sealed class DayRecords(ProbesDb db)
{
    /// <summary>Packs a day's results, which come ordered by server, vantage, slot and start. Of two results of a slot the earlier start counts.</summary>
    public static async IAsyncEnumerable<DayRecord> PackAsync(IAsyncEnumerable<RawResult> results, DateOnly day, int slotSeconds)
    {
        DayRecord? current = null;
        var (start, last) = (RawResults.StartOf(day), -1L);
        await foreach (var result in results)
        {
            if (current is null || current.Server != result.Server || current.Vantage != result.Vantage)
            {
                if (current is not null) yield return current;
                current = new(result.Server, result.Vantage, day, slotSeconds, new byte[86_400 / slotSeconds * SlotRecord.Size]);
                last = -1;
            }

            if (result.SlotAt == last) continue;
            result.Record.Write(current.Slots.AsSpan((int)((result.SlotAt - start) / slotSeconds) * SlotRecord.Size));
            last = result.SlotAt;
        }

        if (current is not null) yield return current;
    }

    /// <summary>Days that are not closed yet, of all servers or of some.</summary>
    public async IAsyncEnumerable<DayRecord> OpenAsync(IReadOnlyCollection<ScheduleDay> days, IReadOnlyCollection<int>? servers, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var raw = RawResults.Of(db);
        foreach (var day in days)
        {
            await foreach (var record in PackAsync(raw.ReadAsync(day.Day, servers, cancellation), day.Day, day.SlotSeconds).WithCancellation(cancellation)) yield return record;
        }
    }

    /// <summary>Closed days from the first to the last, of all servers or of some, ordered by server.</summary>
    public IAsyncEnumerable<DayRecord> ClosedAsync(IReadOnlyCollection<ScheduleDay> days, IReadOnlyCollection<int>? servers)
    {
        var list = days.Select(d => d.Day).ToList();
        return db.Set<PackedDay>().AsNoTracking().Where(d => list.Contains(d.Day) && (servers == null || servers.Contains(d.Server)))
            .OrderBy(d => d.Server).ThenBy(d => d.Day).Select(d => new DayRecord(d.Server, d.Vantage, d.Day, d.SlotSeconds, d.Slots) { Leaf = d.Leaf }).AsAsyncEnumerable();
    }

    /// <summary>Which of some days are closed.</summary>
    public async Task<HashSet<DateOnly>> ClosedDaysAsync(IReadOnlyCollection<ScheduleDay> days, CancellationToken cancellation)
    {
        var list = days.Select(d => d.Day).ToList();
        return [.. await db.Set<ClosedDay>().Where(d => list.Contains(d.Day)).Select(d => d.Day).ToListAsync(cancellation)];
    }
}
