using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>
/// A proof that a server's owner controls one address and port, known by its keyed tag only. One server holds a tag; a later proof by
/// another waits, and the tag passes over at <see cref="PassesAt"/> unless the holder proves it again.
/// </summary>
public sealed class AddressClaim
{
    /// <summary>Keyed tag of the address and port.</summary>
    public required byte[] Tag { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>When control was last proven.</summary>
    public required DateTimeOffset ProvenAt { get; set; }

    /// <summary>When a waiting claim becomes the holder; null where this claim holds.</summary>
    public DateTimeOffset? PassesAt { get; set; }

    internal sealed class Mapping : IMoneyMapping<AddressClaim>
    {
        public void Configure(EntityTypeBuilder<AddressClaim> builder)
        {
            builder.ToTable("address_claims");
            builder.HasKey(c => new { c.Tag, c.ServerId });
            builder.Property(c => c.Tag).HasMaxLength(16);
            builder.HasOne<Server>().WithMany().HasForeignKey(c => c.ServerId).OnDelete(DeleteBehavior.Cascade);
            builder.HasIndex(c => c.Tag).IsUnique().HasFilter("passes_at IS NULL").HasDatabaseName("ix_address_claims_held");
            builder.HasIndex(c => c.ServerId);
            builder.HasIndex(c => c.PassesAt);
        }
    }
}
