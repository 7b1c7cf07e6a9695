using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>
/// A time in which a server was listed, which is proven and not retired. Only such time is probed and paid; the share of a round that a
/// server was listed is its presence.
/// </summary>
public sealed class ListedSpell
{
    /// <summary>Row id.</summary>
    public long Id { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until when, exclusive; null while it lasts.</summary>
    public DateTimeOffset? Until { get; set; }

    internal sealed class Mapping : IMoneyMapping<ListedSpell>
    {
        public void Configure(EntityTypeBuilder<ListedSpell> builder)
        {
            builder.ToTable("listed_spells");
            builder.HasOne<Server>().WithMany().HasForeignKey(s => s.ServerId).OnDelete(DeleteBehavior.Restrict);
            // At most one lasts: two proofs at once open one spell.
            builder.HasIndex(s => s.ServerId).IsUnique().HasFilter("until IS NULL").HasDatabaseName("ix_listed_spells_open");
            builder.HasIndex(s => new { s.ServerId, s.From });
        }
    }
}
