using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Messages;

/// <summary>
/// What an account wrote to the admins, or they to it. The words are sealed with the key ring, whose key lies outside the database, and bound to the account. Which admin wrote is not
/// kept.
/// </summary>
public sealed class Message
{
    /// <summary>Characters of a text.</summary>
    public const int LongestText = 2_000;

    /// <summary>How long it is kept.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Whose conversation it belongs to.</summary>
    public required Guid AccountId { get; init; }

    /// <summary>Whether admins wrote it.</summary>
    public required bool IsFromAdmins { get; init; }

    /// <summary>The words, sealed.</summary>
    public required byte[] SealedText { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IMoneyMapping<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder)
        {
            builder.ToTable("messages");
            builder.HasIndex(m => new { m.AccountId, m.At });
            builder.HasIndex(m => m.At);
        }
    }
}
