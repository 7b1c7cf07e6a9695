using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Treasury;

/// <summary>
/// A transaction in the best chain that spends what another one spent which paid the treasury and which a reorganisation took out: while this one stands,
/// the other cannot come back, nor can its coins.
/// </summary>
public sealed class CoinRival
{
    /// <summary>The transaction that is out.</summary>
    public required string Txid { get; init; }

    /// <summary>The coin that both spend: its transaction.</summary>
    public required string InputTxid { get; init; }

    /// <summary>The coin that both spend: its output there.</summary>
    public required int InputVout { get; init; }

    /// <summary>The transaction that is in the best chain.</summary>
    public required string SpentBy { get; init; }

    /// <summary>Where it stands there.</summary>
    public required int Height { get; init; }

    internal sealed class Mapping : IMoneyMapping<CoinRival>
    {
        public void Configure(EntityTypeBuilder<CoinRival> builder)
        {
            builder.ToTable("coin_rivals");
            builder.HasKey(r => new { r.Txid, r.InputTxid, r.InputVout });
            builder.Property(r => r.Txid).HasMaxLength(64);
            builder.Property(r => r.InputTxid).HasMaxLength(64);
            builder.Property(r => r.SpentBy).HasMaxLength(64);
            builder.HasIndex(r => r.Height);
            builder.HasOne<TreasuryTransaction>().WithMany().HasForeignKey(r => r.Txid).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
