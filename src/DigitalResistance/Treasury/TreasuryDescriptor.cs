using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Treasury;

/// <summary>A descriptor this treasury uses or once used. An old one is watched for ever: somebody may still pay to it.</summary>
public sealed class TreasuryDescriptor
{
    /// <summary>Row id.</summary>
    public int Id { get; init; }

    /// <summary>Canonical text with checksum, as <see cref="Descriptor.Text"/>.</summary>
    public required string Text { get; init; }

    /// <summary>SHA-256 of <see cref="Text"/>, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>NBitcoin's name of the network, as <c>Main</c>.</summary>
    public required string Network { get; init; }

    /// <summary>Blocks are read from here on; older payments to it are not known.</summary>
    public required int StartHeight { get; init; }

    /// <summary>When it was adopted.</summary>
    public required DateTimeOffset AdoptedAt { get; init; }

    /// <summary>Whether new addresses and change come from it; true for one row at most.</summary>
    public required bool IsCurrent { get; set; }

    /// <summary>Raised by everything that rests on which treasury is in force: of a rotation and such an act at once, one starts over.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<TreasuryDescriptor>
    {
        public void Configure(EntityTypeBuilder<TreasuryDescriptor> builder)
        {
            builder.ToTable("treasury_descriptors");
            builder.Property(d => d.Sha256).HasMaxLength(64);
            builder.Property(d => d.Network).HasMaxLength(20);
            builder.Property(d => d.Version).IsConcurrencyToken();
            builder.HasIndex(d => d.Sha256).IsUnique();
            builder.HasIndex(d => d.IsCurrent).IsUnique().HasFilter("is_current");
        }
    }
}
