using System.Text;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.IntegrationTests.Treasury;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Payouts;

/// <summary>Moves of the treasury's money between a real node and Electrum wallets that hold the keys, on both engines.</summary>
public sealed class RealMovesTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Coins_are_brought_together_bills_are_paid_and_all_goes_over_to_new_keys_which_sign_the_next_move(string engine)
    {
        await using var node = await BcoinPeer.StartAsync();
        await using var old = await ElectrumPeer.MultisigAsync(2, 3);
        await using var next = await ElectrumPeer.MultisigAsync(2, 2);
        await using var world = await FundedAsync(engine, node, old, 300_000, 200_000, 100_000, 900_000);

        await DoneAsync(world, node, await world.ConsolidateAsync(), old, 0, 2);
        Assert.Single(await world.CoinsAsync());

        Bill[] bills = [new(CostPurpose.Hosting, new Sats(60_000), PayoutWorld.Address(501)), new(CostPurpose.Audit, new Sats(70_000), PayoutWorld.Address(503))];
        await DoneAsync(world, node, await world.PayAsync(bills), old, 1, 2);
        var received = await world.World.ReceivedAsync();
        Assert.All(bills, bill => Assert.Equal(bill.Amount.Value, received[PayoutWorld.Script(bill.Address!).ToHex()]));

        await DoneAsync(world, node, await world.RotateAsync(next.Descriptor), old, 0, 1);
        Assert.Equal(0, await HeldAsync(node, old));
        var balance = await world.World.BalanceAsync();
        Assert.Equal(balance, await HeldAsync(node, next));

        // What comes now comes to the new keys, and these can spend it.
        var donated = (await world.World.World.DonateAsync()).Address;
        Assert.Contains(donated, await next.AddressesAsync());
        await node.FundAsync(donated, 50_000);
        await node.MineAsync(2);
        await world.World.TurnAsync();
        await DoneAsync(world, node, await world.ConsolidateAsync(), next, 0, 1);
        Assert.Equal(await world.World.BalanceAsync(), await HeldAsync(node, next));
        Assert.Single(await world.CoinsAsync());
        await world.World.OneLogAsync();
    }

    private static async Task<MovesWorld> FundedAsync(string engine, BcoinPeer node, ElectrumPeer wallet, params long[] coins)
    {
        var database = engine == Engine.Name ? await MoneyDatabase.CreateAsync() : MoneyDatabase.Sqlite();
        var world = new PayoutWorld(TreasuryWorld.On(database, NodeFollowingTests.Settings(node)));
        await world.World.AdoptAsync(wallet.Descriptor);
        foreach (var amount in coins) await node.FundAsync((await world.World.DonateAsync()).Address, amount);
        await node.MineAsync(2);
        await world.World.FollowAsync();
        return await MovesWorld.OfAsync(world);
    }

    // Approved, built, signed by two people at their own wallets, mined until it is final; then the books equal the chain.
    private static async Task DoneAsync(MovesWorld world, BcoinPeer node, MoveResult proposed, ElectrumPeer wallet, params int[] signers)
    {
        await world.ApprovedAsync(proposed);
        var number = ((MoveResult.Done)proposed).Number;
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(number));
        await world.World.World.SealAsync();
        var batch = Assert.Single(await world.BatchesAsync(number)).Id;
        var psbt = Convert.ToBase64String(await world.World.DownloadAsync(batch));
        Assert.IsType<IntakeResult.Unsigned>(await UploadAsync(world, batch, psbt));
        foreach (var signer in signers) Assert.Equal(signer == signers[^1], Assert.IsType<IntakeResult.Accepted>(await UploadAsync(world, batch, await wallet.SignAsync(signer, psbt))).IsComplete);

        var txid = await world.World.World.Read(db => db.Set<BatchTransaction>().Where(t => t.BatchId == batch).Select(t => t.Txid).SingleAsync());
        await world.World.TurnAsync();
        Assert.Equal([txid], await node.MempoolAsync());
        await node.MineAsync(4);
        for (var turn = 0; turn < 3; turn++) await world.World.TurnAsync();
        Assert.Equal(MoveState.Closed, (await world.MoveAsync(number)).State);
        var unspent = await world.World.World.Read(db => db.Set<TreasuryCoin>().Where(c => c.Height != null && c.SpentHeight == null).Select(c => c.Amount).ToListAsync());
        Assert.Equal(unspent.Sum(amount => amount.Value), await world.World.BalanceAsync());
    }

    private static Task<IntakeResult> UploadAsync(MovesWorld world, Guid batch, string text) => world.World.UploadAsync(batch, Encoding.ASCII.GetBytes(text));

    private static async Task<long> HeldAsync(BcoinPeer node, ElectrumPeer wallet) => await node.HeldAsync([.. await wallet.AddressesAsync(), .. await wallet.ChangeAddressesAsync()]);
}
