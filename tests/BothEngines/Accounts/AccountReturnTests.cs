using System.Data.Common;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Returns;
using DigitalResistance.Staff;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Testing.Staff;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Testing.Accounts;

/// <summary>The slow way back into an account whose password and codes are lost.</summary>
public sealed class AccountReturnTests
{
    private static readonly IOptions<ReturnOptions> Usual = Options.Create(new ReturnOptions { AsksPerHour = 100 });

    private static Task<(AskedReturn? Asked, TimeSpan Wait)> AskAsync(RoundsWorld world, string? id, ReturnOptions? options = null) =>
        world.On(db => Asking(world, db, options).AskAsync(id));

    private static ReturnAsking Asking(RoundsWorld world, MoneyDb db, ReturnOptions? options = null) => new(db, new Budgets(db, world.Time), options is null ? Usual : Options.Create(options), world.Time);

    private static Task<ReturnStanding?> LookAsync(RoundsWorld world, AskedReturn asked) => world.On(db => Asking(world, db).LookAsync(asked.Code));

    private static Task<ReturnResult> AgreeAsync(RoundsWorld world, Guid admin, AskedReturn asked) => world.On(async db =>
        await Deciding(world, db).AgreeAsync(admin, await db.Set<AccountReturn>().Where(r => r.Reference == asked.Reference).Select(r => r.Id).SingleAsync()));

    private static ReturnDeciding Deciding(RoundsWorld world, MoneyDb db) => new(db, world.Policy, Usual, world.Time);

    private static async Task<(RoundsWorld World, Guid Account, AskedReturn Asked)> AskedAsync()
    {
        var world = await RoundsWorld.CreateAsync();
        var (account, id) = await OwnerAsync(world);
        return (world, account, (await AskAsync(world, id)).Asked!);
    }

    private static async Task<(Guid Account, string Id)> OwnerAsync(RoundsWorld world)
    {
        var (account, id) = (await world.AccountAsync(), AccountId.New());
        await world.On(db => db.Users.Where(a => a.Id == account).ExecuteUpdateAsync(set => set.SetProperty(a => a.UserName, id.Value)));
        return (account, id.ToString());
    }

    [Fact]
    public async Task Asking_about_an_account_that_is_not_there_does_and_says_the_same()
    {
        var commands = new Commands();
        await using var database = await MoneyDatabase.CreateAsync(commands);
        var world = await RoundsWorld.OnAsync(database);
        var (account, id) = await OwnerAsync(world);
        await AskAsync(world, id);

        async Task<(ReturnStep? Step, string[] Sent)> TryAsync(string? name)
        {
            commands.Texts.Clear();
            var asked = (await AskAsync(world, name)).Asked!;
            Assert.Equal((23, 9), (asked.Code.Length, asked.Reference.Length));
            return ((await LookAsync(world, asked))?.Step, [.. commands.Texts]);
        }

        var there = await TryAsync(id);
        foreach (var name in new[] { AccountId.New().ToString(), "nobody", "", null })
        {
            var none = await TryAsync(name);
            Assert.Equal(there.Step, none.Step);
            Assert.Equal(there.Sent, none.Sent);
        }

        // And only those about accounts are anybody's to see.
        Assert.Equal(2, (await world.On(db => Deciding(world, db).AllAsync(world.Alice))).Count);
        Assert.Equal(2, (await world.On(db => Deciding(world, db).WarningsAsync(account))).Count);
    }

    [Fact]
    public async Task Enough_admins_agree_and_then_it_takes_fourteen_days_and_fourteen_more()
    {
        var (world, account, asked) = await AskedAsync();
        await using var _ = world;
        Assert.Equal(new ReturnStanding(asked.Reference, ReturnStep.Waiting, RoundsWorld.Start.AddDays(30)), await LookAsync(world, asked));
        Assert.Null((await world.On(db => Deciding(world, db).WarningsAsync(account))).Single().UsableFrom);
        Assert.Equal(new ReturnResult.Waiting(1, 2), await AgreeAsync(world, world.Alice, asked));
        Assert.Equal(new ReturnResult.Waiting(1, 2), await AgreeAsync(world, world.Alice, asked));
        Assert.IsType<ReturnResult.NotAnAdmin>(await AgreeAsync(world, account, asked));

        var from = RoundsWorld.Start.AddDays(14);
        Assert.Equal(new ReturnResult.Agreed(from), await AgreeAsync(world, world.Boris, asked));
        Assert.Equal(from, (await world.On(db => Deciding(world, db).WarningsAsync(account))).Single().UsableFrom);
        Assert.Equal(ReturnStep.Agreed, (await LookAsync(world, asked))!.Step);
        world.Time.Advance(TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1));
        Assert.Equal(ReturnStep.Agreed, (await LookAsync(world, asked))!.Step);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new ReturnStanding(asked.Reference, ReturnStep.Ready, from.AddDays(14)), await LookAsync(world, asked));
        world.Time.Advance(TimeSpan.FromDays(14));
        Assert.Equal(ReturnStep.Over, (await LookAsync(world, asked))!.Step);
        Assert.Empty(await world.On(db => Deciding(world, db).WarningsAsync(account)));
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 2, true)]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    public async Task Never_fewer_agree_than_approve_a_round_however_few_there_are(int approvals, int admins, bool canBe)
    {
        var (world, _, asked) = await AskedAsync();
        await using var disposed = world;
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: approvals);
        var all = new List<Guid> { world.Alice, world.Boris };
        while (all.Count < admins) all.Add(await world.AdminAsync());
        foreach (var admin in all.SkipLast(1)) Assert.IsType<ReturnResult.Waiting>(await AgreeAsync(world, admin, asked));
        Assert.Equal(canBe, await AgreeAsync(world, all[^1], asked) is ReturnResult.Agreed);
    }

    [Fact]
    public async Task What_the_owner_stopped_before_admins_agreed_goes_on_to_look_like_what_waits()
    {
        var (world, account, asked) = await AskedAsync();
        await using var _ = world;
        var before = await LookAsync(world, asked);
        Assert.True(await world.On(db => Deciding(world, db).StopAsync(account)));
        Assert.False(await world.On(db => Deciding(world, db).StopAsync(account)));
        Assert.Equal(before, await LookAsync(world, asked));
        Assert.IsType<ReturnResult.Gone>(await AgreeAsync(world, world.Alice, asked));
        Assert.Empty(await world.On(db => Deciding(world, db).AllAsync(world.Alice)));
        world.Time.Advance(AccountReturn.Lifetime);
        Assert.Null(await LookAsync(world, asked));
    }

    [Fact]
    public async Task The_owner_and_any_admin_stop_it_after_the_others_agreed()
    {
        var (world, account, asked) = await AskedAsync();
        await using var _ = world;
        foreach (var admin in new[] { world.Alice, world.Boris }) await AgreeAsync(world, admin, asked);
        var id = (await world.On(db => Deciding(world, db).AllAsync(world.Alice))).Single().Id;
        Assert.True(await world.On(db => Deciding(world, db).RefuseAsync(id)));
        Assert.Equal(ReturnStep.Over, (await LookAsync(world, asked))!.Step);
        Assert.False(await world.On(db => Deciding(world, db).StopAsync(account)));
    }

    [Fact]
    public async Task An_account_with_a_role_that_touches_money_is_not_given_back()
    {
        var world = await RoundsWorld.CreateAsync();
        await using var _ = world;
        var (account, id) = await OwnerAsync(world);
        await world.GiveAsync(account, Roles.Treasurer);
        var asked = (await AskAsync(world, id)).Asked!;
        Assert.True((await world.On(db => Deciding(world, db).AllAsync(world.Alice))).Single().HoldsRole);
        Assert.IsType<ReturnResult.HoldsRole>(await AgreeAsync(world, world.Alice, asked));
        await world.RemoveAsync(world.Alice, account, Roles.Treasurer);
        await world.ConfirmRemovalAsync(world.Boris, account);
        Assert.IsType<ReturnResult.Waiting>(await AgreeAsync(world, world.Alice, asked));
    }

    [Fact]
    public async Task Too_many_who_ask_wait_and_too_many_for_one_account_lead_nowhere()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (account, id) = await OwnerAsync(world);
        for (var i = 0; i < ReturnAsking.MostOpen + 2; i++) Assert.NotNull((await AskAsync(world, id)).Asked);
        Assert.Equal(ReturnAsking.MostOpen, (await world.On(db => Deciding(world, db).WarningsAsync(account))).Count);

        await using var other = await RoundsWorld.CreateAsync();
        var few = new ReturnOptions { AsksPerHour = 1 };
        for (var i = 0; i < 24; i++) Assert.NotNull((await AskAsync(other, null, few)).Asked);
        var (asked, wait) = await AskAsync(other, null, few);
        Assert.Null(asked);
        Assert.InRange(wait, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(61));
        other.Time.Advance(wait);
        Assert.NotNull((await AskAsync(other, null, few)).Asked);
    }

    [Fact]
    public async Task An_account_that_was_given_back_waits_even_with_its_first_address()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (account, _) = await OwnerAsync(world);
        DateTimeOffset? now = RoundsWorld.Start;
        await world.On(db => db.Users.Where(a => a.Id == account).ExecuteUpdateAsync(set => set.SetProperty(a => a.ReturnedAt, now)));
        var set = await world.On(db => new PayoutAddressChange(db, world.Policy, Options.Create(new BitcoinOptions { Network = "regtest" }), world.Time).SetAsync(account, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"));
        Assert.Equal(RoundsWorld.Start.AddDays(3), Assert.IsType<PayoutAddressResult.Set>(set).EffectiveAt);
    }

    [Fact]
    public async Task What_is_long_over_is_forgotten_with_every_yes()
    {
        var (world, _, asked) = await AskedAsync();
        await using var disposed = world;
        await AgreeAsync(world, world.Alice, asked);
        world.Time.Advance(TimeSpan.FromDays(88));
        Assert.Equal(0, await world.On(db => new ReturnPurgePass(db, Usual, world.Time).RunAsync(default)));
        world.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await world.On(db => new ReturnPurgePass(db, Usual, world.Time).RunAsync(default)));
        Assert.Empty(await world.On(db => db.Set<StaffVote>().ToListAsync()));
    }

    /// <summary>What is sent to the database.</summary>
    private sealed class Commands : DbCommandInterceptor
    {
        public List<string> Texts { get; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Texts.Add(command.CommandText);
            return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            Texts.Add(command.CommandText);
            return base.NonQueryExecutingAsync(command, eventData, result, cancellationToken);
        }
    }
}
