using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Treasury;

/// <summary>
/// A transaction that pays to the treasury or spends from it, whole: signing devices want the previous transaction of every coin, or
/// they could be lied to about its amount (CVE-2020-14199).
/// </summary>
public sealed class TreasuryTransaction
{
    /// <summary>Transaction id as it is printed.</summary>
    public required string Txid { get; init; }

    /// <summary>The whole transaction, witness included as soon as a block showed it.</summary>
    public required byte[] Bytes { get; set; }

    /// <summary>Where it stands in the best chain; null where it does not, any more or yet.</summary>
    public int? Height { get; set; }

    internal sealed class Mapping : IMoneyMapping<TreasuryTransaction>
    {
        public void Configure(EntityTypeBuilder<TreasuryTransaction> builder)
        {
            builder.ToTable("treasury_transactions");
            builder.HasKey(t => t.Txid);
            builder.Property(t => t.Txid).HasMaxLength(64);
            builder.HasIndex(t => t.Height);
        }
    }
}
