using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Returns;

/// <summary>
/// Somebody says to have lost password and codes of an account, and asks to be let in again. No word of a person is kept: who asks is checked by admins elsewhere, by the
/// reference.
/// </summary>
public sealed class AccountReturn
{
    /// <summary>How long it waits for admins.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>Row id (UUIDv7).</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Digest of the code that whoever asked comes back with.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>What whoever asked tells admins, and admins see: neither the code nor the account.</summary>
    public required string Reference { get; init; }

    /// <summary>Which account; null where there is none, or too many asked for it: such a request looks alike and leads nowhere.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>When enough admins had agreed: the waiting starts here. Null before.</summary>
    public DateTimeOffset? AgreedAt { get; internal set; }

    /// <summary>When it ended; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>How it ended.</summary>
    public ReturnEnding? Ending { get; internal set; }

    internal sealed class Mapping : IMoneyMapping<AccountReturn>
    {
        public void Configure(EntityTypeBuilder<AccountReturn> builder)
        {
            builder.ToTable("account_returns");
            builder.Property(r => r.Reference).HasMaxLength(9);
            builder.HasIndex(r => r.Digest).IsUnique();
            builder.HasIndex(r => r.AccountId);
        }
    }
}

/// <summary>How a request ended before its time.</summary>
public enum ReturnEnding
{
    /// <summary>Somebody who can sign in to the account said that it is not wanted.</summary>
    Stopped,

    /// <summary>An admin refused it.</summary>
    Refused,

    /// <summary>Whoever asked is in again.</summary>
    Done,
}
