using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Payouts;

/// <summary>
/// One version of a batch's transaction. The unsigned bytes never change; since every input is native segwit the txid is final when it
/// is built, and the chain is matched by it alone.
/// </summary>
public sealed class BatchTransaction
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The batch.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>1 for the original, one more for each replacement.</summary>
    public required int Number { get; init; }

    /// <summary>Transaction id as it is printed.</summary>
    public required string Txid { get; init; }

    /// <summary>The treasurer who built it.</summary>
    public required Guid BuiltBy { get; init; }

    /// <summary>When it was built.</summary>
    public required DateTimeOffset BuiltAt { get; init; }

    /// <summary>The PSBT exactly as it is downloaded: unsigned transaction, previous transactions, key paths.</summary>
    public required byte[] Psbt { get; init; }

    /// <summary>SHA-256 of <see cref="Psbt"/>, lower-case hex; part of the ledger entry.</summary>
    public required string PsbtSha256 { get; init; }

    /// <summary>Sum of the inputs.</summary>
    public required Sats InputSum { get; init; }

    /// <summary>Sum of the payments.</summary>
    public required Sats Paid { get; init; }

    /// <summary>What miners get; the rest is change.</summary>
    public required Sats Fee { get; init; }

    /// <summary>Weight of the signed transaction, known before it is signed to one vbyte per input.</summary>
    public required int Weight { get; init; }

    /// <summary>The address that change goes to; null where there is none.</summary>
    public required long? ChangeAddressId { get; init; }

    /// <summary>The ledger entry that announces it. It is downloaded only after that entry is published.</summary>
    public long AnnouncementId { get; init; }

    /// <summary>The ledger entry that announces it.</summary>
    public required LedgerEntry Announcement { get; init; }

    /// <summary>The whole signed transaction; null until it is complete. Durable before it is first broadcast, and never changed.</summary>
    public byte[]? FinalBytes { get; internal set; }

    /// <summary>When it was first handed to the network, written before it was; null until then.</summary>
    public DateTimeOffset? BroadcastAt { get; internal set; }

    /// <summary>What comes back to the treasury.</summary>
    public Sats Change => InputSum - Paid - Fee;

    internal sealed class Mapping : IMoneyMapping<BatchTransaction>
    {
        public void Configure(EntityTypeBuilder<BatchTransaction> builder)
        {
            builder.ToTable("batch_transactions");
            builder.Property(t => t.Txid).HasMaxLength(64);
            builder.Property(t => t.PsbtSha256).HasMaxLength(64);
            builder.Ignore(t => t.Change);
            builder.HasIndex(t => t.Txid).IsUnique();
            builder.HasIndex(t => new { t.BatchId, t.Number }).IsUnique();
            builder.HasOne<Batch>().WithMany().HasForeignKey(t => t.BatchId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<TreasuryAddress>().WithMany().HasForeignKey(t => t.ChangeAddressId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne(t => t.Announcement).WithMany().HasForeignKey(t => t.AnnouncementId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
