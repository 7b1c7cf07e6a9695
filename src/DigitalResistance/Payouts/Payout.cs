using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Payouts;

/// <summary>One payment that an approved round owes: one operator, one output, once. Its id is its grant's.</summary>
public sealed class Payout
{
    /// <summary>Row id, equal to the grant's: a grant can never have two.</summary>
    public required Guid Id { get; init; }

    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>The recipient's public name in the round.</summary>
    public required string Token { get; init; }

    /// <summary>What is paid.</summary>
    public required Sats Amount { get; init; }

    /// <summary>The script of the address that was frozen with the round.</summary>
    public required byte[] Script { get; init; }

    /// <summary>The confirmed transaction that paid it; null while none is confirmed.</summary>
    public string? PaidTxid { get; set; }

    /// <summary>The output of that transaction.</summary>
    public int? PaidVout { get; set; }

    internal sealed class Mapping : IMoneyMapping<Payout>
    {
        public void Configure(EntityTypeBuilder<Payout> builder)
        {
            builder.ToTable("payouts");
            builder.Property(p => p.Id).ValueGeneratedNever();
            builder.Property(p => p.Token).HasMaxLength(16);
            builder.Property(p => p.Script).HasMaxLength(42);
            builder.Property(p => p.PaidTxid).HasMaxLength(64);
            builder.HasIndex(p => new { p.RoundNumber, p.Token }).IsUnique();
            builder.HasOne<Grant>().WithOne().HasForeignKey<Payout>(p => p.Id).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
