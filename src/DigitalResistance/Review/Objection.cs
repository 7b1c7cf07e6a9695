using DigitalResistance.Data;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Review;

/// <summary>
/// An operator's one objection to being held or excluded in a round. Its text is for admins only, is sealed, and is deleted when the round ends.
/// </summary>
public sealed class Objection
{
    /// <summary>The longest text, in characters.</summary>
    public const int LongestText = 1000;

    /// <summary>What the text is sealed for.</summary>
    internal const string Purpose = "objection.v1";

    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>The operator's name in it.</summary>
    public required string Token { get; init; }

    /// <summary>The text; null once the round ended, and where a restored database learned of the objection from the log.</summary>
    public byte[]? SealedText { get; internal set; }

    /// <summary>When it was raised.</summary>
    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>How it was decided; null while it is open.</summary>
    public ObjectionVerdict? Verdict { get; internal set; }

    internal sealed class Mapping : IMoneyMapping<Objection>
    {
        public void Configure(EntityTypeBuilder<Objection> builder)
        {
            builder.ToTable("objections");
            // One for each operator and round, however often the button is pressed.
            builder.HasKey(o => new { o.RoundNumber, o.Token });
            builder.Property(o => o.Token).HasMaxLength(16);
            builder.HasOne<Round>().WithMany().HasForeignKey(o => o.RoundNumber).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

/// <summary>How an objection is decided.</summary>
public enum ObjectionVerdict
{
    /// <summary>The operator is right, and takes part.</summary>
    Upheld,

    /// <summary>It stays as it was decided.</summary>
    Dismissed,
}

/// <summary>What one admin, who did not decide before, says of an objection. It may be changed while the objection is open.</summary>
public sealed class ObjectionVote
{
    /// <summary>The round.</summary>
    public required int RoundNumber { get; init; }

    /// <summary>The operator's name in it.</summary>
    public required string Token { get; init; }

    /// <summary>The admin.</summary>
    public required Guid AdminId { get; init; }

    /// <summary>What the admin says.</summary>
    public required ObjectionVerdict Verdict { get; set; }

    internal sealed class Mapping : IMoneyMapping<ObjectionVote>
    {
        public void Configure(EntityTypeBuilder<ObjectionVote> builder)
        {
            builder.ToTable("objection_votes");
            builder.HasKey(v => new { v.RoundNumber, v.Token, v.AdminId });
            builder.Property(v => v.Token).HasMaxLength(16);
            builder.HasOne<Objection>().WithMany().HasForeignKey(v => new { v.RoundNumber, v.Token }).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
