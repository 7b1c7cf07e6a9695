using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>What one server's slots were, for its owner's pages.</summary>
public sealed class SlotHistory(MoneyDb money, ProbesDb probes, DayRecords records)
{
    /// <summary>
    /// The slots of [<paramref name="from"/>, <paramref name="to"/>) for which there is a result, newest first.
    /// </summary>
    public async Task<IReadOnlyList<PastSlot>> ReadAsync(Guid server, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        if (await probes.Set<ProbedServer>().Where(s => s.ServerId == server).Select(s => (int?)s.Number).SingleOrDefaultAsync(cancellation) is not { } number) return [];
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime));
        var days = await money.Set<ScheduleDay>().AsNoTracking().Where(d => d.Day >= first && d.Day <= last).ToListAsync(cancellation);
        var closed = await records.ClosedDaysAsync(days, cancellation);
        var slots = new List<PastSlot>();
        await foreach (var day in records.ClosedAsync([.. days.Where(d => closed.Contains(d.Day))], number).WithCancellation(cancellation)) Add(day);
        await foreach (var day in records.OpenAsync([.. days.Where(d => !closed.Contains(d.Day))], number, cancellation)) Add(day);
        slots.Sort((a, b) => b.At.CompareTo(a.At));
        return slots;

        void Add(DayRecord day) => slots.AddRange(
            from slot in day.All()
            let at = DateTimeOffset.FromUnixTimeSeconds(slot.SlotAt)
            where slot.Record.State != SlotState.None && at >= @from && at < to
            select new PastSlot(at, day.Vantage, slot.Record));
    }
}

/// <summary>One slot with its result.</summary>
/// <param name="At">Beginning of the slot.</param>
/// <param name="Vantage">The vantage.</param>
/// <param name="Record">The result.</param>
public sealed record PastSlot(DateTimeOffset At, short Vantage, SlotRecord Record);
