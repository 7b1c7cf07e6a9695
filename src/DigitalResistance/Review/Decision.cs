using DigitalResistance.Data;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Review;

/// <summary>
/// What one admin decided about one operator in one round. The rows stay as history, also where the round was withdrawn: whoever was decided
/// against last time waits for reviewers the next time, and whoever decided does not judge the objection.
/// </summary>
public sealed class Decision
{
    /// <summary>Row id, in the order of deciding.</summary>
    public long Id { get; init; }

    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>The operator's name in it.</summary>
    public required string Token { get; init; }

    /// <summary>The operator; never public, so that no token of another round can be tied to this one.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>The admin; null where a restored database learned of it from the log, which does not say.</summary>
    public required Guid? AdminId { get; init; }

    /// <summary>What was decided.</summary>
    public required Eligibility Outcome { get; init; }

    /// <summary>Why; null for somebody who only waited and takes part now.</summary>
    public required DecisionReason? Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IMoneyMapping<Decision>
    {
        public void Configure(EntityTypeBuilder<Decision> builder)
        {
            builder.ToTable("operator_decisions");
            builder.Property(d => d.Token).HasMaxLength(16);
            builder.HasIndex(d => new { d.RoundNumber, d.Token });
            builder.HasIndex(d => new { d.AccountId, d.Id });
            builder.HasOne<Round>().WithMany().HasForeignKey(d => d.RoundNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
