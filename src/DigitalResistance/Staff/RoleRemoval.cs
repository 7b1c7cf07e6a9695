using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Staff;

/// <summary>A role that admins are asked to take from somebody. The row goes when it is taken, withdrawn or too old.</summary>
public sealed class RoleRemoval
{
    /// <summary>How long it waits for admins.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>From whom; never public.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Which role.</summary>
    public required string Role { get; init; }

    /// <summary>Why.</summary>
    public required RemovalReason Reason { get; init; }

    /// <summary>Who proposed it.</summary>
    public required Guid ProposedBy { get; init; }

    /// <summary>From when on it is worth nothing.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Mapping : IMoneyMapping<RoleRemoval>
    {
        public void Configure(EntityTypeBuilder<RoleRemoval> builder)
        {
            builder.ToTable("role_removals");
            builder.Property(r => r.Role).HasMaxLength(20);
            builder.HasIndex(r => new { r.AccountId, r.Role }).IsUnique();
        }
    }
}

/// <summary>Why a role ends. Never in the ledger.</summary>
public enum RemovalReason
{
    /// <summary>The person stops.</summary>
    Leaves,

    /// <summary>Nobody can sign in to the account any more, or nobody hears from its owner.</summary>
    Lost,

    /// <summary>Somebody else may have the account.</summary>
    Stolen,

    /// <summary>The others do not trust the person any more.</summary>
    Trust,
}
