using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

/// <summary>What is built fits into the weakest device that must sign it.</summary>
public sealed class SigningLimitsTests
{
    [Fact]
    public void The_weakest_device_decides_and_the_configuration_above_it()
    {
        var all = new PayoutOptions { OutputsPerBatch = 1000, InputsPerBatch = 400 }.Within(DeviceLimits.Weakest([SigningDevice.ColdcardMk4, SigningDevice.ColdcardMk3, SigningDevice.Ledger]));
        Assert.Equal((248, 20, 384 * 1024), (all.OutputsPerBatch, all.InputsPerBatch, all.MaxPsbtBytes));
        var ledger = new PayoutOptions { OutputsPerBatch = 1000, InputsPerBatch = 30 }.Within(DeviceLimits.Weakest([SigningDevice.Ledger, SigningDevice.Software]));
        Assert.Equal((510, 30, int.MaxValue), (ledger.OutputsPerBatch, ledger.InputsPerBatch, ledger.MaxPsbtBytes));
        var unknown = new PayoutOptions { OutputsPerBatch = 1000 }.Within(DeviceLimits.Weakest([]));
        Assert.Equal(1000, unknown.OutputsPerBatch);
    }

    [Fact]
    public async Task A_round_is_divided_for_the_devices_that_treasurers_named()
    {
        await using var world = await PayoutWorld.CreateAsync(("Payouts:OutputsPerBatch", "1000"));
        await world.World.AdoptAsync();
        await world.FundAsync(1_000_000);
        Assert.Equal(1000, await RecipientsAsync(world));
        Assert.False(await SayAsync(world, SigningDevice.ColdcardMk3));
        Assert.True(await SayAsync(world, SigningDevice.Ledger, null, SigningDevice.ColdcardMk3));
        Assert.Equal(248, await RecipientsAsync(world));
        Assert.True(await SayAsync(world, SigningDevice.Ledger, null, null));
        Assert.Equal(510, await RecipientsAsync(world));
        Assert.Equal(1, await world.World.Read(db => db.Set<TreasuryKeyDevice>().CountAsync()));
    }

    [Fact]
    public async Task Coins_whose_previous_transactions_do_not_fit_into_the_device_are_left_for_later()
    {
        await using var world = await PayoutWorld.FundedAsync(500_000, 500_000, 500_000);
        await SayAsync(world, SigningDevice.ColdcardMk3, SigningDevice.ColdcardMk3, SigningDevice.ColdcardMk3);
        await world.ApprovedAsync(1, 400_000, 300_000);
        // Two exchanges paid, from one large transaction each.
        var coins = await world.World.Read(db => db.Set<TreasuryCoin>().OrderBy(c => c.Id).Select(c => c.Txid).ToListAsync());
        foreach (var txid in coins.Take(2)) await world.World.Read(db => db.Set<TreasuryTransaction>().Where(t => t.Txid == txid).ExecuteUpdateAsync(set => set.SetProperty(t => t.Bytes, new byte[390_000])));
        Assert.IsType<BuildResult.NotEnough>(await world.BuildAsync(1));
        await world.FundAsync(500_000);
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
        var spent = await world.World.Read(db => db.Set<BatchInput>().Join(db.Set<TreasuryCoin>(), i => i.CoinId, c => c.Id, (_, c) => c.Txid).ToListAsync());
        Assert.Empty(spent.Intersect(coins.Take(2)));
    }

    private static async Task<bool> SayAsync(PayoutWorld world, params SigningDevice?[] devices)
    {
        var treasury = (await world.World.Do((TreasuryWallet wallet) => wallet.FindAsync(default)))!;
        var seen = await world.World.Do((SigningLimits limits) => limits.DevicesAsync(treasury, default));
        return await world.World.Do((SigningLimits limits) => limits.SayAsync(treasury, seen, devices, default)) == DevicesResult.Said;
    }

    private static async Task<int> RecipientsAsync(PayoutWorld world) => (await world.World.Do((ITreasuryFacts facts) => facts.ReadAsync(default)))!.RecipientsPerBatch;
}
