using DigitalResistance.Data;
using DigitalResistance.Moves;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Rounds;

/// <summary>
/// One admin's yes to one manifest. It is bound to the manifest's hash, so a changed round has no approvals, and a move never changes; the row stays as history.
/// </summary>
public sealed class Approval
{
    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The round; null where it is of a move.</summary>
    public int? RoundNumber { get; init; }

    /// <summary>The move of the treasury's money; null where it is of a round.</summary>
    public int? MoveNumber { get; init; }

    /// <summary>SHA-256 of the approved manifest, lower-case hex.</summary>
    public required string ManifestSha256 { get; init; }

    /// <summary>The admin; never public.</summary>
    public required Guid AdminId { get; init; }

    /// <summary>How the yes was given.</summary>
    public required ApprovalKind Kind { get; init; }

    /// <summary>Public name of who approved: the key's fingerprint, or for a signed-in approval the admin's token in this round or move.</summary>
    public required string Signer { get; init; }

    /// <summary>The SSHSIG blob; null for a signed-in approval.</summary>
    public byte[]? Signature { get; init; }

    /// <summary>When it was given.</summary>
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IMoneyMapping<Approval>
    {
        public void Configure(EntityTypeBuilder<Approval> builder)
        {
            builder.ToTable("approvals", table => table.HasCheckConstraint("ck_approvals_order", "(round_number IS NULL) <> (move_number IS NULL)"));
            builder.Property(a => a.ManifestSha256).HasMaxLength(64);
            builder.Property(a => a.Signer).HasMaxLength(60);
            // One for each signer, however often the button is pressed; an admin counts once, whatever kinds and keys there are.
            builder.HasIndex(a => new { a.RoundNumber, a.ManifestSha256, a.Signer }).IsUnique();
            builder.HasIndex(a => new { a.MoveNumber, a.ManifestSha256, a.Signer }).IsUnique();
            builder.HasOne<Move>().WithMany().HasForeignKey(a => a.MoveNumber).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<Round>().WithMany().HasForeignKey(a => a.RoundNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>The two ways to approve; outsiders can check the first without trusting this server.</summary>
public enum ApprovalKind
{
    /// <summary>An SSH signature over the manifest by a key of the admin's.</summary>
    SshSignature,

    /// <summary>A press of a button with a fresh second factor.</summary>
    SignedIn,
}
