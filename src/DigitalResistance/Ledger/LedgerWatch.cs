using System.Data.Common;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Ledger;

/// <summary>What the processes that seal tell those that only show pages. One row.</summary>
public sealed class LedgerWatch
{
    /// <summary>Always 1.</summary>
    public int Id { get; init; } = 1;

    /// <summary>Whether the log refuses to sign.</summary>
    public bool IsRefused { get; set; }

    /// <summary>When a sealer last found everything in order; told about once a minute.</summary>
    public DateTimeOffset PassedAt { get; set; }

    /// <summary>Tells. A database that cannot be written to now must not hide why the log is refused: then it stays untold.</summary>
    internal static async Task TellAsync(MoneyDb db, bool refused, DateTimeOffset now, CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        try
        {
            var row = await db.Set<LedgerWatch>().SingleOrDefaultAsync(cancellation);
            if (row is null) db.Add(row = new LedgerWatch { PassedAt = now });
            row.IsRefused = refused;
            if (!refused) row.PassedAt = now;
            // Another sealer that tells at this moment knows as much.
            await db.TrySaveAsync(cancellation);
        }
        catch (Exception fault) when (refused && fault is DbException or DbUpdateException)
        {
        }

        db.ChangeTracker.Clear();
    }

    internal sealed class Mapping : IMoneyMapping<LedgerWatch>
    {
        public void Configure(EntityTypeBuilder<LedgerWatch> builder)
        {
            builder.ToTable("ledger_watch");
            builder.Property(w => w.Id).ValueGeneratedNever();
        }
    }
}

/// <summary>Whether readers must be told that nothing new is signed, also by a process that seals nothing itself.</summary>
public sealed class LedgerStanding(MoneyDb db, LedgerState state, TimeProvider time)
{
    /// <summary>Entries may wait so long for a sealer before readers are told.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>True where a sealer refuses, or none is at work while entries wait.</summary>
    public async Task<bool> IsStoppedAsync(CancellationToken cancellation)
    {
        if (state.Refusal is not null) return true;
        if (await db.Set<LedgerWatch>().AsNoTracking().SingleOrDefaultAsync(cancellation) is not { } told) return false;
        if (told.IsRefused) return true;
        return told.PassedAt < time.GetUtcNow() - Patience && await db.Set<LedgerEntry>().AnyAsync(e => e.Index == null, cancellation);
    }
}
