using DigitalResistance.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Accounts;

/// <summary>
/// A person or a company that signs in with a generated <see cref="AccountId"/> (its <see cref="IdentityUser{TKey}.UserName"/>) and a password.
/// No e-mail, no phone, no name: what is not stored cannot be seized.
/// </summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>What its owner signs in with.</summary>
    public AccountId AccountId => AccountId.Stored(UserName!);

    /// <summary>When the account was made, truncated to the day: the exact moment would be one more thing to correlate.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Secret of the authenticator app, protected with the key ring; null without a second factor.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>Time step of the last one-time code that was accepted: neither it nor an older one is accepted again.</summary>
    public long TotpStep { get; set; }

    /// <summary>When its owner came back without password and codes, by the admins' agreement; null where that never happened.</summary>
    public DateTimeOffset? ReturnedAt { get; internal set; }

    internal sealed class Mapping : IMoneyMapping<Account>
    {
        public void Configure(EntityTypeBuilder<Account> builder)
        {
            builder.ToTable("accounts");
            builder.Ignore(a => a.Email).Ignore(a => a.NormalizedEmail).Ignore(a => a.EmailConfirmed)
                .Ignore(a => a.PhoneNumber).Ignore(a => a.PhoneNumberConfirmed);
        }
    }
}

/// <summary>The three roles; an account may hold several.</summary>
public static class Roles
{
    /// <summary>Owns servers and a payout address. Every new account has it.</summary>
    public const string Operator = "operator";

    /// <summary>Proposes and approves rounds; needs a second factor.</summary>
    public const string Admin = "admin";

    /// <summary>Builds batches and uploads signatures; needs a second factor.</summary>
    public const string Treasurer = "treasurer";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Operator, Admin, Treasurer];

    internal sealed class Mapping : IMoneyMapping<IdentityRole<Guid>>
    {
        public void Configure(EntityTypeBuilder<IdentityRole<Guid>> builder) => builder.HasData(All.Select((name, index) => new IdentityRole<Guid>(name)
        {
            // Fixed, so that the seeded rows are the same everywhere.
            Id = new Guid($"00000000-0000-0000-0000-00000000000{index + 1}"),
            NormalizedName = name.ToUpperInvariant(),
            ConcurrencyStamp = name,
        }));
    }
}
