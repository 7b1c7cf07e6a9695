using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Ledger;

/// <summary>
/// A record of the public log, written in the same transaction as the fact it tells. It has no index until the sealer gives it one:
/// commit order is not sequence order.
/// </summary>
public sealed class LedgerEntry
{
    /// <summary>Database id, not public.</summary>
    public long Id { get; init; }

    /// <summary>The entry's type, as <c>round.opened</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The canonical bytes; they, and nothing else, are what is hashed and published.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>The round it belongs to, where it belongs to one.</summary>
    public int? RoundNumber { get; init; }

    /// <summary>The move of the treasury's money it belongs to, where it belongs to one.</summary>
    public int? MoveNumber { get; init; }

    /// <summary>Place in the log; null while it waits for the sealer.</summary>
    public long? Index { get; set; }

    internal sealed class Mapping : IMoneyMapping<LedgerEntry>
    {
        public void Configure(EntityTypeBuilder<LedgerEntry> builder)
        {
            builder.ToTable("ledger_entries");
            builder.Property(e => e.Type).HasMaxLength(40);
            builder.HasIndex(e => e.Index).IsUnique();
            builder.HasIndex(e => e.RoundNumber);
            // Before anything is built: is there an announced payment that the database does not hold?
            builder.HasIndex(e => e.Type).HasFilter("type = 'psbt.created'").HasDatabaseName("ix_ledger_entries_announced");
            builder.HasIndex(e => e.MoveNumber);
        }
    }
}
