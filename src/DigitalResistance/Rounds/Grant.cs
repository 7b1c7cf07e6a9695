using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>
/// One operator's part in one round, made by the freeze and filled in by the allocation. Its public face is exactly
/// (<see cref="Token"/>, <see cref="Weight"/>, <see cref="Paid"/>).
/// </summary>
public sealed class Grant
{
    /// <summary>Row id (UUIDv7), also the id of its payout.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>The operator.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Round-scoped public name: base32 of HMAC(round secret, account), 16 characters.</summary>
    public required string Token { get; init; }

    /// <summary>The operator's final integer weight, the sum over the servers; zero for somebody who only has credit.</summary>
    public required long Weight { get; init; }

    /// <summary>What the weight was made from, for the operator alone; null without a weight.</summary>
    public byte[]? EvidenceBytes { get; init; }

    /// <summary>What keeps others from guessing it by the commitment in the log.</summary>
    public byte[]? EvidenceSalt { get; init; }

    /// <summary>Both together.</summary>
    public EvidenceStatement? Evidence => EvidenceSalt is not null && EvidenceBytes is not null ? new(EvidenceSalt, EvidenceBytes) : null;

    /// <summary>Whether the operator takes part, as reviewers have it; the freeze begins it.</summary>
    public Eligibility Eligibility { get; internal set; }

    /// <summary>Why the operator is held or excluded; null otherwise.</summary>
    public DecisionReason? Reason { get; internal set; }

    /// <summary>The weight that counts in the division.</summary>
    public long CountedWeight => Eligibility == Eligibility.Excluded ? 0 : Weight;

    /// <summary>What the allocation gave in this round, before credits.</summary>
    public Sats Share { get; internal set; }

    /// <summary>Credit of earlier rounds that this payment uses.</summary>
    public Sats CreditUsed { get; internal set; }

    /// <summary>What is to be paid on chain: a multiple of the step, or zero.</summary>
    public Sats Paid { get; internal set; }

    /// <summary>What stays credit: <see cref="Share"/> + <see cref="CreditUsed"/> − <see cref="Paid"/>.</summary>
    public Sats Credited { get; internal set; }

    /// <summary>The address frozen for this round; null where the operator has none (all is credited then).</summary>
    public string? Address { get; init; }

    /// <summary>Whether this round gives or pays the operator anything.</summary>
    public bool IsRecipient => Share > Sats.Zero || Paid > Sats.Zero;

    internal sealed class Mapping : IMoneyMapping<Grant>
    {
        public void Configure(EntityTypeBuilder<Grant> builder)
        {
            builder.ToTable("grants");
            builder.Ignore(g => g.IsRecipient).Ignore(g => g.Evidence).Ignore(g => g.CountedWeight);
            builder.Property(g => g.Token).HasMaxLength(16);
            builder.Property(g => g.Address).HasMaxLength(100);
            builder.HasIndex(g => new { g.RoundNumber, g.AccountId }).IsUnique();
            builder.HasIndex(g => new { g.RoundNumber, g.Token }).IsUnique();
            builder.HasIndex(g => g.AccountId);
            builder.HasOne<Round>().WithMany().HasForeignKey(g => g.RoundNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
