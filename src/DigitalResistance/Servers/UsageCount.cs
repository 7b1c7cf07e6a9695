using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Servers;

/// <summary>How often something limited was done in a period. Keys are keyed tags: the table tells neither addresses nor accounts.</summary>
public sealed class UsageCount
{
    /// <summary>What is counted.</summary>
    public required byte[] Key { get; init; }

    /// <summary>Number of the period (a minute, an hour, a day since 1970).</summary>
    public required long Period { get; init; }

    /// <summary>How often.</summary>
    public required int Count { get; set; }

    /// <summary>When the row may be deleted.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<UsageCount>
    {
        public void Configure(EntityTypeBuilder<UsageCount> builder)
        {
            builder.ToTable("usage_counts");
            builder.HasKey(c => new { c.Key, c.Period });
            builder.Property(c => c.Key).HasMaxLength(16);
            builder.HasIndex(c => c.ExpiresAt);
        }
    }
}

/// <summary>Forgets counts whose period is over.</summary>
public sealed class UsagePurgePass(MoneyDb db, TimeProvider time) : Platform.IPass
{
    /// <inheritdoc/>
    public Task<int> RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return db.Set<UsageCount>().Where(c => c.ExpiresAt < now).ExecuteDeleteAsync(cancellation);
    }
}
