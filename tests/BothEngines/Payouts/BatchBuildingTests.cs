using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

public sealed class BatchBuildingTests
{
    [Fact]
    public async Task Nothing_is_built_for_a_round_that_is_not_approved_or_does_not_exist()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        Assert.Equal(new BuildResult.OrderRefused(OrderFault.NotFound), await world.BuildAsync(2));
        foreach (var state in new[] { RoundState.Draft, RoundState.Open, RoundState.Frozen, RoundState.Allocated, RoundState.Closed, RoundState.Cancelled })
        {
            await world.World.Read(db => db.Set<Round>().ExecuteUpdateAsync(set => set.SetProperty(r => r.State, state)));
            Assert.Equal(new BuildResult.OrderRefused(OrderFault.WrongState), await world.BuildAsync(1));
        }
    }

    [Fact]
    public async Task Rows_that_were_changed_after_the_approval_pay_nobody()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        async Task RefusedAsync(Func<DigitalResistance.Data.MoneyDb, Task<int>> change, Func<DigitalResistance.Data.MoneyDb, Task<int>> back)
        {
            Assert.NotEqual(0, await world.World.Read(change));
            Assert.Equal(new BuildResult.OrderRefused(OrderFault.NotAsApproved), await world.BuildAsync(1));
            await world.World.Read(back);
        }

        var grant = await world.World.Read(db => db.Set<Grant>().OrderBy(g => g.Id).FirstAsync());
        var round = await world.World.Read(db => db.Set<Round>().SingleAsync());
        await RefusedAsync(
            db => db.Set<Grant>().Where(g => g.Id == grant.Id).ExecuteUpdateAsync(set => set.SetProperty(g => g.Address, PayoutWorld.Address(99))),
            db => db.Set<Grant>().Where(g => g.Id == grant.Id).ExecuteUpdateAsync(set => set.SetProperty(g => g.Address, grant.Address)));
        await RefusedAsync(
            db => db.Set<Grant>().Where(g => g.Id == grant.Id).ExecuteUpdateAsync(set => set.SetProperty(g => g.Paid, new Sats(400_001))),
            db => db.Set<Grant>().Where(g => g.Id == grant.Id).ExecuteUpdateAsync(set => set.SetProperty(g => g.Paid, grant.Paid)));
        await RefusedAsync(
            db => db.Set<Round>().ExecuteUpdateAsync(set => set.SetProperty(r => r.MaxFee, new Sats(9_000_000))),
            db => db.Set<Round>().ExecuteUpdateAsync(set => set.SetProperty(r => r.MaxFee, round.MaxFee)));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
    }

    [Fact]
    public async Task A_treasury_that_the_admins_did_not_approve_pays_nobody()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var other = TestTreasuries.Parse(TestTreasuries.OneKey);
        await world.World.Read(db => db.Set<TreasuryDescriptor>().ExecuteUpdateAsync(set => set.SetProperty(d => d.Text, other.Text)));
        Assert.Equal(new BuildResult.OrderRefused(OrderFault.OtherTreasury), await world.BuildAsync(1));
    }

    [Fact]
    public async Task Approvals_must_be_public_before_anything_is_built()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.World.Read(db => db.Set<DigitalResistance.Ledger.LedgerEntry>().Where(e => e.Type == "round.approved").ExecuteUpdateAsync(set => set.SetProperty(e => e.Index, (long?)null)));
        Assert.IsType<BuildResult.NotPublishedYet>(await world.BuildAsync(1));
    }

    [Fact]
    public async Task An_export_waits_until_the_announcement_is_public_and_is_refused_when_the_stored_bytes_changed()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.BuildAsync(1);
        var (batch, version) = await world.BatchAsync(1);
        Task<ExportResult> Download() => world.World.Do((BatchExport act) => act.DownloadAsync(batch.Id, default));
        Assert.IsType<ExportResult.NotPublishedYet>(await Download());
        Assert.Null((await world.BatchAsync(1)).Batch.ExportedAt);
        await world.World.SealAsync();

        await world.World.Read(db => db.Set<BatchTransaction>().ExecuteUpdateAsync(set => set.SetProperty(t => t.Psbt, new byte[] { 1, 2, 3 })));
        Assert.IsType<ExportResult.NotAsAnnounced>(await Download());
        await world.World.Read(db => db.Set<BatchTransaction>().ExecuteUpdateAsync(set => set.SetProperty(t => t.Psbt, version.Psbt)));

        var downloads = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(Download)));
        Assert.All(downloads, download => Assert.Equal(version.Psbt, Assert.IsType<ExportResult.Ready>(download).Psbt));
        Assert.Equal(BatchState.Exported, (await world.BatchAsync(1)).Batch.State);
        Assert.IsType<ExportResult.NotFound>(await world.World.Do((BatchExport act) => act.DownloadAsync(Guid.NewGuid(), default)));
    }

    [Fact]
    public async Task Of_many_builders_at_once_one_wins()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 1_000_000, 1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => world.BuildAsync(1))));
        Assert.Single(results, result => result is BuildResult.Built);
        Assert.All(results.Where(result => result is not BuildResult.Built), result => Assert.True(result is BuildResult.ChangedMeanwhile or BuildResult.NothingToBuild, result.ToString()));
        Assert.Equal(1, await world.World.Read(db => db.Set<Batch>().CountAsync()));
        Assert.Single(await world.World.LedgerTypesAsync(), type => type == "psbt.created");
    }

    [Fact]
    public async Task A_payout_or_a_coin_in_two_batches_is_refused_by_the_database_itself()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.BuildAsync(1);
        var (batch, _) = await world.BatchAsync(1);
        var payment = await world.World.Read(db => db.Set<BatchPayment>().AsNoTracking().SingleAsync());
        var input = await world.World.Read(db => db.Set<BatchInput>().AsNoTracking().SingleAsync());
        async Task Twice(object row) => await Assert.ThrowsAsync<DbUpdateException>(() => world.World.Read(db =>
        {
            db.Add(row);
            return db.SaveChangesAsync();
        }));
        await Twice(new BatchPayment { BatchId = batch.Id, PayoutId = payment.PayoutId });
        await Twice(new BatchInput { BatchId = batch.Id, CoinId = input.CoinId });
        await Twice(new Batch { RoundNumber = 1, Number = 1, CheckpointSize = 1 });
    }

    [Fact]
    public async Task Limits_of_payment_batch_day_and_fee_are_kept_and_named()
    {
        await using var world = await PayoutWorld.CreateAsync(
            ("Payouts:MaxPayoutSat", "500000"), ("Payouts:MaxBatchSat", "900000"), ("Payouts:MaxDaySat", "1500000"), ("Payouts:MaxFeeSharePpm", "5000"));
        await world.World.AdoptAsync();
        await world.FundAsync(5_000_000, 5_000_000, 5_000_000);
        await world.ApprovedAsync(1, 500_001);
        await world.ApprovedAsync(2, 450_000, 450_001);
        await world.ApprovedAsync(3, 450_000, 450_000);
        await world.ApprovedAsync(4, 350_000, 350_000);
        await world.ApprovedAsync(5, 20_000);
        await world.LimitedAsync(6, maxFee: 100, maxRate: 50, 400_000);

        var refused = Assert.IsType<PlanResult.Refused>(Assert.IsType<BuildResult.PlanRefused>(await world.BuildAsync(1)).Plan);
        Assert.Equal(PaymentProblem.TooLarge, refused.Payments.Single().Problem);
        Assert.Equal(new PlanResult.BatchTooLarge(1, new Sats(900_001), new Sats(900_000)), Assert.IsType<BuildResult.PlanRefused>(await world.BuildAsync(2)).Plan);
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(3));
        Assert.Equal(new BuildResult.DayLimit(new Sats(1_600_000), new Sats(1_500_000)), await world.BuildAsync(4));
        Assert.Equal(FeeRule.ShareTooHigh, Assert.IsType<BuildResult.FeeRefused>(await world.BuildAsync(5)).Problem.Rule);
        Assert.Equal(FeeRule.RoundLimit, Assert.IsType<BuildResult.FeeRefused>(await world.BuildAsync(6)).Problem.Rule);
        world.World.Time.Advance(TimeSpan.FromHours(25));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(4));
    }

    [Fact]
    public async Task A_fee_that_is_too_much_in_itself_by_the_byte_or_for_what_is_paid_is_not_built()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.LimitedAsync(2, maxFee: 200_000, maxRate: 3, 400_000);
        var limits = world.World.Provider.GetRequiredService<IOptions<PayoutOptions>>().Value;
        var (fee, rate, share) = (limits.MaxFeeSat, limits.MinFeeRateSatPerVByte, limits.MaxFeeSharePpm);
        async Task<FeeRule> RefusedAsync(int round) => Assert.IsType<BuildResult.FeeRefused>(await world.BuildAsync(round)).Problem.Rule;

        limits.MaxFeeSat = 100;
        Assert.Equal(FeeRule.TooMuch, await RefusedAsync(1));
        (limits.MaxFeeSat, limits.MaxFeeSharePpm) = (fee, 1);
        Assert.Equal(FeeRule.ShareTooHigh, await RefusedAsync(1));
        (limits.MaxFeeSharePpm, limits.MinFeeRateSatPerVByte) = (share, 4);
        Assert.Equal(FeeRule.RateTooLow, await RefusedAsync(2));

        limits.MinFeeRateSatPerVByte = rate;
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
    }

    [Fact]
    public async Task A_coin_is_spent_from_its_last_needed_confirmation_on_and_never_before()
    {
        await using var world = await PayoutWorld.FundedAsync(100_000);
        await world.ApprovedAsync(1, 400_000);
        world.World.Chain.Pay(BitcoinAddress.Create((await world.World.DonateAsync()).Address, Network.RegTest).ScriptPubKey, new Sats(1_000_000));
        for (var confirmations = 0; confirmations < 2; confirmations++)
        {
            await world.World.FollowAsync();
            var missing = Assert.IsType<BuildResult.NotEnough>(await world.BuildAsync(1));
            Assert.True(missing.Needed > new Sats(400_000) && missing.Available < new Sats(100_000), $"{missing}");
            world.World.Chain.Mine(1);
        }

        await world.World.FollowAsync();
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
    }

    [Fact]
    public async Task The_fee_rate_follows_the_backend_within_what_the_round_allows()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 1_000_000);
        await world.LimitedAsync(1, maxFee: 100_000, maxRate: 50, 400_000);
        await world.LimitedAsync(2, maxFee: 100_000, maxRate: 3, 400_000);
        async Task<VByteRate> RateAsync(int round, int blocks) =>
            Assert.IsType<BuildResult.Outlook>(await world.World.Do((BatchBuilding act) => act.LookAsync(round, blocks, default))).Rate;
        Assert.Equal(VByteRate.PerVByte(2), await RateAsync(1, 6));
        Assert.Equal(VByteRate.PerVByte(4), await RateAsync(1, 1));
        Assert.Equal(VByteRate.PerVByte(3), await RateAsync(2, 1));
        Assert.Equal(0, await world.World.Read(db => db.Set<Batch>().CountAsync()));

        world.World.Faults.IsAway = true;
        Assert.IsType<BuildResult.ChainAway>(await world.BuildAsync(1));
    }

    [Fact]
    public async Task A_coin_that_was_spent_elsewhere_stops_building()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.SpendElsewhereAsync();
        Assert.IsType<BuildResult.SpentElsewhere>(await world.BuildAsync(1));
    }

    [Fact]
    public async Task Two_payments_of_one_amount_to_one_address_stay_two()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.PayingAsync(1, PayoutWorld.Address(5), 200_000, 200_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await world.TurnAsync();
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.Equal(2, (await world.World.Read(db => db.Set<Payout>().ToListAsync())).Select(p => p.PaidVout).Distinct().Count());
        Assert.Equal(400_000, (await world.ReceivedAsync())[PayoutWorld.Script(PayoutWorld.Address(5)).ToHex()]);
    }

    [Fact]
    public async Task An_address_of_the_treasury_is_never_paid()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        var ours = (await world.World.DonateAsync()).Address;
        await world.PayingAsync(1, ours, 400_000);
        var refused = Assert.IsType<PlanResult.Refused>(Assert.IsType<BuildResult.PlanRefused>(await world.BuildAsync(1)).Plan);
        Assert.Equal(PaymentProblem.PaysTheTreasury, refused.Payments.Single().Problem);
    }
}
