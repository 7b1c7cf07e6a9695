using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>Where an operator wants to be paid from the next freeze on. One row per change; the newest row counts.</summary>
public sealed class PayoutAddress
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The owner.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The address as its network prints it; checked against the treasury's network when it was entered.</summary>
    public required string Address { get; init; }

    /// <summary>When it was entered; it counts for a freeze only after the policy's cooling-off.</summary>
    public required DateTimeOffset SetAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<PayoutAddress>
    {
        public void Configure(EntityTypeBuilder<PayoutAddress> builder)
        {
            builder.ToTable("payout_addresses");
            builder.Property(a => a.Address).HasMaxLength(100);
            builder.HasIndex(a => new { a.AccountId, a.SetAt });
        }
    }
}
