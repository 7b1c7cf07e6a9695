using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Treasury;

/// <summary>An output to one of our scripts that the chain has shown. Heights follow the best chain, back too.</summary>
public sealed class TreasuryCoin
{
    /// <summary>Row id, in the order coins were first seen.</summary>
    public long Id { get; init; }

    /// <summary>The transaction that made it.</summary>
    public required string Txid { get; init; }

    /// <summary>Its output number there.</summary>
    public required int Vout { get; init; }

    /// <summary>What it holds.</summary>
    public required Sats Amount { get; init; }

    /// <summary>The script it pays to.</summary>
    public required long AddressId { get; init; }

    /// <summary>Why it came.</summary>
    public required CoinOrigin Origin { get; init; }

    /// <summary>Where it stands in the best chain; null while a reorganisation has taken it out.</summary>
    public int? Height { get; set; }

    /// <summary>Whether the public books count it: set at the required depth, taken back if the chain takes the coin back.</summary>
    public bool IsBooked { get; set; }

    /// <summary>Whether it is out of the best chain and can never come back, as the log says.</summary>
    public bool IsLost { get; set; }

    /// <summary>The transaction in the best chain that spends it.</summary>
    public string? SpentBy { get; set; }

    /// <summary>Where that transaction stands in the best chain.</summary>
    public int? SpentHeight { get; set; }

    /// <summary>Raised by every change: the optimistic concurrency token.</summary>
    public long Version { get; set; }

    internal sealed class Mapping : IMoneyMapping<TreasuryCoin>
    {
        public void Configure(EntityTypeBuilder<TreasuryCoin> builder)
        {
            builder.ToTable("treasury_coins");
            builder.Property(c => c.Txid).HasMaxLength(64);
            builder.Property(c => c.SpentBy).HasMaxLength(64);
            builder.Property(c => c.Version).IsConcurrencyToken();
            builder.HasIndex(c => new { c.Txid, c.Vout }).IsUnique();
            builder.HasIndex(c => c.AddressId);
            builder.HasIndex(c => c.Height);
            builder.HasIndex(c => c.SpentHeight);
            builder.HasOne<TreasuryTransaction>().WithMany().HasForeignKey(c => c.Txid).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<TreasuryAddress>().WithMany().HasForeignKey(c => c.AddressId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>Why a coin came to the treasury.</summary>
public enum CoinOrigin
{
    /// <summary>Paid to an address that a donor asked for.</summary>
    Donation,

    /// <summary>Paid to an address that nobody was given.</summary>
    Deposit,

    /// <summary>Came back from a payment of our own.</summary>
    Change,
}
