using DigitalResistance.Accounts;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Testing.Accounts;

public sealed class PayoutAddressTests
{
    private const string A = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private const string B = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
    private const string C = "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn";

    private static Task<PayoutAddressResult> SetAsync(RoundsWorld world, Guid account, string address) =>
        world.On(db => new PayoutAddressChange(db, world.Policy, Options.Create(new BitcoinOptions { Network = "regtest" }), world.Time).SetAsync(account, address));

    private static Task<bool> TakeBackAsync(RoundsWorld world, Guid account) =>
        world.On(db => new PayoutAddressChange(db, world.Policy, Options.Create(new BitcoinOptions { Network = "regtest" }), world.Time).TakeBackAsync(account));

    private static async Task<string?> EffectiveAsync(RoundsWorld world, Guid account) =>
        PayoutAddress.EffectiveAmong(await world.On(db => db.Set<PayoutAddress>().Where(a => a.AccountId == account).ToListAsync()), world.Time.GetUtcNow())?.Address;

    [Fact]
    public async Task The_first_address_counts_at_once_and_a_changed_one_cools_off()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        Assert.Equal(new PayoutAddressResult.Set(A, RoundsWorld.Start), await SetAsync(world, account, A));
        Assert.Equal(new PayoutAddressResult.Set(B, RoundsWorld.Start.AddDays(3)), await SetAsync(world, account, B));
        Assert.Equal(A, await EffectiveAsync(world, account));
        world.Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(B, await EffectiveAsync(world, account));
    }

    [Fact]
    public async Task Setting_the_same_address_again_does_not_start_the_waiting_anew()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        await SetAsync(world, account, A);
        await SetAsync(world, account, B);
        world.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(new PayoutAddressResult.Unchanged(RoundsWorld.Start.AddDays(3)), await SetAsync(world, account, B.ToUpperInvariant()));
        Assert.Equal(new PayoutAddressResult.Unchanged(RoundsWorld.Start), await SetAsync(world, account, A));
    }

    [Fact]
    public async Task An_address_of_the_treasury_pays_nobody_and_is_refused()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        await world.On(async db =>
        {
            var descriptor = new TreasuryDescriptor { Text = "wpkh(x)", Sha256 = new string('d', 64), Network = "RegTest", AdoptedAt = RoundsWorld.Start, StartHeight = 0, IsCurrent = true };
            db.Add(descriptor);
            await db.SaveChangesAsync();
            db.Add(new TreasuryAddress { DescriptorId = descriptor.Id, Branch = Branch.Receive, Index = 0, Script = NBitcoin.BitcoinAddress.Create(A, NBitcoin.Network.RegTest).ScriptPubKey.ToBytes() });
            return await db.SaveChangesAsync();
        });
        Assert.IsType<PayoutAddressResult.OfTreasury>(await SetAsync(world, account, A));
        Assert.IsType<PayoutAddressResult.Set>(await SetAsync(world, account, B));
    }

    [Fact]
    public async Task A_thiefs_address_that_was_taken_back_in_time_never_counts()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        await SetAsync(world, account, A);
        await SetAsync(world, account, B);
        Assert.True(await TakeBackAsync(world, account));
        Assert.False(await TakeBackAsync(world, account));
        world.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(A, await EffectiveAsync(world, account));
    }

    [Fact]
    public async Task A_newer_address_ends_the_waiting_of_the_one_before_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        await SetAsync(world, account, A);
        await SetAsync(world, account, B);
        world.Time.Advance(TimeSpan.FromDays(2));
        await SetAsync(world, account, C);
        world.Time.Advance(TimeSpan.FromDays(2));
        // B would have counted by now.
        Assert.Equal(A, await EffectiveAsync(world, account));
        world.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(C, await EffectiveAsync(world, account));
    }

    [Fact]
    public async Task An_old_address_of_ones_own_can_come_back_and_waits_like_any_other()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        await SetAsync(world, account, A);
        await SetAsync(world, account, B);
        world.Time.Advance(TimeSpan.FromDays(3));
        await SetAsync(world, account, A);
        Assert.Equal(B, await EffectiveAsync(world, account));
        world.Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(A, await EffectiveAsync(world, account));
    }

    [Fact]
    public async Task An_address_of_another_account_cannot_be_used_even_at_the_same_moment()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (mine, theirs) = (await world.AccountAsync(), await world.AccountAsync());
        await SetAsync(world, mine, A);
        Assert.IsType<PayoutAddressResult.CannotBeUsed>(await SetAsync(world, theirs, A));
        world.Meanwhile = async () => Assert.IsType<PayoutAddressResult.Set>(await SetAsync(world, mine, B));
        Assert.IsType<PayoutAddressResult.CannotBeUsed>(await SetAsync(world, theirs, B));
        Assert.Null(await EffectiveAsync(world, theirs));
    }

    [Fact]
    public async Task Something_unreadable_changes_nothing()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.AccountAsync();
        await SetAsync(world, account, A);
        var result = await SetAsync(world, account, B[..^1] + "q");
        Assert.Equal(new PayoutAddressResult.Unreadable(new AddressReading.BadChecksum(B.Length, null)), result);
        Assert.Equal(A, await EffectiveAsync(world, account));
    }
}
