using DigitalResistance.Accounts;
using DigitalResistance.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>Who is an admin at this moment, read from the database and not from anybody's cookie.</summary>
internal static class AdminRole
{
    public static async Task<HashSet<Guid>> MembersAsync(MoneyDb db, CancellationToken cancellation) =>
        [.. await (from member in db.Set<IdentityUserRole<Guid>>()
                   join role in db.Set<IdentityRole<Guid>>() on member.RoleId equals role.Id
                   where role.Name == Roles.Admin
                   select member.UserId).ToListAsync(cancellation)];
}
