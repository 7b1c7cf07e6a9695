using DigitalResistance.Accounts;
using DigitalResistance.Staff;
using DigitalResistance.Testing.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Staff;

/// <summary>Nobody alone can bring in somebody whose yes moves money.</summary>
public sealed class InvitationAgreementTests
{
    [Theory]
    [InlineData(Roles.Admin)]
    [InlineData(Roles.Treasurer)]
    public async Task An_invitation_to_a_role_that_touches_money_works_once_enough_admins_agreed(string role)
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (carol, code) = (await world.AccountAsync(), await world.InviteAsync(role, world.Alice, InvitationPurpose.Growth));
        Assert.Equal(new InvitedTo(role, false), await world.LookAsync(code));
        Assert.Null(await world.RedeemAsync(code, carol));
        // However often the same admin says it.
        Assert.Equal(new StaffResult.Waiting(1, 2), await world.AgreeAsync(world.Alice));
        Assert.Null(await world.RedeemAsync(code, carol));

        Assert.Equal(new StaffResult.Agreed(), await world.AgreeAsync(world.Boris));
        Assert.Equal(new InvitedTo(role, true), await world.LookAsync(code));
        Assert.Equal(role, await world.RedeemAsync(code, carol));
        Assert.Null(await world.RedeemAsync(code, await world.AccountAsync()));
        Assert.IsType<StaffResult.Gone>(await world.AgreeAsync(world.Boris));
    }

    [Fact]
    public async Task An_operator_is_invited_by_one()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var code = await world.InviteAsync(Roles.Operator, world.Alice);
        Assert.Equal(new InvitedTo(Roles.Operator, true), await world.LookAsync(code));
        // There is nothing to agree to.
        Assert.IsType<StaffResult.Gone>(await world.AgreeAsync(world.Boris));
    }

    [Theory]
    [InlineData(1, 3, 2)]
    [InlineData(2, 3, 2)]
    [InlineData(3, 3, 3)]
    [InlineData(3, 2, 2)]
    [InlineData(5, 4, 4)]
    public async Task As_many_must_agree_as_approve_a_round_or_all_there_are_and_two_at_least(int approvals, int admins, int needed)
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: approvals);
        var all = new List<Guid> { world.Alice, world.Boris };
        while (all.Count < admins) all.Add(await world.AdminAsync());
        var (carol, code) = (await world.AccountAsync(), await world.InviteAsync(Roles.Admin, world.Alice));
        for (var i = 1; i < needed; i++)
        {
            Assert.Null(await world.RedeemAsync(code, carol));
            Assert.Equal(i + 1 == needed ? new StaffResult.Agreed() : new StaffResult.Waiting(i + 1, needed), await world.AgreeAsync(all[i]));
        }

        Assert.Equal(Roles.Admin, await world.RedeemAsync(code, carol));
    }

    [Fact]
    public async Task What_the_only_admin_made_waits_for_the_second_one_as_soon_as_there_is_one()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.DropAsync(world.Boris);
        var (mine, hoarded) = (await world.InviteAsync(Roles.Admin, world.Alice, InvitationPurpose.Founding), await world.InviteAsync(Roles.Admin, world.Alice));
        Assert.True((await world.LookAsync(hoarded))!.IsAgreed);
        Assert.Equal(Roles.Admin, await world.RedeemAsync(mine, world.Boris));
        Assert.Equal(new InvitedTo(Roles.Admin, false), await world.LookAsync(hoarded));
        Assert.Null(await world.RedeemAsync(hoarded, await world.AccountAsync()));
    }

    [Fact]
    public async Task Two_codes_of_the_only_admin_used_at_once_make_one_admin()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.DropAsync(world.Boris);
        var codes = new[] { await world.InviteAsync(Roles.Admin, world.Alice), await world.InviteAsync(Roles.Admin, world.Alice) };
        var accounts = new[] { await world.AccountAsync(), await world.AccountAsync() };
        var roles = await Task.WhenAll(codes.Select((code, i) => Task.Run(() => world.RedeemAsync(code, accounts[i]))));
        Assert.Single(roles, role => role is not null);
        Assert.Equal(2, (await world.HoldersAsync(Roles.Admin)).Count);
    }

    [Fact]
    public async Task A_yes_counts_while_its_giver_is_an_admin()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (carol, code) = (await world.AdminAsync(), await world.InviteAsync(Roles.Treasurer, world.Alice));
        Assert.Equal(new StaffResult.Agreed(), await world.AgreeAsync(carol));
        await world.DropAsync(carol);
        Assert.Null(await world.RedeemAsync(code, await world.AccountAsync()));
        Assert.IsType<StaffResult.NotAnAdmin>(await world.AgreeAsync(carol));
        Assert.Equal(new StaffResult.Agreed(), await world.AgreeAsync(world.Boris));
        Assert.Equal(Roles.Treasurer, await world.RedeemAsync(code, await world.AccountAsync()));
    }

    [Fact]
    public async Task An_invitation_grows_old_or_is_withdrawn_with_every_yes_to_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var old = await world.InviteAsync(Roles.Admin, world.Alice);
        await world.AgreeAsync(world.Boris);
        world.Time.Advance(Invitations.Lifetime);
        Assert.Null(await world.LookAsync(old));
        Assert.Null(await world.RedeemAsync(old, await world.AccountAsync()));
        Assert.IsType<StaffResult.Gone>(await world.AgreeAsync(world.Boris));

        var code = await world.InviteAsync(Roles.Admin, world.Alice);
        var id = await world.On(db => db.Set<Invitation>().OrderByDescending(i => i.ExpiresAt).Select(i => i.Id).FirstAsync());
        await world.On(async db =>
        {
            await new Invitations(db, world.Policy, world.Time).WithdrawAsync(id, default);
            return 0;
        });
        Assert.Null(await world.LookAsync(code));
        Assert.False(await world.On(db => db.Set<StaffVote>().AnyAsync(v => v.SubjectId == id)));
    }

    [Fact]
    public async Task Whoever_runs_the_machine_invites_an_admin_where_the_others_cannot_agree()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var code = await world.InviteAsync(Roles.Admin, by: null, InvitationPurpose.Replacement);
        Assert.Equal(new InvitedTo(Roles.Admin, true), await world.LookAsync(code));
        Assert.Equal(Roles.Admin, await world.RedeemAsync(code, await world.AccountAsync()));
    }
}
