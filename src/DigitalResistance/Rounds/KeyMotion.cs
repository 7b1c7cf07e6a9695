using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>A key that waits for admins to enrol or to revoke it. The row goes once enough of them said yes: the ledger keeps what came of it.</summary>
public sealed class KeyMotion
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>What is to be done.</summary>
    public required KeyMotionKind Kind { get; init; }

    /// <summary>Whose key it is; never public.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Type and base64, without a comment.</summary>
    public required string PublicKey { get; init; }

    /// <summary><c>SHA256:…</c> as <c>ssh-keygen -l</c> prints it: what admins compare before they say yes.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>When it was proposed.</summary>
    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>Raised by every yes: of two admins at once the second counts again.</summary>
    public long Version { get; set; }

    /// <summary>Who said yes.</summary>
    public List<KeyMotionVote> Votes { get; } = [];

    internal sealed class Mapping : IMoneyMapping<KeyMotion>
    {
        public void Configure(EntityTypeBuilder<KeyMotion> builder)
        {
            builder.ToTable("admin_key_motions");
            builder.Property(m => m.PublicKey).HasMaxLength(400);
            builder.Property(m => m.Fingerprint).HasMaxLength(60);
            builder.Property(m => m.Version).IsConcurrencyToken();
            builder.HasIndex(m => new { m.AccountId, m.Kind }).IsUnique();
            builder.HasMany(m => m.Votes).WithOne().HasForeignKey(v => v.MotionId);
        }
    }
}

/// <summary>What a <see cref="KeyMotion"/> asks for.</summary>
public enum KeyMotionKind
{
    /// <summary>The key shall approve rounds.</summary>
    Enrol,

    /// <summary>The key shall approve nothing any more.</summary>
    Revoke,
}

/// <summary>An admin's yes.</summary>
public sealed class KeyMotionVote
{
    /// <summary>To what.</summary>
    public required Guid MotionId { get; init; }

    /// <summary>The admin; never public.</summary>
    public required Guid AdminId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IMoneyMapping<KeyMotionVote>
    {
        public void Configure(EntityTypeBuilder<KeyMotionVote> builder)
        {
            builder.ToTable("admin_key_votes");
            builder.HasKey(v => new { v.MotionId, v.AdminId });
        }
    }
}
