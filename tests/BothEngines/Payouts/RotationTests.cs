using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

public sealed class RotationTests
{
    /// <summary>The same three people, all of whom must sign: other scripts, and another number of signatures.</summary>
    private static readonly string NewKeys = TestTreasuries.TwoOfThree.Replace("sortedmulti(2,", "sortedmulti(3,", StringComparison.Ordinal);

    private static readonly string Old = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Sha256;
    private static readonly string New = TestTreasuries.Parse(NewKeys).Sha256;

    [Fact]
    public async Task With_the_last_approval_donors_get_new_addresses_and_all_coins_go_over_signed_by_the_old_keys()
    {
        await using var world = await MovesWorld.FundedAsync(300_000, 200_000, 100_000);
        Assert.IsType<MoveResult.Done>(await world.RotateAsync(NewKeys));
        Assert.IsType<ApprovalResult.TooEarly>(await world.ApproveAsync(world.Alice));
        await ApproveAsync(world, 1);
        var donated = (await world.World.World.DonateAsync()).Address;
        Assert.Equal(TestTreasuries.Parse(NewKeys).Address(Branch.Receive, 0), donated);

        Assert.IsType<BuildResult.Built>(await world.BuildAsync());
        await world.FinishAsync(1);
        var (treasury, left) = Assert.Single(await world.CoinsAsync());
        Assert.Equal(New, treasury);
        Assert.Equal((left, left), (await world.World.HoldsAsync(), await world.World.BalanceAsync()));
        var types = await world.World.World.LedgerTypesAsync();
        Assert.Equal(Array.IndexOf(types, "move.approved") + 1, Array.LastIndexOf(types, "treasury.rotated"));
    }

    [Fact]
    public async Task A_donation_to_an_old_address_is_booked_years_later_and_a_consolidation_brings_it_over()
    {
        await using var world = await MovesWorld.FundedAsync(300_000);
        var old = (await world.World.World.DonateAsync()).Address;
        await world.RotateAsync(NewKeys);
        await ApproveAsync(world, 1);
        await world.BuildAsync();
        await world.FinishAsync(1);
        world.World.World.Time.Advance(TimeSpan.FromDays(1_000));
        // One to a place that was given out, one to a place further than anybody was given.
        world.World.World.Chain.Pay(PayoutWorld.Script(old), new Sats(70_000));
        world.World.World.Chain.Pay(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Derive(Branch.Receive, 6).ScriptPubKey, new Sats(60_000));
        world.World.World.Chain.Mine(3);
        await world.World.TurnAsync();
        Assert.Equal(2, (await world.CoinsAsync()).Count(c => c.Treasury == Old));
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());

        await world.ApprovedAsync(await world.ConsolidateAsync());
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(2));
        await world.FinishAsync(2);
        Assert.All(await world.CoinsAsync(), coin => Assert.Equal(New, coin.Treasury));
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());
    }

    [Fact]
    public async Task A_backup_older_than_the_new_keys_knows_them_again_from_the_log()
    {
        await using var world = await MovesWorld.FundedAsync(300_000);
        await world.World.TurnAsync();
        var backup = await world.World.World.Read(DatabaseBackup.TakeAsync);
        var old = (await world.World.World.DonateAsync()).Address;
        await world.RotateAsync(NewKeys);
        await ApproveAsync(world, 1);
        var given = (await world.World.World.DonateAsync()).Address;
        world.World.World.Chain.Pay(PayoutWorld.Script(old), new Sats(70_000));
        world.World.World.Chain.Pay(PayoutWorld.Script(given), new Sats(60_000));
        world.World.World.Chain.Mine(3);
        await world.World.TurnAsync();
        var told = await world.World.World.LedgerTypesAsync();

        await using var restored = await RestoredDatabaseTests.RestoreAsync(world.World, backup);
        for (var turn = 0; turn < 3; turn++) await restored.TurnAsync();
        Assert.Equal(New, (await restored.World.Do((TreasuryWallet wallet) => wallet.FindAsync(default)))!.Descriptor.Sha256);
        var fresh = (await restored.World.DonateAsync()).Address;
        Assert.NotEqual(given, fresh);
        Assert.Contains(Enumerable.Range(0, 20), i => TestTreasuries.Parse(NewKeys).Address(Branch.Receive, (uint)i) == fresh);
        Assert.Equal(told.Append("incident"), await restored.World.LedgerTypesAsync());
        Assert.Equal(await restored.HoldsAsync(), await restored.BalanceAsync());
        await restored.OneLogAsync();
    }

    [Fact]
    public async Task A_round_that_was_approved_before_is_paid_and_its_change_goes_to_the_new_keys()
    {
        await using var world = await MovesWorld.FundedAsync(300_000, 900_000);
        await world.World.ApprovedAsync(1, 100_000, 50_000);
        await world.RotateAsync(NewKeys);
        await ApproveAsync(world, 1);
        var (batch, psbt) = await world.World.ExportedAsync(1);
        await world.World.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 2));
        await world.World.TurnAsync();
        world.World.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.World.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.World.StateAsync(1));
        Assert.Contains(await world.CoinsAsync(), coin => coin.Treasury == New);
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());
    }

    [Fact]
    public async Task No_transaction_mixes_the_coins_of_old_and_new_keys()
    {
        await using var world = await MovesWorld.FundedAsync(300_000);
        await world.World.ApprovedAsync(1, 400_000);
        await world.RotateAsync(NewKeys);
        await ApproveAsync(world, 1);
        await world.World.FundAsync(300_000);
        Assert.IsType<BuildResult.NotEnough>(await world.World.BuildAsync(1));
        await world.World.FundAsync(300_000);
        Assert.IsType<BuildResult.Built>(await world.World.BuildAsync(1));
        var spent = await world.World.World.Read(db => (
            from input in db.Set<BatchInput>()
            join coin in db.Set<TreasuryCoin>() on input.CoinId equals coin.Id
            join address in db.Set<TreasuryAddress>() on coin.AddressId equals address.Id
            select address.DescriptorId).ToListAsync());
        Assert.Equal([2, 2], spent);
    }

    [Fact]
    public async Task A_move_that_was_approved_for_the_old_treasury_is_proposed_again()
    {
        await using var world = await MovesWorld.FundedAsync(300_000, 200_000);
        await world.ApprovedAsync(await world.ConsolidateAsync());
        await world.ConsolidateAsync();
        await world.RotateAsync(NewKeys);
        await ApproveAsync(world, 3);
        Assert.Equal(new BuildResult.OrderRefused(OrderFault.OtherTreasury), await world.BuildAsync(1));
        Assert.IsType<ApprovalResult.Outdated>(await world.ApproveAsync(world.Boris, 2));
        Assert.Equal(new MoveResult.Done(1), await world.WithdrawAsync(1));
        Assert.Equal(new MoveResult.DescriptorKnown(), await world.RotateAsync(TestTreasuries.TwoOfThree));
        Assert.IsType<MoveResult.DescriptorRefused>(await world.RotateAsync("wpkh(nonsense)"));
    }

    [Fact]
    public async Task A_stuck_rotation_is_replaced_and_still_goes_to_the_new_keys_after_another_rotation()
    {
        await using var world = await MovesWorld.FundedAsync(300_000, 200_000);
        await world.RotateAsync(NewKeys);
        await ApproveAsync(world, 1);
        await world.BuildAsync();
        await world.World.World.SealAsync();
        var batch = (await world.BatchesAsync())[0].Id;
        await world.World.UploadAsync(batch, PayoutWorld.Sign(await world.World.DownloadAsync(batch), 0, 1));
        await world.World.TurnAsync();
        await world.RotateAsync(TestTreasuries.OneKey);
        await ApproveAsync(world, 2);

        Assert.IsType<ReplaceResult.Built>(await world.World.World.Do((BatchReplacing act) => act.ReplaceAsync(batch, 1, 2, PayoutWorld.Treasurer, default)));
        await world.FinishAsync(1, psbt => PayoutWorld.Sign(psbt, 0, 2));
        Assert.Equal(New, Assert.Single(await world.CoinsAsync()).Treasury);
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());
    }

    [Fact]
    public async Task Of_two_rotations_that_are_approved_at_once_one_is_in_force()
    {
        await using var world = await MovesWorld.FundedAsync(300_000);
        await world.RotateAsync(NewKeys);
        await world.RotateAsync(TestTreasuries.OneKey);
        world.World.World.Time.Advance(TimeSpan.FromDays(30));
        foreach (var number in new[] { 1, 2 }) Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(world.Alice, number));
        var results = await Task.WhenAll(new[] { 1, 2 }.Select(number => Task.Run(() => world.ApproveAsync(world.Boris, number))));
        Assert.Single(results, result => result is ApprovalResult.Counted);
        Assert.Single(results, result => result is ApprovalResult.Outdated);
        Assert.Equal(1, await world.World.World.Read(db => db.Set<TreasuryDescriptor>().CountAsync(d => d.IsCurrent)));
        Assert.Equal(2, (await world.World.World.LedgerTypesAsync()).Count(type => type == "treasury.rotated"));
    }

    private static async Task ApproveAsync(MovesWorld world, int number)
    {
        world.World.World.Time.Advance(TimeSpan.FromDays(30));
        foreach (var admin in new[] { world.Alice, world.Boris }) Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(admin, number));
        await world.World.World.FollowAsync();
        await world.World.World.SealAsync();
    }
}
