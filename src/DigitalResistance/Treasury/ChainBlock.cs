using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Treasury;

/// <summary>
/// A block of the best chain that was read. Each row refers to the one before it, so that the table is a chain whoever writes to it:
/// a block on a branch that another process has just left cannot be inserted.
/// </summary>
public sealed class ChainBlock
{
    /// <summary>Height; one block per height.</summary>
    public required int Height { get; init; }

    /// <summary>The block's hash as it is printed.</summary>
    public required string Hash { get; init; }

    /// <summary>The hash of the block before; null for the first one that was read.</summary>
    public required string? Previous { get; init; }

    internal sealed class Mapping : IMoneyMapping<ChainBlock>
    {
        public void Configure(EntityTypeBuilder<ChainBlock> builder)
        {
            builder.ToTable("chain_blocks");
            builder.HasKey(b => b.Height);
            builder.Property(b => b.Height).ValueGeneratedNever();
            builder.Property(b => b.Hash).HasMaxLength(64);
            builder.Property(b => b.Previous).HasMaxLength(64);
            // NO ACTION is checked at the end of a statement, so that one DELETE may remove a whole branch; RESTRICT may not.
            builder.HasOne<ChainBlock>().WithOne().HasForeignKey<ChainBlock>(b => b.Previous).HasPrincipalKey<ChainBlock>(b => b.Hash).OnDelete(DeleteBehavior.NoAction);
        }
    }
}
