using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>
/// One row that guards what spans several rounds: that periods do not overlap, and what is credited to whom. Every act that relies on
/// these or changes them raises <see cref="Version"/> in the same save, so that of two at once one wins and the other starts over.
/// </summary>
public sealed class RoundBook
{
    /// <summary>Always 1.</summary>
    public int Id { get; init; } = 1;

    /// <summary>The concurrency token.</summary>
    public long Version { get; set; }

    internal static Task<RoundBook> ReadAsync(MoneyDb db, CancellationToken cancellation) => db.Set<RoundBook>().SingleAsync(cancellation);

    internal sealed class Mapping : IMoneyMapping<RoundBook>
    {
        public void Configure(EntityTypeBuilder<RoundBook> builder)
        {
            builder.ToTable("round_book");
            builder.Property(b => b.Id).ValueGeneratedNever();
            builder.Property(b => b.Version).IsConcurrencyToken();
            builder.HasData(new RoundBook());
        }
    }
}
