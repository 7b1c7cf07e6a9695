using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Payouts;

/// <summary>
/// A transaction that spent coins of the treasury and was not built here, from the first admin's approval on. While it is booked the public
/// books count it, and payments go on; a reorganisation takes the booking back, and then everything about it begins anew.
/// </summary>
public sealed class ForeignSpend
{
    /// <summary>The transaction.</summary>
    public required string Txid { get; init; }

    /// <summary>Height of the block that it was booked in.</summary>
    public int Height { get; set; }

    /// <summary>Sum of the treasury's coins that it spent.</summary>
    public Sats Spent { get; set; }

    /// <summary>What it paid back to addresses of the treasury.</summary>
    public Sats Returned { get; set; }

    /// <summary>Why, as the admins who booked it agreed; null before.</summary>
    public ForeignSpendReason? Reason { get; set; }

    /// <summary>Whether the public books count it.</summary>
    public bool IsBooked { get; set; }

    /// <summary>Raised by every approval and every booking: of two admins at once the second counts again.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<ForeignSpend>
    {
        public void Configure(EntityTypeBuilder<ForeignSpend> builder)
        {
            builder.ToTable("foreign_spends");
            builder.HasKey(s => s.Txid);
            builder.Property(s => s.Txid).HasMaxLength(64);
            builder.Property(s => s.Version).IsConcurrencyToken();
        }
    }
}

/// <summary>One admin's word on why such a transaction was made. It is bound to the block that holds the transaction: in another one nobody has approved it.</summary>
public sealed class ForeignSpendApproval
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The transaction.</summary>
    public required string Txid { get; init; }

    /// <summary>The block that held it.</summary>
    public required string Block { get; init; }

    /// <summary>The admin; never public.</summary>
    public required Guid AdminId { get; init; }

    /// <summary>What the admin says; it may be changed until it is booked.</summary>
    public required ForeignSpendReason Reason { get; set; }

    /// <summary>When it was said last.</summary>
    public required DateTimeOffset At { get; set; }

    internal sealed class Mapping : IMoneyMapping<ForeignSpendApproval>
    {
        public void Configure(EntityTypeBuilder<ForeignSpendApproval> builder)
        {
            builder.ToTable("foreign_spend_approvals");
            builder.Property(a => a.Txid).HasMaxLength(64);
            builder.Property(a => a.Block).HasMaxLength(64);
            builder.HasIndex(a => new { a.Txid, a.Block, a.AdminId }).IsUnique();
            builder.HasOne<ForeignSpend>().WithMany().HasForeignKey(a => a.Txid).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>Why coins were spent past this product; the ledger knows no free text.</summary>
public enum ForeignSpendReason
{
    /// <summary>Many coins were made one: all but the fee came back.</summary>
    Consolidation,

    /// <summary>What it costs to run the registry.</summary>
    RunningCosts,

    /// <summary>The money lies with other keys of the same people.</summary>
    Moved,

    /// <summary>Signers tried out their keys.</summary>
    Rehearsal,

    /// <summary>It was not meant to be sent.</summary>
    Mistake,

    /// <summary>Somebody took it.</summary>
    Theft,

    /// <summary>Nobody could say who did it.</summary>
    Unexplained,
}
