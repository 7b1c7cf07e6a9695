using DigitalResistance.Data;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Review;

/// <summary>
/// What reviewers see of one operator in one round, written by the freeze: nothing that would tell an address, a host or an account, and nothing
/// so fine that two rounds could be tied by it. Destroyed together with the round's token secret.
/// </summary>
public sealed class ReviewLine
{
    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>The operator's name in it.</summary>
    public required string Token { get; init; }

    /// <summary>Ids of the protocols of the operator's servers, sorted, with commas between them; empty for somebody who only has credit.</summary>
    public required string Protocols { get; init; }

    /// <summary>How many servers: the largest power of two that is not above the number; 0 for none.</summary>
    public required int ServersFrom { get; init; }

    /// <summary>Tenure of the oldest server: the highest step of the round's policy that it reached, in hours.</summary>
    public required int TenureFromHours { get; init; }

    /// <summary>Whether the last round that decided about this operator held or excluded it.</summary>
    public required bool IsFlagged { get; init; }

    internal sealed class Mapping : IMoneyMapping<ReviewLine>
    {
        public void Configure(EntityTypeBuilder<ReviewLine> builder)
        {
            builder.ToTable("review_lines");
            builder.HasKey(l => new { l.RoundNumber, l.Token });
            builder.Property(l => l.Token).HasMaxLength(16);
            builder.HasOne<Round>().WithMany().HasForeignKey(l => l.RoundNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>What operators can have in common.</summary>
public enum GroupKind
{
    /// <summary>Servers that are entered or left by one address.</summary>
    Machine,

    /// <summary>Machines in one /24, or IPv6 /48.</summary>
    Network,

    /// <summary>Machines in one autonomous system, where a file of address ranges is configured.</summary>
    Asn,

    /// <summary>Payout addresses that pay one key.</summary>
    Address,

    /// <summary>Servers with one password or key.</summary>
    Secret,

    /// <summary>Servers that fail in the same moments.</summary>
    Outages,
}

/// <summary>One operator's membership of a group; a group has two or more. What the members share is not stored, not even as a tag. Destroyed with <see cref="ReviewLine"/>.</summary>
public sealed class ReviewGroup
{
    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>What its members share.</summary>
    public required GroupKind Kind { get; init; }

    /// <summary>1, 2, 3 … within the round and kind; pages write A, B, C ….</summary>
    public required int Number { get; init; }

    /// <summary>The operator's name in the round.</summary>
    public required string Token { get; init; }

    internal sealed class Mapping : IMoneyMapping<ReviewGroup>
    {
        public void Configure(EntityTypeBuilder<ReviewGroup> builder)
        {
            builder.ToTable("review_groups");
            builder.HasKey(g => new { g.RoundNumber, g.Token, g.Kind, g.Number });
            builder.Property(g => g.Token).HasMaxLength(16);
            builder.HasOne<Round>().WithMany().HasForeignKey(g => g.RoundNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
