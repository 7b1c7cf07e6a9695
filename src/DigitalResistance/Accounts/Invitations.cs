using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Scoring;
using DigitalResistance.Staff;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Accounts;

/// <summary>
/// One-time codes that give a role: made by an admin, or on the console. Only their digest is kept. A code for a role that touches money works once as many admins said yes as must,
/// counted when it is used: what the only admin made alone waits for the second one as soon as there is one.
/// </summary>
public sealed class Invitations(MoneyDb db, Policy policy, TimeProvider time)
{
    /// <summary>How long a code may be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const int Length = 20;

    /// <summary>
    /// Makes a code for <paramref name="role"/>, and says the maker's yes where others must agree; <paramref name="by"/> is null for the console. For a role that touches money the
    /// caller has just verified a second factor.
    /// </summary>
    /// <returns>The code, which nobody can see again.</returns>
    public async Task<string> IssueAsync(string role, Guid? by, CancellationToken cancellation, InvitationPurpose? purpose = null)
    {
        var (code, now) = (Base32.Random(Length), time.GetUtcNow());
        var invitation = new Invitation { Digest = Digest(code), Role = role, Purpose = purpose, CreatedBy = by, ExpiresAt = now + Lifetime };
        db.Add(invitation);
        if (by is { } admin && NeedsYes(invitation)) db.Add(new StaffVote { SubjectId = invitation.Id, AdminId = admin, At = now });
        await db.SaveChangesAsync(cancellation);
        return Base32.Group(code, 5);
    }

    /// <summary>What a code would give; null when it is wrong, used, withdrawn or too old.</summary>
    public async Task<InvitedTo?> LookAsync(string? code, CancellationToken cancellation) =>
        await FindAsync(code, cancellation) is { } invitation ? new InvitedTo(invitation.Role, await IsAgreedAsync(invitation, cancellation)) : null;

    /// <summary>Withdraws an invitation that was not used.</summary>
    public async Task WithdrawAsync(Guid id, CancellationToken cancellation)
    {
        if (await db.Set<Invitation>().Where(i => i.Id == id && i.UsedAt == null).ExecuteDeleteAsync(cancellation) == 1) await db.ForgetYesAsync(id, cancellation);
    }

    /// <summary>Whether more admins than its maker must agree to it.</summary>
    internal static bool NeedsYes(Invitation invitation) => invitation.CreatedBy is not null && invitation.Role != Roles.Operator;

    /// <summary>Whether this is a code that the program printed at its start, for the very first admin.</summary>
    internal async Task<bool> IsFirstAsync(string? code, CancellationToken cancellation) =>
        await FindAsync(code, cancellation) is { CreatedBy: null, Purpose: null };

    /// <summary>Uses the code up: the role it gives, for exactly one caller.</summary>
    internal async Task<string?> RedeemAsync(string? code, Guid by, CancellationToken cancellation)
    {
        // Nobody gains or loses a role while it is counted who agreed.
        await db.TakeTurnAsync(cancellation);
        if (await FindAsync(code, cancellation) is not { } invitation || !await IsAgreedAsync(invitation, cancellation)) return null;
        DateTimeOffset? now = time.GetUtcNow();
        return await db.Set<Invitation>().Where(i => i.Id == invitation.Id && i.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.UsedAt, now).SetProperty(i => i.UsedBy, by), cancellation) == 1 ? invitation.Role : null;
    }

    /// <summary>Withdraws every code that the program printed at its start.</summary>
    internal Task WithdrawFirstAsync(CancellationToken cancellation) =>
        db.Set<Invitation>().Where(i => i.CreatedBy == null && i.Purpose == null && i.UsedAt == null).ExecuteDeleteAsync(cancellation);

    private async Task<bool> IsAgreedAsync(Invitation invitation, CancellationToken cancellation)
    {
        if (!NeedsYes(invitation)) return true;
        var admins = await db.HoldersAsync(Roles.Admin, cancellation);
        return (await db.YesAsync(invitation.Id, admins, cancellation)).Count >= StaffQuorum.Of(policy, admins.Count);
    }

    private async Task<Invitation?> FindAsync(string? code, CancellationToken cancellation)
    {
        if (Base32.Normalize(code) is not { Length: Length } text) return null;
        var (digest, now) = (Digest(text), time.GetUtcNow());
        return await db.Set<Invitation>().AsNoTracking().FirstOrDefaultAsync(i => i.Digest == digest && i.UsedAt == null && i.ExpiresAt > now, cancellation);
    }

    private static byte[] Digest(string code) => SHA256.HashData(Encoding.UTF8.GetBytes("invitation/v1\n" + code));
}

/// <summary>What an invitation gives.</summary>
/// <param name="Role">The role.</param>
/// <param name="IsAgreed">Whether enough admins agreed; until then the code is known and does not work.</param>
public sealed record InvitedTo(string Role, bool IsAgreed);

/// <summary>For what an invitation is made, as other admins read it: what can be said without saying who.</summary>
public enum InvitationPurpose
{
    /// <summary>One of the people who begin.</summary>
    Founding,

    /// <summary>More people for the same work.</summary>
    Growth,

    /// <summary>In the place of somebody who left, or is lost.</summary>
    Replacement,

    /// <summary>The same person with another account.</summary>
    Return,
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

    /// <summary>For what; null where nothing was said, and for the very first admin.</summary>
    public InvitationPurpose? Purpose { get; init; }

    /// <summary>The admin who made it; null for the console's.</summary>
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
