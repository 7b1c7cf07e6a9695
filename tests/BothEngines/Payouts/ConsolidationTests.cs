using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

public sealed class ConsolidationTests
{
    [Fact]
    public async Task Many_coins_become_one_and_only_the_fee_is_gone()
    {
        await using var world = await MovesWorld.FundedAsync(100_000, 50_000, 70_000, 30_000);
        await world.ApprovedAsync(await world.ConsolidateAsync());
        var outlook = Assert.IsType<BuildResult.MoveOutlook>(await world.World.World.Do((MoveBuilding act) => act.LookAsync(1, 6, default)));
        Assert.Equal((1, 4, Sats.Zero), (outlook.Count, outlook.Coins, outlook.Paid));
        Assert.Equal([1], Assert.IsType<BuildResult.Built>(await world.BuildAsync()).Numbers);
        Assert.IsType<BuildResult.NothingToBuild>(await world.BuildAsync());
        await world.FinishAsync(1);

        var (_, left) = Assert.Single(await world.CoinsAsync());
        Assert.Equal((outlook.Kept.Value, 250_000 - outlook.Fee.Value), (left, left));
        Assert.Equal((left, left), (await world.World.HoldsAsync(), await world.World.BalanceAsync()));
        var head = await world.HeadAsync();
        Assert.Equal((Sats.Zero, Sats.Zero, outlook.Fee), (head.Paid, head.Costs, head.Fees));
        var types = await world.World.World.LedgerTypesAsync();
        Assert.Equal(["move.proposed", "move.approval", "move.approval", "move.approved", "psbt.created", "tx.broadcast", "tx.confirmed", "move.closed"], types.Where(t => t.StartsWith("move", StringComparison.Ordinal) || t.StartsWith("psbt", StringComparison.Ordinal) || t.StartsWith("tx", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Coins_beyond_one_transaction_fill_the_next_and_what_is_not_worth_its_fee_stays()
    {
        var payouts = await PayoutWorld.CreateAsync(("Payouts:InputsPerBatch", "2"), ("Payouts:MinFeeRateSatPerVByte", "10"));
        await payouts.World.AdoptAsync();
        await payouts.FundAsync(90_000, 800, 50_000, 60_000, 70_000, 80_000);
        await using var world = await MovesWorld.OfAsync(payouts);
        await world.ApprovedAsync(await world.ConsolidateAsync(batches: 2));
        Assert.Equal(2, Assert.IsType<BuildResult.Built>(await world.BuildAsync()).Numbers.Count);
        var inputs = await payouts.World.Read(db => db.Set<BatchTransaction>().OrderBy(t => t.InputSum).Select(t => t.InputSum).ToListAsync());
        Assert.Equal([new Sats(110_000), new Sats(150_000)], inputs);
        await world.FinishAsync(1);
        Assert.Equal([800, 90_000], (await world.CoinsAsync()).Select(c => c.Amount).Where(a => a is 800 or 90_000));
        Assert.Equal(4, (await world.CoinsAsync()).Count);
        Assert.Equal(await payouts.HoldsAsync(), await payouts.BalanceAsync());
    }

    [Fact]
    public async Task Nothing_is_built_before_two_admins_approved_and_that_is_public()
    {
        await using var world = await MovesWorld.FundedAsync(100_000, 50_000);
        Assert.IsType<MoveResult.Done>(await world.ConsolidateAsync());
        Assert.Equal(new BuildResult.OrderRefused(OrderFault.WrongState), await world.BuildAsync());
        Assert.False(Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(world.Alice)).Tally.Suffices);
        Assert.IsType<ApprovalResult.AlreadyCounted>(await world.ApproveAsync(world.Alice));
        Assert.IsType<ApprovalResult.NotAnAdmin>(await world.ApproveAsync(Guid.NewGuid()));
        Assert.Equal(new BuildResult.OrderRefused(OrderFault.WrongState), await world.BuildAsync());
        Assert.True(Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(world.Boris)).Tally.Suffices);
        Assert.IsType<BuildResult.NotPublishedYet>(await world.BuildAsync());
        await world.World.World.SealAsync();
        Assert.IsType<BuildResult.Built>(await world.BuildAsync());
        Assert.IsType<ApprovalResult.NotWaiting>(await world.ApproveAsync(await world.World.AdminAsync()));
    }

    [Fact]
    public async Task A_row_that_was_changed_after_the_approval_moves_nothing()
    {
        await using var world = await MovesWorld.FundedAsync(100_000, 50_000);
        await world.ApprovedAsync(await world.ConsolidateAsync());
        var move = await world.MoveAsync();
        foreach (var change in new Func<DigitalResistance.Data.MoneyDb, Task<int>>[]
        {
            db => db.Set<Move>().ExecuteUpdateAsync(set => set.SetProperty(m => m.MaxFee, new Sats(9_000_000))),
            db => db.Set<Move>().ExecuteUpdateAsync(set => set.SetProperty(m => m.Kind, MoveKind.Rotation)),
            db => db.Set<Move>().ExecuteUpdateAsync(set => set.SetProperty(m => m.TargetSha256, new string('f', 64))),
            db => db.Set<Move>().ExecuteUpdateAsync(set => set.SetProperty(m => m.Manifest, m => m.Manifest + "\n")),
        })
        {
            await world.World.World.Read(change);
            Assert.Equal(new BuildResult.OrderRefused(OrderFault.NotAsApproved), await world.BuildAsync());
            await world.World.World.Read(db => db.Set<Move>().ExecuteUpdateAsync(set => set
                .SetProperty(m => m.MaxFee, move.MaxFee).SetProperty(m => m.Kind, move.Kind).SetProperty(m => m.TargetSha256, move.TargetSha256).SetProperty(m => m.Manifest, move.Manifest)));
        }

        Assert.IsType<BuildResult.Built>(await world.BuildAsync());
    }

    [Fact]
    public async Task A_move_can_be_withdrawn_until_it_is_built()
    {
        await using var world = await MovesWorld.FundedAsync(100_000, 50_000);
        await world.ConsolidateAsync();
        Assert.Equal(new MoveResult.Done(1), await world.WithdrawAsync());
        Assert.IsType<ApprovalResult.NotWaiting>(await world.ApproveAsync(world.Boris));
        Assert.Equal(new MoveResult.WrongState(MoveState.Withdrawn), await world.WithdrawAsync());

        await world.ApprovedAsync(await world.ConsolidateAsync());
        Assert.Equal(new MoveResult.ChangedMeanwhile(), await world.World.World.Do((MoveWithdrawal act) => act.WithdrawAsync(2, 0, default)));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(2));
        Assert.Equal(new MoveResult.WrongState(MoveState.Built), await world.WithdrawAsync(2));
        Assert.Equal(new MoveResult.NotFound(), await world.World.World.Do((MoveWithdrawal act) => act.WithdrawAsync(3, 0, default)));
    }

    [Fact]
    public async Task A_stuck_consolidation_is_replaced_at_a_higher_fee_and_confirms_once()
    {
        await using var world = await MovesWorld.FundedAsync(100_000, 50_000, 70_000);
        await world.ApprovedAsync(await world.ConsolidateAsync());
        await world.BuildAsync();
        await world.World.World.SealAsync();
        var batch = (await world.BatchesAsync())[0];
        await world.World.UploadAsync(batch.Id, PayoutWorld.Sign(await world.World.DownloadAsync(batch.Id), 0, 1));
        await world.World.TurnAsync();
        var outlook = Assert.IsType<ReplaceResult.Outlook>(await world.World.World.Do((BatchReplacing act) => act.LookAsync(batch.Id, 2, default)));
        Assert.Null(outlook.Problem);
        Assert.IsType<ReplaceResult.Built>(await world.World.World.Do((BatchReplacing act) => act.ReplaceAsync(batch.Id, 1, 2, PayoutWorld.Treasurer, default)));
        await world.FinishAsync(1, psbt => PayoutWorld.Sign(psbt, 1, 2));
        Assert.Equal(220_000 - outlook.Then.Fee.Value, Assert.Single(await world.CoinsAsync()).Amount);
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());
        Assert.Contains("tx.replaced", await world.World.World.LedgerTypesAsync());
    }

    [Fact]
    public async Task A_reorganisation_takes_a_consolidation_back_and_it_confirms_again()
    {
        await using var world = await MovesWorld.FundedAsync(100_000, 50_000);
        await world.ApprovedAsync(await world.ConsolidateAsync());
        await world.BuildAsync();
        await world.World.World.SealAsync();
        var batch = (await world.BatchesAsync())[0];
        await world.World.UploadAsync(batch.Id, PayoutWorld.Sign(await world.World.DownloadAsync(batch.Id), 0, 1));
        await world.World.TurnAsync();
        world.World.World.Chain.Mine(2);
        await world.World.TurnAsync();
        Assert.Equal(BatchState.Confirmed, (await world.BatchesAsync())[0].State);

        world.World.World.Chain.Reorganize(depth: 2, forget: transaction => transaction.Inputs.Count > 1);
        await world.World.TurnAsync();
        Assert.Equal((BatchState.Broadcast, null), ((await world.BatchesAsync())[0].State, (await world.BatchesAsync())[0].BookedTxid));
        Assert.Equal((150_000, 150_000), (await world.World.HoldsAsync(), await world.World.BalanceAsync()));
        await world.World.TurnAsync();
        world.World.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.World.TurnAsync();
        Assert.Equal(MoveState.Closed, (await world.MoveAsync()).State);
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());
    }

    [Fact]
    public async Task Of_two_who_build_at_once_one_wins_and_a_round_and_a_move_never_spend_one_coin()
    {
        await using var world = await MovesWorld.FundedAsync(1_000_000, 1_000_000);
        await world.World.ApprovedAsync(1, 400_000, 300_000);
        await world.ApprovedAsync(await world.ConsolidateAsync());
        await using var other = world.World.Join();
        var results = await Task.WhenAll(
            Task.Run(() => world.BuildAsync()), Task.Run(() => world.World.BuildAsync(1)), Task.Run(() => other.World.Do((MoveBuilding act) => act.BuildAsync(1, 6, PayoutWorld.Treasurer, default))));
        Assert.All(results, result => Assert.True(result is BuildResult.Built or BuildResult.ChangedMeanwhile or BuildResult.NothingToBuild or BuildResult.NotEnough or BuildResult.OrderRefused, result.ToString()));
        var inputs = await world.World.World.Read(db => db.Set<BatchInput>().Select(i => i.CoinId).ToListAsync());
        Assert.Equal(inputs.Distinct().Count(), inputs.Count);
        Assert.True((await world.BatchesAsync()).Count <= 1);
    }

    [Theory]
    [InlineData(0, 100_000, 50, MoveLimit.Batches)]
    [InlineData(21, 100_000, 50, MoveLimit.Batches)]
    [InlineData(1, 0, 50, MoveLimit.Fee)]
    [InlineData(1, 1_000_001, 50, MoveLimit.Fee)]
    [InlineData(1, 100_000, 0, MoveLimit.FeeRate)]
    [InlineData(1, 100_000, 301, MoveLimit.FeeRate)]
    public async Task Terms_outside_the_configuration_are_not_even_proposed(int batches, long fee, int rate, MoveLimit limit)
    {
        await using var world = await MovesWorld.FundedAsync();
        var result = await world.World.World.Do((MoveProposal act) => act.ConsolidateAsync(batches, new MoveFees(new Sats(fee), rate), world.Alice, default));
        Assert.Equal(limit, Assert.IsType<MoveResult.OutsideLimits>(result).Limit);
    }

    [Fact]
    public async Task Signers_see_that_everything_comes_back_and_a_round_waits_for_what_a_move_holds()
    {
        await using var world = await MovesWorld.FundedAsync(100_000, 50_000);
        await world.ApprovedAsync(await world.ConsolidateAsync());
        await world.BuildAsync();
        var batch = (await world.BatchesAsync())[0].Id;
        var view = (await world.World.World.Do((SigningRoom room) => room.FindAsync(batch, default)))!;
        Assert.Empty(view.Payments);
        Assert.Equal([OutputKind.Commitment, OutputKind.Change], view.Outputs.Select(o => o.Kind).Order().Reverse());
        Assert.Equal(2, view.Threshold);
        var facts = await world.World.World.Do((ITreasuryFacts facts) => facts.ReadAsync(default));
        Assert.Equal(150_000 - MovesWorld.Fees.MaxFee.Value, facts!.Spendable.Value);
    }
}
