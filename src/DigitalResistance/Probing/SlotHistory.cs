using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>What servers' slots were, for their owner's pages.</summary>
public sealed class SlotHistory(MoneyDb money, ProbesDb probes, DayRecords records)
{
    /// <summary>The slots of [<paramref name="from"/>, <paramref name="to"/>) for which there is a result, by server, newest first.</summary>
    public async Task<ILookup<Guid, PastSlot>> ReadAsync(IReadOnlyCollection<Guid> servers, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var numbers = await probes.Set<ProbedServer>().AsNoTracking().Where(s => servers.Contains(s.ServerId)).ToDictionaryAsync(s => s.Number, s => s.ServerId, cancellation);
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime));
        var days = await money.Set<ScheduleDay>().AsNoTracking().Where(d => d.Day >= first && d.Day <= last).ToListAsync(cancellation);
        var closed = await records.ClosedDaysAsync(days, cancellation);
        var slots = new List<(Guid Server, PastSlot Slot)>();
        await foreach (var day in records.ClosedAsync([.. days.Where(d => closed.Contains(d.Day))], numbers.Keys).WithCancellation(cancellation)) Add(day);
        await foreach (var day in records.OpenAsync([.. days.Where(d => !closed.Contains(d.Day))], numbers.Keys, cancellation)) Add(day);
        return slots.OrderByDescending(s => s.Slot.At).ToLookup(s => s.Server, s => s.Slot);

        void Add(DayRecord day) => slots.AddRange(
            from slot in day.All()
            let at = DateTimeOffset.FromUnixTimeSeconds(slot.SlotAt)
            where slot.Record.State != SlotState.None && at >= @from && at < to
            select (numbers[day.Server], new PastSlot(at, day.Vantage, slot.Record)));
    }
}

/// <summary>One slot with its result.</summary>
/// <param name="At">Beginning of the slot.</param>
/// <param name="Vantage">The vantage.</param>
/// <param name="Record">The result.</param>
public sealed record PastSlot(DateTimeOffset At, short Vantage, SlotRecord Record);
