using DigitalResistance.Data;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Payouts;

/// <summary>The address to which somebody pays the little that a treasury is rehearsed with. No donor gets it: what comes is a deposit, and the treasury's own.</summary>
public sealed class RehearsalDeposit
{
    /// <summary>The treasury: each has one such address.</summary>
    public required int DescriptorId { get; init; }

    /// <summary>The address.</summary>
    public required long AddressId { get; init; }

    internal sealed class Mapping : IMoneyMapping<RehearsalDeposit>
    {
        public void Configure(EntityTypeBuilder<RehearsalDeposit> builder)
        {
            builder.ToTable("rehearsal_deposits");
            builder.HasKey(d => d.DescriptorId);
            builder.Property(d => d.DescriptorId).ValueGeneratedNever();
            builder.HasOne<TreasuryDescriptor>().WithMany().HasForeignKey(d => d.DescriptorId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<TreasuryAddress>().WithMany().HasForeignKey(d => d.AddressId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
