using DigitalResistance.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Accounts;

/// <summary>
/// A person or a company that signs in with a generated account id (its <see cref="IdentityUser{TKey}.UserName"/>) and a password.
/// No e-mail, no phone, no name: what is not stored cannot be seized.
/// </summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>When the account was made, truncated to the day: the exact moment would be one more thing to correlate.</summary>
    public DateTimeOffset CreatedAt { get; set; }

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
}
