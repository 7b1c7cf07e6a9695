using DigitalResistance.Accounts;
using DigitalResistance.Rounds;
using DigitalResistance.Staff;
using DigitalResistance.Testing.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Staff;

/// <summary>Losing an admin or a treasurer.</summary>
public sealed class RoleRemovingTests
{
    private static async Task<(RoundsWorld World, Guid Carol)> ThreeAsync()
    {
        var world = await RoundsWorld.CreateAsync();
        return (world, await world.AdminAsync());
    }

    [Fact]
    public async Task As_many_others_as_approve_a_round_end_an_admins_role_and_the_person_is_not_asked()
    {
        var (world, carol) = await ThreeAsync();
        await using var _ = world;
        Assert.IsType<StaffResult.OwnAccount>(await world.RemoveAsync(carol, carol));
        Assert.Equal(new StaffResult.Waiting(1, 2), await world.RemoveAsync(world.Alice, carol));
        // Neither by saying it again nor by the person concerned.
        Assert.Equal(new StaffResult.Waiting(1, 2), await world.RemoveAsync(world.Alice, carol));
        Assert.IsType<StaffResult.OwnAccount>(await world.ConfirmRemovalAsync(carol, carol));
        Assert.IsType<StaffResult.NotTheProposer>(await world.WithdrawRemovalAsync(carol, carol));
        Assert.Contains(carol, await world.HoldersAsync(Roles.Admin));

        Assert.Equal(new StaffResult.Agreed(), await world.ConfirmRemovalAsync(world.Boris, carol));
        Assert.DoesNotContain(carol, await world.HoldersAsync(Roles.Admin));
        Assert.Empty(await world.On(db => db.Set<RoleRemoval>().ToListAsync()));
        Assert.Empty(await world.On(db => db.Set<StaffVote>().ToListAsync()));
        Assert.IsType<StaffResult.NotAnAdmin>(await world.RemoveAsync(carol, world.Alice));
    }

    [Fact]
    public async Task With_the_role_go_the_sessions_the_key_and_what_the_person_had_proposed()
    {
        var (world, carol) = await ThreeAsync();
        await using var _ = world;
        var key = TestSshKey.Create("ssh-ed25519");
        Assert.IsType<KeyResult.Waiting>(await world.ProposeAsync(carol, key.PublicLine));
        Assert.IsType<KeyResult.Enrolled>(await world.ConfirmAsync(world.Alice));
        var code = await world.InviteAsync(Roles.Admin, carol);
        Assert.IsType<StaffResult.Agreed>(await world.AgreeAsync(world.Boris));
        var stamp = await world.On(db => db.Users.Where(a => a.Id == carol).Select(a => a.SecurityStamp).SingleAsync());

        await world.RemoveAsync(world.Alice, carol, reason: RemovalReason.Stolen);
        await world.ConfirmRemovalAsync(world.Boris, carol);
        Assert.NotEqual(stamp, await world.On(db => db.Users.Where(a => a.Id == carol).Select(a => a.SecurityStamp).SingleAsync()));
        Assert.NotNull((await world.On(db => db.Set<AdminKey>().SingleAsync())).RevokedAt);
        Assert.Null(await world.LookAsync(code));
        // In the log, how many agreed, and neither who nor that it was a person.
        Assert.Equal(["key.added", "key.revoked"], await world.EntriesAsync());
    }

    [Fact]
    public async Task Approvals_that_were_not_enough_yet_stop_counting()
    {
        var (world, carol) = await ThreeAsync();
        await using var _ = world;
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, round.ManifestSha256!, carol));
        await world.RemoveAsync(world.Alice, carol);
        await world.ConfirmRemovalAsync(world.Boris, carol);
        var counted = Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
        Assert.Equal((1, false), (counted.Tally.Have, counted.Tally.Suffices));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task A_round_is_not_approved_by_somebody_at_the_very_moment_the_role_ends()
    {
        var (world, carol) = await ThreeAsync();
        await using var _ = world;
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        await world.ApproveAsync(1, round.ManifestSha256!, world.Alice);
        await world.RemoveAsync(world.Alice, carol);
        world.Meanwhile = async () => Assert.IsType<StaffResult.Agreed>(await world.ConfirmRemovalAsync(world.Boris, carol));
        Assert.IsType<ApprovalResult.NotAnAdmin>(await world.ApproveAsync(1, round.ManifestSha256!, carol));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    public async Task The_last_admins_cannot_be_removed(int approvals, int enough)
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: approvals);
        while ((await world.HoldersAsync(Roles.Admin)).Count < enough) await world.AdminAsync();
        Assert.Equal(new StaffResult.TooFewLeft(enough), await world.RemoveAsync(world.Alice, world.Boris));
        await world.AdminAsync();
        Assert.IsType<StaffResult.Waiting>(await world.RemoveAsync(world.Alice, world.Boris));
    }

    [Fact]
    public async Task Two_removals_at_once_leave_as_many_admins_as_must_be_left()
    {
        var (world, carol) = await ThreeAsync();
        await using var _ = world;
        await world.RemoveAsync(world.Alice, carol);
        await world.RemoveAsync(carol, world.Alice);
        var results = await Task.WhenAll(new[] { carol, world.Alice }.Select(whom => Task.Run(() => world.ConfirmRemovalAsync(world.Boris, whom))));
        Assert.Single(results.OfType<StaffResult.Agreed>());
        Assert.Single(results.OfType<StaffResult.TooFewLeft>());
        Assert.Equal(2, (await world.HoldersAsync(Roles.Admin)).Count);
    }

    [Fact]
    public async Task A_treasurer_is_removed_by_two_admins_or_by_the_only_one()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (first, second) = (await world.TreasurerAsync(), await world.TreasurerAsync());
        Assert.Equal(new StaffResult.Waiting(1, 2), await world.RemoveAsync(world.Alice, first, Roles.Treasurer));
        Assert.Equal(new StaffResult.Agreed(), await world.RemoveAsync(world.Boris, first, Roles.Treasurer));
        Assert.Equal([second], await world.HoldersAsync(Roles.Treasurer));
        Assert.IsType<StaffResult.NotHeld>(await world.RemoveAsync(world.Alice, first, Roles.Treasurer));
        await world.DropAsync(world.Boris);
        Assert.Equal(new StaffResult.Agreed(), await world.RemoveAsync(world.Alice, second, Roles.Treasurer));
        Assert.DoesNotContain("key.revoked", await world.EntriesAsync());
    }

    [Fact]
    public async Task An_admin_who_is_a_treasurer_too_has_no_say_about_either_and_keeps_the_other()
    {
        var (world, carol) = await ThreeAsync();
        await using var _ = world;
        await world.GiveAsync(carol, Roles.Treasurer);
        Assert.Equal(new StaffResult.Waiting(1, 2), await world.RemoveAsync(world.Alice, carol, Roles.Treasurer));
        Assert.IsType<StaffResult.OwnAccount>(await world.ConfirmRemovalAsync(carol, carol));
        Assert.Equal(new StaffResult.Agreed(), await world.ConfirmRemovalAsync(world.Boris, carol));
        Assert.Empty(await world.HoldersAsync(Roles.Treasurer));
        Assert.Contains(carol, await world.HoldersAsync(Roles.Admin));
    }

    [Fact]
    public async Task What_was_proposed_can_be_taken_back_and_grows_old()
    {
        var (world, carol) = await ThreeAsync();
        await using var _ = world;
        await world.RemoveAsync(world.Alice, carol);
        Assert.IsType<StaffResult.Withdrawn>(await world.WithdrawRemovalAsync(world.Alice, carol));
        Assert.IsType<StaffResult.Gone>(await world.ConfirmRemovalAsync(world.Boris, carol));

        await world.RemoveAsync(world.Alice, carol);
        world.Time.Advance(RoleRemoval.Lifetime);
        Assert.IsType<StaffResult.Gone>(await world.ConfirmRemovalAsync(world.Boris, carol));
        // Alice's yes of then is forgotten: it begins anew.
        Assert.Equal(new StaffResult.Waiting(1, 2), await world.RemoveAsync(world.Boris, carol));
        Assert.Equal(new StaffResult.Agreed(), await world.ConfirmRemovalAsync(world.Alice, carol));
    }
}
