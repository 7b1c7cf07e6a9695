using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Moves;

/// <summary>One bill that a move of running costs pays: one output, once.</summary>
public sealed class MoveCost
{
    /// <summary>The move.</summary>
    public required int MoveNumber { get; init; }

    /// <summary>1, 2, 3 … in the move.</summary>
    public required int Line { get; init; }

    /// <summary>What for.</summary>
    public required CostPurpose Purpose { get; init; }

    /// <summary>How much.</summary>
    public required Sats Amount { get; init; }

    /// <summary>Where to, in the address's one canonical spelling.</summary>
    public required string Address { get; init; }

    internal sealed class Mapping : IMoneyMapping<MoveCost>
    {
        public void Configure(EntityTypeBuilder<MoveCost> builder)
        {
            builder.ToTable("move_costs");
            builder.HasKey(c => new { c.MoveNumber, c.Line });
            builder.Property(c => c.Address).HasMaxLength(100);
            builder.HasOne<Move>().WithMany().HasForeignKey(c => c.MoveNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>What running costs are for; the ledger knows no free text.</summary>
public enum CostPurpose
{
    /// <summary>Machines and traffic.</summary>
    Hosting,

    /// <summary>Names and certificates.</summary>
    Domains,

    /// <summary>Things: signing devices, disks.</summary>
    Hardware,

    /// <summary>Work on the software.</summary>
    Development,

    /// <summary>Strangers who look for faults.</summary>
    Audit,

    /// <summary>Words in another language.</summary>
    Translation,

    /// <summary>Lawyers and authorities.</summary>
    Legal,

    /// <summary>A gift that was sent by mistake goes back.</summary>
    Refund,
}
