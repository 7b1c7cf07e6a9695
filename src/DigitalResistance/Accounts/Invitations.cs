using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Accounts;

/// <summary>One-time codes that give a role: made by an admin, or by the program for the very first admin. Only their digest is kept.</summary>
public sealed class Invitations(MoneyDb db, TimeProvider time)
{
    /// <summary>How long a code may be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const int Length = 20;

    /// <summary>Makes a code for <paramref name="role"/>; <paramref name="by"/> is null for the program itself.</summary>
    /// <returns>The code, which nobody can see again.</returns>
    public async Task<string> IssueAsync(string role, Guid? by, CancellationToken cancellation)
    {
        var code = Base32.Random(Length);
        db.Add(new Invitation { Digest = Digest(code), Role = role, CreatedBy = by, ExpiresAt = time.GetUtcNow() + Lifetime });
        await db.SaveChangesAsync(cancellation);
        return Base32.Group(code, 5);
    }

    /// <summary>The role that a code would give; null when it is wrong, used, withdrawn or too old.</summary>
    public async Task<string?> RoleOfAsync(string? code, CancellationToken cancellation) => (await FindAsync(code, cancellation))?.Role;

    /// <summary>Withdraws an invitation that was not used.</summary>
    public Task WithdrawAsync(Guid id, CancellationToken cancellation) =>
        db.Set<Invitation>().Where(i => i.Id == id && i.UsedAt == null).ExecuteDeleteAsync(cancellation);

    /// <summary>Whether this is the code on the console, for the very first admin.</summary>
    internal async Task<bool> IsFirstAsync(string? code, CancellationToken cancellation) =>
        await FindAsync(code, cancellation) is { CreatedBy: null, Role: Roles.Admin };

    /// <summary>Uses the code up: the role it gives, for exactly one caller.</summary>
    internal async Task<string?> RedeemAsync(string? code, Guid by, CancellationToken cancellation)
    {
        if (await FindAsync(code, cancellation) is not { } invitation) return null;
        DateTimeOffset? now = time.GetUtcNow();
        return await db.Set<Invitation>().Where(i => i.Id == invitation.Id && i.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.UsedAt, now).SetProperty(i => i.UsedBy, by), cancellation) == 1 ? invitation.Role : null;
    }

    /// <summary>Withdraws every code that the program made for itself.</summary>
    internal Task WithdrawFirstAsync(CancellationToken cancellation) =>
        db.Set<Invitation>().Where(i => i.CreatedBy == null && i.UsedAt == null).ExecuteDeleteAsync(cancellation);

    private async Task<Invitation?> FindAsync(string? code, CancellationToken cancellation)
    {
        if (Base32.Normalize(code) is not { Length: Length } text) return null;
        var (digest, now) = (Digest(text), time.GetUtcNow());
        return await db.Set<Invitation>().AsNoTracking().FirstOrDefaultAsync(i => i.Digest == digest && i.UsedAt == null && i.ExpiresAt > now, cancellation);
    }

    private static byte[] Digest(string code) => SHA256.HashData(Encoding.UTF8.GetBytes("invitation/v1\n" + code));
}

/// <summary>One invitation.</summary>
public sealed class Invitation
{
    /// <summary>Row id.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Digest of the code.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>The role it gives.</summary>
    public required string Role { get; init; }

    /// <summary>The admin who made it; null for the first admin's.</summary>
    public Guid? CreatedBy { get; init; }

    /// <summary>From when on it is worth nothing.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was used.</summary>
    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>By which account.</summary>
    public Guid? UsedBy { get; init; }

    internal sealed class Mapping : IMoneyMapping<Invitation>
    {
        public void Configure(EntityTypeBuilder<Invitation> builder)
        {
            builder.ToTable("invitations");
            builder.Property(i => i.Role).HasMaxLength(20);
            builder.HasIndex(i => i.Digest).IsUnique();
        }
    }
}
