using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Treasury;

/// <summary>The treasury's coins, found in the blocks of a real node.</summary>
public sealed class NodeFollowingTests
{
    [Fact]
    public async Task Coins_are_found_in_blocks_and_nothing_else_is()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await AdoptedAsync(node);
        var (first, second) = (await world.DonateAsync(), await world.DonateAsync());
        await node.FundAsync(first.Address, 1_000_000);
        await node.FundAsync(second.Address, 2_345_678);
        await node.FundAsync(first.Address, 30_000);
        await node.FundAsync("0014751e76e8199196d454941c45d1b3a323f1433bd6", 777_777);
        Assert.Equal(0, await world.FollowAsync());

        await node.MineAsync();
        await world.FollowAsync();
        Assert.DoesNotContain("donation.confirmed", await world.LedgerTypesAsync());
        await node.MineAsync();
        await world.FollowAsync();

        var coins = await world.Read(db => db.Set<TreasuryCoin>().ToListAsync());
        var height = await node.HeightAsync() - 1;
        Assert.Equal([30_000, 1_000_000, 2_345_678], coins.Select(c => c.Amount.Value).Order());
        Assert.All(coins, coin => Assert.Equal((height, CoinOrigin.Donation, true), (coin.Height, coin.Origin, coin.IsBooked)));
        Assert.Equal(3, (await world.LedgerTypesAsync()).Count(type => type == "donation.confirmed"));
    }

    [Fact]
    public async Task A_reorganisation_takes_a_booked_coin_back_until_the_new_branch_has_it_too()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await AdoptedAsync(node);
        await node.FundAsync((await world.DonateAsync()).Address, 1_000_000);
        var common = (string)(await node.CallAsync("getbestblockhash"))!;
        await node.MineAsync(2);
        await world.FollowAsync();
        Assert.Equal(["donation.confirmed"], await DonationsAsync(world));

        await node.ForkAsync(common, 3);
        await world.FollowAsync();
        Assert.Equal(["donation.confirmed", "donation.reverted"], await DonationsAsync(world));
        Assert.Null((await world.Read(db => db.Set<TreasuryCoin>().SingleAsync())).Height);

        await node.MineAsync(2);
        await world.FollowAsync();
        Assert.Equal(["donation.confirmed", "donation.reverted", "donation.confirmed"], await DonationsAsync(world));
        Assert.Equal(await node.HeightAsync() - 1, (await world.Read(db => db.Set<TreasuryCoin>().SingleAsync())).Height);
    }

    [Fact]
    public async Task A_node_that_was_away_for_a_while_loses_nothing_and_doubles_nothing()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await AdoptedAsync(node);
        await node.FundAsync((await world.DonateAsync()).Address, 1_000_000);
        await node.MineAsync(2);
        await world.FollowAsync();

        await node.InterruptAsync();
        await Assert.ThrowsAsync<ChainUnavailableException>(world.FollowAsync);
        // Donors are served all the same: addresses come from the descriptor, not from the node.
        var meanwhile = await world.DonateAsync();
        await Assert.ThrowsAsync<ChainUnavailableException>(world.FollowAsync);
        await node.ResumeAsync();
        await node.FundAsync(meanwhile.Address, 2_000_000);
        await node.MineAsync(2);
        await world.FollowAsync();

        Assert.Equal([1_000_000, 2_000_000], (await world.Read(db => db.Set<TreasuryCoin>().OrderBy(c => c.Id).ToListAsync())).Select(c => c.Amount.Value));
        Assert.Equal(["donation.confirmed", "donation.confirmed"], await DonationsAsync(world));
        Assert.Equal(4, await world.Read(db => db.Set<ChainBlock>().CountAsync()));
    }

    [Fact]
    public async Task Two_replicas_that_follow_one_node_through_a_reorganisation_book_once()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await AdoptedAsync(node);
        var common = (string)(await node.CallAsync("getbestblockhash"))!;
        await node.FundAsync((await world.DonateAsync()).Address, 1_000_000);
        await node.MineAsync(2);
        await BothAsync(world);
        await node.ForkAsync(common, 3);
        await BothAsync(world);
        await node.MineAsync(2);
        await BothAsync(world);
        await world.FollowAsync();

        Assert.Equal(["donation.confirmed", "donation.reverted", "donation.confirmed"], await DonationsAsync(world));
        var blocks = await world.Read(db => db.Set<ChainBlock>().OrderBy(b => b.Height).ToListAsync());
        Assert.Equal(await HashesAsync(node, blocks[0].Height), blocks.Select(b => b.Hash));
    }

    [Fact]
    public async Task A_node_on_another_network_changes_nothing()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await TreasuryWorld.CreateAsync([.. Settings(node), ("Bitcoin:Network", "signet"), ("Bitcoin:Descriptor", TestTreasuries.TwoOfThree)]);
        await Assert.ThrowsAsync<ChainMismatchException>(world.FollowAsync);
        Assert.Empty(await world.LedgerTypesAsync());
        Assert.Contains("regtest", await world.Do((ChainHealth health) => Task.FromResult(health.State.Mismatch)), StringComparison.Ordinal);
    }

    /// <summary>The settings that make a world follow this node.</summary>
    internal static (string Key, string Value)[] Settings(BcoinPeer node) =>
        [("Bitcoin:Backend", "core"), ("Bitcoin:NodeUrl", node.Url.ToString()), ("Bitcoin:NodeUser", node.User), ("Bitcoin:NodePassword", node.Password)];

    private static async Task<TreasuryWorld> AdoptedAsync(BcoinPeer node)
    {
        var world = await TreasuryWorld.CreateAsync(Settings(node));
        await world.AdoptAsync();
        return world;
    }

    private static Task BothAsync(TreasuryWorld world) => Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(world.FollowAsync)));

    private static async Task<string[]> DonationsAsync(TreasuryWorld world) =>
        [.. (await world.LedgerTypesAsync()).Where(type => type.StartsWith("donation.", StringComparison.Ordinal))];

    private static async Task<string[]> HashesAsync(BcoinPeer node, int from)
    {
        var hashes = new List<string>();
        for (var height = from; height <= await node.HeightAsync(); height++) hashes.Add((string)(await node.CallAsync("getblockhash", height))!);
        return [.. hashes];
    }
}
