using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Staff;

namespace DigitalResistance.Rounds;

/// <summary>Who is an admin at this moment, read from the database and not from anybody's cookie.</summary>
internal static class AdminRole
{
    public static Task<HashSet<Guid>> MembersAsync(MoneyDb db, CancellationToken cancellation) => db.HoldersAsync(Roles.Admin, cancellation);
}
