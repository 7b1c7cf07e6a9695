using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.IntegrationTests.Treasury;

/// <summary>How a node lets us in, and what it no longer has.</summary>
public sealed class NodeAccessTests
{
    [Fact]
    public async Task A_cookie_that_the_node_wrote_anew_is_read_again_without_a_restart()
    {
        await using var node = await BcoinPeer.StartAsync();
        var cookie = Path.GetTempFileName();
        await File.WriteAllTextAsync(cookie, "__cookie__:of-the-last-start");
        await using var world = await TreasuryWorld.CreateAsync(("Bitcoin:Backend", "core"), ("Bitcoin:NodeUrl", node.Url.ToString()), ("Bitcoin:NodeCookieFile", cookie));
        var chain = world.Provider.GetRequiredService<IChain>();
        var refused = await Assert.ThrowsAsync<ChainUnavailableException>(() => chain.GetTipAsync(default));
        Assert.Contains("refuses our user and password", refused.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(cookie, $"{node.User}:{node.Password}");
        Assert.Equal(await node.HeightAsync(), (await chain.GetTipAsync(default)).Height);

        // Away with its file, as while it starts: that is no reason to give up.
        File.Delete(cookie);
        Assert.Equal(await node.HeightAsync(), (await chain.GetTipAsync(default)).Height);
    }

    [Fact]
    public async Task A_password_may_lie_in_a_file()
    {
        await using var node = await BcoinPeer.StartAsync();
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, node.Password + "\n");
        await using var world = await TreasuryWorld.CreateAsync(
            ("Bitcoin:Backend", "core"), ("Bitcoin:NodeUrl", node.Url.ToString()), ("Bitcoin:NodeUser", node.User), ("Bitcoin:NodePassword", "another"), ("Bitcoin:NodePasswordFile", secret));
        Assert.Equal(await node.HeightAsync(), (await world.Provider.GetRequiredService<IChain>().GetTipAsync(default)).Height);
        File.Delete(secret);
    }

    [Fact]
    public async Task A_pruned_node_serves_as_far_back_as_it_goes_and_says_where_that_ends()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await TreasuryWorld.CreateAsync(NodeFollowingTests.Settings(node));
        await world.AdoptAsync();
        await node.FundAsync((await world.DonateAsync()).Address, 1_000_000);
        await node.MineAsync(2);
        await node.PretendAsync("getblock", -1, "Block not available (pruned data)");
        var pruned = await Assert.ThrowsAsync<ChainUnavailableException>(world.FollowAsync);
        Assert.Contains("has pruned block 131", pruned.Message, StringComparison.Ordinal);
        Assert.Equal(0, await world.Read(db => db.Set<ChainBlock>().CountAsync()));

        await node.PretendAsync("getblock", 0);
        await world.FollowAsync();
        Assert.Contains("donation.confirmed", await world.LedgerTypesAsync());
        // What was read once is never asked for again.
        await node.PretendAsync("getblock", -1, "Block not available (pruned data)");
        await world.FollowAsync();
    }
}
