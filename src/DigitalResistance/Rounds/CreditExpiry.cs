using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>Credit of one operator that was kept its full time and went back to the pool. Rows are only ever added.</summary>
public sealed class CreditExpiry
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The operator.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>What went back.</summary>
    public required Sats Amount { get; init; }

    /// <summary>When it went back.</summary>
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IMoneyMapping<CreditExpiry>
    {
        public void Configure(EntityTypeBuilder<CreditExpiry> builder)
        {
            builder.ToTable("credit_expiries");
            builder.HasIndex(e => e.AccountId);
        }
    }
}
