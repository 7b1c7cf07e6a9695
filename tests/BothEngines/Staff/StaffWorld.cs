using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Rounds;
using DigitalResistance.Staff;
using DigitalResistance.Testing.Rounds;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Staff;

/// <summary>What admins do about each other, in the world of rounds.</summary>
internal static class StaffWorld
{
    public static Task<string> InviteAsync(this RoundsWorld world, string role, Guid? by, InvitationPurpose? purpose = null) =>
        world.On(db => new Invitations(db, world.Policy, world.Time).IssueAsync(role, by, default, purpose));

    public static Task<InvitedTo?> LookAsync(this RoundsWorld world, string code) => world.On(db => new Invitations(db, world.Policy, world.Time).LookAsync(code, default));

    /// <summary>Uses a code, and takes up the role that it gives, as one act.</summary>
    public static Task<string?> RedeemAsync(this RoundsWorld world, string code, Guid account) => world.On(async db =>
    {
        await using var transaction = await db.JoinTransactionAsync();
        if (await new Invitations(db, world.Policy, world.Time).RedeemAsync(code, account, default) is not { } role) return null;
        db.Add(new IdentityUserRole<Guid> { UserId = account, RoleId = await db.Roles.Where(r => r.Name == role).Select(r => r.Id).SingleAsync() });
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return role;
    });

    /// <summary>Says yes to the newest invitation.</summary>
    public static Task<StaffResult> AgreeAsync(this RoundsWorld world, Guid admin) => world.On(async db =>
        await new InvitationAgreeing(db, world.Policy, world.Time).ConfirmAsync(admin, await db.Set<Invitation>().OrderByDescending(i => i.ExpiresAt).ThenByDescending(i => i.Id).Select(i => i.Id).FirstAsync()));

    public static async Task<Guid> TreasurerAsync(this RoundsWorld world)
    {
        var account = await world.AccountAsync();
        await world.GiveAsync(account, Roles.Treasurer);
        return account;
    }

    public static Task<int> GiveAsync(this RoundsWorld world, Guid account, string role) => world.On(async db =>
    {
        db.Add(new IdentityUserRole<Guid> { UserId = account, RoleId = await db.Roles.Where(r => r.Name == role).Select(r => r.Id).SingleAsync() });
        return await db.SaveChangesAsync();
    });

    public static Task<int> DropAsync(this RoundsWorld world, Guid account) => world.On(db => db.UserRoles.Where(r => r.UserId == account).ExecuteDeleteAsync());

    public static Task<StaffResult> RemoveAsync(this RoundsWorld world, Guid admin, Guid account, string role = Roles.Admin, RemovalReason reason = RemovalReason.Lost) =>
        world.On(db => Removing(world, db).ProposeAsync(admin, account, role, reason));

    public static Task<StaffResult> ConfirmRemovalAsync(this RoundsWorld world, Guid admin, Guid account) =>
        world.On(async db => await Removing(world, db).ConfirmAsync(admin, await IdAsync(db, account)));

    public static Task<StaffResult> WithdrawRemovalAsync(this RoundsWorld world, Guid admin, Guid account) =>
        world.On(async db => await Removing(world, db).WithdrawAsync(admin, await IdAsync(db, account)));

    public static Task<HashSet<Guid>> HoldersAsync(this RoundsWorld world, string role) => world.On(db => db.HoldersAsync(role, default));

    private static Task<Guid> IdAsync(MoneyDb db, Guid account) => db.Set<RoleRemoval>().Where(r => r.AccountId == account).Select(r => r.Id).SingleOrDefaultAsync();

    private static RoleRemoving Removing(RoundsWorld world, MoneyDb db) => new(db, new AdminKeys(db, world.Policy, world.Time), world.Policy, world.Time);
}
