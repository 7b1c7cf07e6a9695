using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Servers;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Probing;

/// <summary>
/// Closes days that are over: packs them to one row per server and vantage, with the leaf of their evidence, in one transaction. The raw
/// rows stay for a while (<see cref="RetentionPass"/>) and are not read any more.
/// </summary>
public sealed class DayClosingPass(MoneyDb money, ProbesDb probes, ServerKeys keys, TimeProvider time) : IPass
{
    // Results that waited for the database come late; a day is closed when even those are in.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);
    private const int RowsAtOnce = 200;

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var over = DateOnly.FromDateTime((time.GetUtcNow() - Grace).UtcDateTime);
        var raw = (await RawResults.Of(probes).DaysAsync(cancellation)).Where(day => day < over).ToList();
        var closed = await probes.Set<ClosedDay>().Where(d => raw.Contains(d.Day)).Select(d => d.Day).ToListAsync(cancellation);
        var done = 0;
        foreach (var day in raw.Except(closed)) done += await CloseAsync(day, cancellation);
        return done;
    }

    private async Task<int> CloseAsync(DateOnly day, CancellationToken cancellation)
    {
        // A day without a commitment is never scored, and has no slot length to be packed by.
        if (await money.Set<ScheduleDay>().FindAsync([day], cancellation) is not { } schedule) return 0;
        // All in memory before the transaction, since a connection cannot read and write at once.
        var servers = await probes.Set<ProbedServer>().AsNoTracking().ToDictionaryAsync(s => s.Number, s => s.ServerId, cancellation);
        var rows = new List<PackedDay>();
        await foreach (var record in DayRecords.PackAsync(RawResults.Of(probes).ReadAsync(day, null, cancellation), day, schedule.SlotSeconds).WithCancellation(cancellation))
        {
            rows.Add(Pack(record, servers.GetValueOrDefault(record.Server)));
        }

        try
        {
            await using var transaction = await probes.BeginAsync(cancellation);
            probes.Add(new ClosedDay { Day = day, PackedAt = time.GetUtcNow() });
            foreach (var chunk in rows.Chunk(RowsAtOnce))
            {
                probes.AddRange(chunk.AsEnumerable());
                await probes.SaveChangesAsync(cancellation);
                probes.ChangeTracker.Clear();
            }

            await probes.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return 1;
        }
        catch (DbUpdateException)
        {
            // Another process closed the day; its rows say the same.
            probes.ChangeTracker.Clear();
            return 0;
        }
    }

    private PackedDay Pack(DayRecord record, Guid server)
    {
        // The salt of a retired server is gone with its key: a random one says just as much, which is nothing.
        var salt = keys.Find(server)?.EvidenceSalt(record.Day, record.Vantage) ?? RandomNumberGenerator.GetBytes(32);
        return new() { Server = record.Server, Vantage = record.Vantage, Day = record.Day, SlotSeconds = record.SlotSeconds, Slots = record.Slots, Leaf = Evidence.Leaf(record, salt) };
    }
}

/// <summary>The leaf of a packed day: what an operator can later prove his own data against (docs/specs/evidence.md).</summary>
public static class Evidence
{
    /// <summary>The leaf under a salt.</summary>
    public static byte[] Leaf(DayRecord record, ReadOnlySpan<byte> salt) =>
        new EvidenceDay(0, $"{record.Day:yyyy-MM-dd}", record.Vantage, record.SlotSeconds, salt.ToArray(), record.Slots).Leaf();
}
