using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Treasury;

/// <summary>
/// A script of the treasury that the chain is watched for. There is a row for every address ever given out and for some beyond, so that
/// no gap between paid addresses can hide a payment.
/// </summary>
public sealed class TreasuryAddress
{
    /// <summary>Row id, rising with time: what watchers read is "everything above the last id I know".</summary>
    public long Id { get; init; }

    /// <summary>The descriptor it is derived from.</summary>
    public required int DescriptorId { get; init; }

    /// <summary>Receive or change.</summary>
    public required Branch Branch { get; init; }

    /// <summary>Its place on the branch.</summary>
    public required int Index { get; init; }

    /// <summary>The script that outputs pay to.</summary>
    public required byte[] Script { get; init; }

    /// <summary>Whether it was handed out, to a donor or as change, or paid without being handed out. A used address is never given again.</summary>
    public bool IsUsed { get; set; }

    internal sealed class Mapping : IMoneyMapping<TreasuryAddress>
    {
        public void Configure(EntityTypeBuilder<TreasuryAddress> builder)
        {
            builder.ToTable("treasury_addresses");
            builder.Property(a => a.Script).HasMaxLength(34);
            builder.HasIndex(a => a.Script).IsUnique();
            builder.HasIndex(a => new { a.DescriptorId, a.Branch, a.Index }).IsUnique();
            builder.HasIndex(a => new { a.DescriptorId, a.Branch, a.Index }, "ix_treasury_addresses_unused").HasFilter("not is_used");
            builder.HasOne<TreasuryDescriptor>().WithMany().HasForeignKey(a => a.DescriptorId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
