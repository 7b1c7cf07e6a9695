using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Ledger;

/// <summary>The one row that says how far the log is. Every step of the sealer replaces it by comparing its version, so of two sealers one wins.</summary>
public sealed class LedgerHead
{
    /// <summary>The only id there is.</summary>
    public const int TheOne = 1;

    /// <summary>Always <see cref="TheOne"/>.</summary>
    public int Id { get; init; } = TheOne;

    /// <summary>The log's name.</summary>
    public required string Origin { get; init; }

    /// <summary>The vkey in force.</summary>
    public required string VerifierKey { get; set; }

    /// <summary>The next index: entries below it have their place.</summary>
    public long Assigned { get; set; }

    /// <summary>Size of the newest public checkpoint: entries below it are in <see cref="LedgerLine"/>.</summary>
    public long Published { get; set; }

    /// <summary>Confirmed coins of the treasury after the last published entry.</summary>
    public Sats Balance { get; set; }

    /// <summary>Everything that ever came in.</summary>
    public Sats Received { get; set; }

    /// <summary>Everything that was ever paid to operators.</summary>
    public Sats Paid { get; set; }

    /// <summary>Everything that was ever paid for running costs.</summary>
    public Sats Costs { get; set; }

    /// <summary>Every fee of all transactions.</summary>
    public Sats Fees { get; set; }

    /// <summary>Raised by every change.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<LedgerHead>
    {
        public void Configure(EntityTypeBuilder<LedgerHead> builder)
        {
            builder.ToTable("ledger_head");
            builder.Property(h => h.Id).ValueGeneratedNever();
            builder.Property(h => h.Version).IsConcurrencyToken();
        }
    }
}

/// <summary>A checkpoint that was published: a reader may hold it, so it must stay true for ever.</summary>
public sealed class LedgerCheckpoint
{
    /// <summary>Entries it covers.</summary>
    public required long Size { get; init; }

    /// <summary>The signed note, exactly as it was published.</summary>
    public required string Note { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<LedgerCheckpoint>
    {
        public void Configure(EntityTypeBuilder<LedgerCheckpoint> builder)
        {
            builder.ToTable("ledger_checkpoints");
            builder.HasKey(c => c.Size);
            builder.Property(c => c.Size).ValueGeneratedNever();
        }
    }
}
