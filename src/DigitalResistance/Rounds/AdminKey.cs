using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>A public SSH key that an admin approves rounds with, made for this purpose only. Public itself; whose it is, is not.</summary>
public sealed class AdminKey
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The admin.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Type and base64 as in <c>authorized_keys</c>, without the comment (it often holds a person's name).</summary>
    public required string PublicKey { get; init; }

    /// <summary><c>SHA256:…</c> as <c>ssh-keygen -l</c> prints it.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>When it was enrolled.</summary>
    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>When it was revoked; its approvals of rounds that are not approved yet stop counting.</summary>
    public DateTimeOffset? RevokedAt { get; internal set; }

    internal sealed class Mapping : IMoneyMapping<AdminKey>
    {
        public void Configure(EntityTypeBuilder<AdminKey> builder)
        {
            builder.ToTable("admin_keys");
            builder.Property(k => k.PublicKey).HasMaxLength(400);
            builder.Property(k => k.Fingerprint).HasMaxLength(60);
            // One key speaks for one admin, now and ever: otherwise one person could count as two.
            builder.HasIndex(k => k.Fingerprint).IsUnique();
            builder.HasIndex(k => k.AccountId).IsUnique().HasFilter("revoked_at IS NULL");
        }
    }
}
