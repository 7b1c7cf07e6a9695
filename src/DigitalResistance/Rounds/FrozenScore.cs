using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>
/// What one server had earned when its round was frozen, copied from the score book: losing every probe afterwards loses no money.
/// Private to the server's owner; the public only sees the sum of an operator's weights.
/// </summary>
public sealed class FrozenScore
{
    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>The server; it may be retired and gone by now.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The operator at the end of the period.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Mean availability over the period's windows, 0 to 1,000,000.</summary>
    public required int AvailabilityPpm { get; init; }

    /// <summary>Slots that counted.</summary>
    public required int ValidSlots { get; init; }

    /// <summary>The server's final integer weight.</summary>
    public required long Weight { get; init; }

    internal sealed class Mapping : IMoneyMapping<FrozenScore>
    {
        public void Configure(EntityTypeBuilder<FrozenScore> builder)
        {
            builder.ToTable("frozen_scores");
            builder.HasKey(s => new { s.RoundNumber, s.ServerId });
            builder.HasIndex(s => new { s.RoundNumber, s.AccountId });
            builder.HasOne<Round>().WithMany().HasForeignKey(s => s.RoundNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
