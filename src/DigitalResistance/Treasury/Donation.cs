using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Treasury;

/// <summary>
/// A donor's receipt: who holds the token sees what came to the address. Only the token's hash is stored, and nothing about the donor.
/// It never expires; any payment to its address at any time belongs to it.
/// </summary>
public sealed class Donation
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>SHA-256 of the secret token.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>The address that was made for this receipt alone.</summary>
    public required long AddressId { get; init; }

    /// <summary>What is stored of a token.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    internal sealed class Mapping : IMoneyMapping<Donation>
    {
        public void Configure(EntityTypeBuilder<Donation> builder)
        {
            builder.ToTable("donations");
            builder.Property(d => d.TokenHash).HasMaxLength(32);
            builder.HasIndex(d => d.TokenHash).IsUnique();
            builder.HasIndex(d => d.AddressId).IsUnique();
            builder.HasOne<TreasuryAddress>().WithMany().HasForeignKey(d => d.AddressId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
