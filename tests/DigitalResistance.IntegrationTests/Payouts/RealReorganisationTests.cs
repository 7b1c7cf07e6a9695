using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.IntegrationTests.Treasury;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Payouts;

/// <summary>What a real node does to payments that were sent: longer branches, lost memory, and another transaction that takes the coin.</summary>
public sealed class RealReorganisationTests
{
    [Fact]
    public async Task Confirmed_back_in_the_mempool_and_mined_again()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await FundedAsync(node, 1_000_000);
        var txid = (await SentAsync(world)).Txid;
        var common = (string)(await node.CallAsync("getbestblockhash"))!;
        await node.MineAsync(2);
        await world.TurnAsync();
        Assert.Equal(RoundState.Confirmed, await world.StateAsync(1));

        await node.ForkAsync(common, 3);
        Assert.Equal([txid], await node.MempoolAsync());
        await world.TurnAsync();
        Assert.Equal(RoundState.Broadcast, await world.StateAsync(1));
        await EndAsync(world, node);
        Assert.Equal(["tx.broadcast", "tx.confirmed", "tx.unconfirmed", "tx.confirmed"], await TypesAsync(world));
    }

    [Fact]
    public async Task Evicted_and_broadcast_again_with_the_same_bytes()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await FundedAsync(node, 1_000_000);
        var txid = (await SentAsync(world)).Txid;
        for (var time = 0; time < 2; time++)
        {
            Assert.Equal([txid], await node.MempoolAsync());
            await node.ForgetMempoolAsync();
            // Blocks without it come and go meanwhile.
            await node.MineAsync();
            Assert.Empty(await node.MempoolAsync());
            await world.TurnAsync();
        }

        await EndAsync(world, node);
        Assert.Equal(["tx.broadcast", "tx.confirmed"], await TypesAsync(world));
    }

    [Fact]
    public async Task Double_spent_in_the_other_branch_it_is_built_without_that_coin_and_pays_once()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var world = await FundedAsync(node, 1_000_000, 900_000);
        Guid[] admins = [await world.AdminAsync(), await world.AdminAsync()];
        var (batch, psbt) = await ApprovedAsync(world);
        var coin = await world.World.Read(db => db.Set<BatchInput>().Where(i => i.BatchId == batch).Select(i => i.CoinId).FirstAsync());
        var rival = await world.World.Read(db => PayoutWorld.ForeignAsync(db, coinId: coin));
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await world.TurnAsync();
        var common = (string)(await node.CallAsync("getbestblockhash"))!;
        await node.MineAsync(2);
        await world.TurnAsync();
        Assert.Equal(RoundState.Confirmed, await world.StateAsync(1));

        await node.ForkAsync(common, 3);
        await node.ForgetMempoolAsync();
        await node.CallAsync("sendrawtransaction", Convert.ToHexStringLower(rival.ToBytes()));
        await node.MineAsync();
        await world.TurnAsync();
        Assert.Equal(RoundState.Broadcast, await world.StateAsync(1));
        Assert.IsType<ReplaceResult.SpentElsewhere>(await ReplaceAsync(world, batch));
        await node.MineAsync(3);
        await world.TurnAsync();
        Assert.NotNull((await world.BatchAsync(1)).Batch.Refusal);
        foreach (var admin in admins) await world.ExplainAsync(rival.GetHash().ToString(), ForeignSpendReason.RunningCosts, admin);

        Assert.Equal(new ReplaceResult.Built(2), await ReplaceAsync(world, batch));
        await world.World.SealAsync();
        await world.UploadAsync(batch, PayoutWorld.Sign(await world.DownloadAsync(batch), 0, 1));
        await world.TurnAsync();
        await EndAsync(world, node);
        Assert.Equal((2, 1), ((await TypesAsync(world)).Count(type => type == "tx.confirmed"), (await TypesAsync(world)).Count(type => type == "tx.unconfirmed")));
    }

    private static async Task<PayoutWorld> FundedAsync(BcoinPeer node, params long[] coins)
    {
        var world = new PayoutWorld(await TreasuryWorld.CreateAsync(NodeFollowingTests.Settings(node)));
        await world.World.AdoptAsync();
        foreach (var amount in coins) await node.FundAsync((await world.World.DonateAsync()).Address, amount);
        await node.MineAsync(2);
        await world.World.FollowAsync();
        return world;
    }

    private static async Task<(Guid Batch, byte[] Psbt)> ApprovedAsync(PayoutWorld world)
    {
        await world.ApprovedAsync(1, 400_000, 300_000);
        return await world.ExportedAsync(1);
    }

    private static async Task<BatchTransaction> SentAsync(PayoutWorld world)
    {
        var (batch, psbt) = await ApprovedAsync(world);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await world.TurnAsync();
        return (await world.BatchAsync(1)).Version;
    }

    private static Task<ReplaceResult> ReplaceAsync(PayoutWorld world, Guid batch) => world.World.Do((BatchReplacing act) => act.ReplaceAsync(batch, 1, 2, PayoutWorld.Treasurer, default));

    private static async Task<string[]> TypesAsync(PayoutWorld world) => [.. (await world.World.LedgerTypesAsync()).Where(type => type.StartsWith("tx.", StringComparison.Ordinal))];

    // Final; then every payee was paid once, and the books hold what the node says.
    private static async Task EndAsync(PayoutWorld world, BcoinPeer node)
    {
        await node.MineAsync(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));
        var (grants, received) = (await world.World.Read(db => db.Set<Grant>().ToListAsync()), await world.ReceivedAsync());
        Assert.Equal(2, grants.Count);
        Assert.All(grants, grant => Assert.Equal(grant.Paid.Value, received[PayoutWorld.Script(grant.Address!).ToHex()]));
        var descriptor = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
        string[] addresses = [.. Enumerable.Range(0, 10).SelectMany(i => new[] { Branch.Receive, Branch.Change }.Select(branch => descriptor.Address(branch, (uint)i)))];
        Assert.Equal(await node.HeldAsync(addresses), await world.BalanceAsync());
    }
}
