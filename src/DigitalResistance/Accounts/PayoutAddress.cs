using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>
/// An address an operator wants to be paid at. At most one waits out its cooling-off at a time; a newer one, or taking it back, ends
/// the waiting, and an address that never finished waiting never counts: a thief of a session cannot have it slip in later.
/// </summary>
public sealed class PayoutAddress
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The owner.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The address in its one canonical spelling; checked against the treasury's network when it was entered.</summary>
    public required string Address { get; init; }

    /// <summary>When it was entered (last).</summary>
    public required DateTimeOffset SetAt { get; set; }

    /// <summary>From when on a freeze uses it: <see cref="SetAt"/> plus the policy's cooling-off; at once for an account's first address.</summary>
    public required DateTimeOffset EffectiveAt { get; set; }

    /// <summary>When its owner last said that it is still theirs; entering it says so.</summary>
    public required DateTimeOffset ConfirmedAt { get; set; }

    /// <summary>When it was taken back or replaced before it counted; null otherwise.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>Which of an account's rows counts at an instant: the newest that finished waiting.</summary>
    public static PayoutAddress? EffectiveAmong(IEnumerable<PayoutAddress> rows, DateTimeOffset at) =>
        rows.Where(a => a.WithdrawnAt is null && a.EffectiveAt <= at).MaxBy(a => a.EffectiveAt);

    internal sealed class Mapping : IMoneyMapping<PayoutAddress>
    {
        public void Configure(EntityTypeBuilder<PayoutAddress> builder)
        {
            builder.ToTable("payout_addresses");
            builder.Property(a => a.Address).HasMaxLength(100);
            // An address belongs to one account for good: entering an old one of one's own again revives its row.
            builder.HasIndex(a => a.Address).IsUnique();
            builder.HasIndex(a => a.AccountId);
        }
    }
}
