using DigitalResistance.Accounts;
using DigitalResistance.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Staff;

/// <summary>Who holds a role and who said yes, read so that nobody changes it meanwhile.</summary>
internal static class StaffBook
{
    /// <summary>
    /// Takes the turn until the transaction ends: every act that changes roles, or rests on who holds them, begins so. Of two at once the second waits and then reads what
    /// the first left. The row is written as it is; what counts is its lock.
    /// </summary>
    public static Task TakeTurnAsync(this MoneyDb db, CancellationToken cancellation) =>
        db.Set<SiteState>().ExecuteUpdateAsync(set => set.SetProperty(s => s.FirstAdminAt, s => s.FirstAdminAt), cancellation);

    /// <summary>Who holds a role at this moment, read from the database and not from anybody's cookie.</summary>
    public static async Task<HashSet<Guid>> HoldersAsync(this MoneyDb db, string role, CancellationToken cancellation) =>
        [.. await (from member in db.Set<IdentityUserRole<Guid>>()
                   join held in db.Set<IdentityRole<Guid>>() on member.RoleId equals held.Id
                   where held.Name == role
                   select member.UserId).ToListAsync(cancellation)];

    /// <summary>Who of <paramref name="among"/> said yes.</summary>
    public static async Task<HashSet<Guid>> YesAsync(this MoneyDb db, Guid subject, IReadOnlySet<Guid> among, CancellationToken cancellation) =>
        [.. (await db.Set<StaffVote>().Where(v => v.SubjectId == subject).Select(v => v.AdminId).ToListAsync(cancellation)).Where(among.Contains)];

    /// <summary>Adds a yes. False where it was there.</summary>
    public static async Task<bool> AddYesAsync(this MoneyDb db, Guid subject, Guid admin, DateTimeOffset at, CancellationToken cancellation)
    {
        if (await db.Set<StaffVote>().AnyAsync(v => v.SubjectId == subject && v.AdminId == admin, cancellation)) return false;
        db.Add(new StaffVote { SubjectId = subject, AdminId = admin, At = at });
        return true;
    }

    /// <summary>Forgets who said yes to what is over.</summary>
    public static Task ForgetYesAsync(this MoneyDb db, Guid subject, CancellationToken cancellation) =>
        db.Set<StaffVote>().Where(v => v.SubjectId == subject).ExecuteDeleteAsync(cancellation);
}
