using System.Text;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.IntegrationTests.Treasury;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Payouts;

/// <summary>The payout engine between a real node and Electrum wallets that hold the keys, on both engines.</summary>
public sealed class RealWalletsTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Two_signers_of_three_apart_from_each_other_pay_a_round(string engine)
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var wallet = await ElectrumPeer.MultisigAsync(2, 3);
        await using var world = await FundedAsync(engine, node, wallet, 3_000_000, 1_500_000);
        await world.ApprovedAsync(1, 1_000_000, 500_000, 400_000, 300_000, 200_000, 100_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        var base64 = Convert.ToBase64String(psbt);

        Assert.IsType<IntakeResult.Unsigned>(await UploadAsync(world, batch, await wallet.SignWithoutKeyAsync(base64)));
        Assert.False(Assert.IsType<IntakeResult.Accepted>(await UploadAsync(world, batch, await wallet.SignAsync(0, base64))).IsComplete);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await UploadAsync(world, batch, await wallet.SignAsync(2, base64))).IsComplete);
        await PaidAsync(world, node, wallet, given: 4_500_000);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_signer_who_completes_another_ones_work_hands_in_the_final_transaction(string engine)
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var wallet = await ElectrumPeer.MultisigAsync(2, 3);
        await using var world = await FundedAsync(engine, node, wallet, 2_000_000, 2_000_000);
        await world.ApprovedAsync(1, 2_500_000, 600_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        var final = await wallet.SignAsync(1, await wallet.SignAsync(0, Convert.ToBase64String(psbt)));
        Assert.Matches("^[0-9a-f]+$", final);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await UploadAsync(world, batch, final)).IsComplete);
        await PaidAsync(world, node, wallet, given: 4_000_000);
    }

    [Fact]
    public async Task A_treasury_of_one_key_pays_too()
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var wallet = await ElectrumPeer.SingleAsync();
        await using var world = await FundedAsync(Engine.Name, node, wallet, 1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await UploadAsync(world, batch, await wallet.SignAsync(0, Convert.ToBase64String(psbt)))).IsComplete);
        await PaidAsync(world, node, wallet, given: 1_000_000);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_node_that_crashes_forgets_and_changes_its_mind_pays_everybody_once(string engine)
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var wallet = await ElectrumPeer.SingleAsync();
        await using var world = await FundedAsync(engine, node, wallet, 1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await UploadAsync(world, batch, await wallet.SignAsync(0, Convert.ToBase64String(psbt)));
        var txid = (await world.BatchAsync(1)).Version.Txid;

        // Away at the first broadcast, and with an empty memory after the second.
        await node.InterruptAsync();
        await Assert.ThrowsAsync<ChainUnavailableException>(world.TurnAsync);
        await node.ResumeAsync();
        await world.TurnAsync();
        Assert.Equal([txid], await node.MempoolAsync());
        await node.InterruptAsync();
        await node.ResumeAsync();
        Assert.Empty(await node.MempoolAsync());
        await world.TurnAsync();
        Assert.Equal([txid], await node.MempoolAsync());

        // Confirmed, taken back by a longer branch, and forgotten by the node as well.
        var common = (string)(await node.CallAsync("getbestblockhash"))!;
        await node.MineAsync(2);
        await world.TurnAsync();
        Assert.Equal(RoundState.Confirmed, await world.StateAsync(1));
        await node.ForkAsync(common, 3);
        await node.ForgetMempoolAsync();
        await world.TurnAsync();
        Assert.Equal(RoundState.Broadcast, await world.StateAsync(1));
        Assert.Equal([txid], await node.MempoolAsync());

        await PaidAsync(world, node, wallet, given: 1_000_000);
        Assert.Equal(
            ["tx.broadcast", "tx.confirmed", "tx.unconfirmed", "tx.confirmed"],
            (await world.World.LedgerTypesAsync()).Where(type => type.StartsWith("tx.", StringComparison.Ordinal)));
    }

    private static async Task<PayoutWorld> FundedAsync(string engine, BcoinPeer node, ElectrumPeer wallet, params long[] coins)
    {
        var database = engine == Engine.Name ? await MoneyDatabase.CreateAsync() : MoneyDatabase.Sqlite();
        var world = new PayoutWorld(TreasuryWorld.On(database, NodeFollowingTests.Settings(node)));
        await world.World.AdoptAsync(wallet.Descriptor);
        foreach (var amount in coins) await node.FundAsync((await world.World.DonateAsync()).Address, amount);
        await node.MineAsync(2);
        await world.World.FollowAsync();
        return world;
    }

    private static Task<IntakeResult> UploadAsync(PayoutWorld world, Guid batch, string text) => world.UploadAsync(batch, Encoding.ASCII.GetBytes(text));

    // Broadcast, mined until it is final; then every payee, the treasury and the books hold what they should, to the satoshi.
    private static async Task PaidAsync(PayoutWorld world, BcoinPeer node, ElectrumPeer wallet, long given)
    {
        await world.TurnAsync();
        await node.MineAsync(2);
        await world.TurnAsync();
        await node.MineAsync(2);
        await world.TurnAsync();
        await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));

        var grants = await world.World.Read(db => db.Set<Grant>().ToListAsync());
        Assert.NotEmpty(grants);
        var received = await world.ReceivedAsync();
        Assert.All(grants, grant => Assert.Equal(grant.Paid.Value, received[PayoutWorld.Script(grant.Address!).ToHex()]));
        var version = (await world.BatchAsync(1)).Version;
        Assert.Equal(grants.Sum(g => g.Paid.Value), version.Paid.Value);
        var held = await node.HeldAsync([.. await wallet.AddressesAsync(), .. await wallet.ChangeAddressesAsync()]);
        Assert.Equal(given - version.Paid.Value - version.Fee.Value, held);
        var coins = await world.World.Read(db => db.Set<TreasuryCoin>().Where(c => c.SpentHeight == null).Select(c => c.Amount).ToListAsync());
        Assert.Equal(held, coins.Sum(amount => amount.Value));
    }
}
