using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>Newer versions of a transaction: every one of them pays the same, and the chain can hold only one.</summary>
public sealed class ReplacingTests
{
    [Fact]
    public async Task A_replacement_pays_the_same_from_the_same_coins_and_costs_more()
    {
        await using var world = await BroadcastAsync(1_000_000);
        var (batch, old) = await world.BatchAsync(1);
        var outlook = Assert.IsType<ReplaceResult.Outlook>(await LookAsync(world, batch.Id));
        Assert.Equal(new ReplaceResult.Built(2), await ReplaceAsync(world, batch.Id, seen: 1));

        var (_, replacement) = await world.BatchAsync(1);
        Assert.Equal((outlook.Then.Fee, old.Paid, old.ChangeAddressId), (replacement.Fee, replacement.Paid, replacement.ChangeAddressId));
        Assert.True(outlook.Then.Rate.SatsPerKvb >= outlook.Now.Rate.SatsPerKvb + 1000);
        var (before, after) = (Unsigned(old), Unsigned(replacement));
        Assert.Equal(before.Inputs.Select(i => i.PrevOut), after.Inputs.Select(i => i.PrevOut));
        Assert.Equal(before.Outputs.Count, after.Outputs.Count);
        // Only change differs, the commitment to the approvals stays.
        var (less, more) = (Assert.Single(after.Outputs, o => !before.Outputs.Any(b => Text(b) == Text(o))), Assert.Single(before.Outputs, o => !after.Outputs.Any(a => Text(a) == Text(o))));
        Assert.Equal((replacement.Fee - old.Fee).Value, more.Value.Satoshi - less.Value.Satoshi);
        Assert.Equal(BatchState.Built, (await world.BatchAsync(1)).Batch.State);
    }

    [Fact]
    public async Task The_older_version_is_sent_until_the_newer_is_complete_and_then_only_the_newer()
    {
        await using var world = await BroadcastAsync(1_000_000);
        var (batch, old) = await world.BatchAsync(1);
        await ReplaceAsync(world, batch.Id, seen: 1);
        world.World.Chain.Evict();
        await world.TurnAsync();
        Assert.True(await IsWaitingAsync(world, old));

        var psbt = await world.DownloadAsync(batch.Id);
        Assert.Equal(RoundState.Signing, await world.StateAsync(1));
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch.Id, PayoutWorld.Sign(psbt, 0, 2))).IsComplete);
        await world.TurnAsync();
        var (_, replacement) = await world.BatchAsync(1);
        Assert.True(await IsWaitingAsync(world, replacement));
        Assert.False(await IsWaitingAsync(world, old));
        await ClosedAsync(world, replacement);
        Assert.Equal(
            ["psbt.created", "tx.broadcast", "psbt.created", "tx.broadcast", "tx.replaced", "tx.confirmed"],
            (await world.World.LedgerTypesAsync()).Where(t => t is "psbt.created" || t.StartsWith("tx.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_older_version_may_confirm_while_the_newer_is_being_signed()
    {
        await using var world = await BroadcastAsync(1_000_000);
        var (batch, old) = await world.BatchAsync(1);
        await ReplaceAsync(world, batch.Id, seen: 1);
        await world.World.SealAsync();
        var psbt = await world.DownloadAsync(batch.Id);
        world.World.Chain.Mine(2);
        Assert.IsType<ReplaceResult.Outlook>(await LookAsync(world, batch.Id));
        await world.TurnAsync();

        Assert.IsType<ExportResult.Confirmed>(await world.World.Do((BatchExport act) => act.DownloadAsync(batch.Id, default)));
        Assert.IsType<IntakeResult.NotSigning>(await world.UploadAsync(batch.Id, PayoutWorld.Sign(psbt, 0, 2)));
        Assert.IsType<ReplaceResult.InBlock>(await LookAsync(world, batch.Id));
        await ClosedAsync(world, old);
    }

    [Fact]
    public async Task A_reorganisation_may_swap_the_versions_and_everybody_is_still_paid_once()
    {
        await using var world = await BroadcastAsync(1_000_000);
        var (batch, old) = await world.BatchAsync(1);
        await ReplaceAsync(world, batch.Id, seen: 1);
        await world.World.SealAsync();
        var signed = PayoutWorld.Sign(await world.DownloadAsync(batch.Id), 0, 2);
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.Equal(BatchState.Confirmed, (await world.BatchAsync(1)).Batch.State);

        world.World.Chain.Reorganize(depth: 2, forget: _ => true);
        await world.World.FollowAsync();
        await world.World.Do((BatchConfirmation act) => act.RunAsync(world.World.Time.GetUtcNow(), default));
        Assert.Equal(BatchState.Built, (await world.BatchAsync(1)).Batch.State);
        await world.DownloadAsync(batch.Id);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch.Id, signed)).IsComplete);
        var (_, replacement) = await world.BatchAsync(1);
        await world.TurnAsync();
        await ClosedAsync(world, replacement);
        Assert.False((await world.World.Read(db => db.Set<TreasuryTransaction>().SingleAsync(t => t.Txid == old.Txid))).Height.HasValue);
    }

    [Fact]
    public async Task A_reorganisation_may_put_one_version_directly_in_the_place_of_the_other()
    {
        await using var world = await BroadcastAsync(1_000_000);
        var (batch, old) = await world.BatchAsync(1);
        await ReplaceAsync(world, batch.Id, seen: 1);
        await world.World.SealAsync();
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch.Id, PayoutWorld.Sign(await world.DownloadAsync(batch.Id), 0, 2))).IsComplete);
        var (_, replacement) = await world.BatchAsync(1);
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.All(await PayoutsAsync(world), payout => Assert.Equal(old.Txid, payout.PaidTxid));

        world.World.Chain.Reorganize(depth: 2, forget: _ => true);
        await world.World.Chain.SendAsync(Transaction.Load(replacement.FinalBytes!, Network.RegTest), default);
        await ClosedAsync(world, replacement);
        Assert.Equal(
            ["tx.broadcast", "tx.confirmed", "tx.unconfirmed", "tx.broadcast", "tx.confirmed"],
            (await world.World.LedgerTypesAsync()).Where(t => t.StartsWith("tx.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Where_change_does_not_pay_for_it_confirmed_coins_join()
    {
        await using var world = await BroadcastAsync(701_500);
        world.World.Chain.Evict();
        await world.FundAsync(50_000, 60_000);
        var (batch, old) = await world.BatchAsync(1);
        Assert.Equal(1, Assert.IsType<ReplaceResult.Outlook>(await LookAsync(world, batch.Id)).AddedCoins);
        await ReplaceAsync(world, batch.Id, seen: 1);
        var (_, replacement) = await world.BatchAsync(1);
        Assert.Subset(Unsigned(replacement).Inputs.Select(i => i.PrevOut).ToHashSet(), Unsigned(old).Inputs.Select(i => i.PrevOut).ToHashSet());
        Assert.Equal(2, Unsigned(replacement).Inputs.Count);
        Assert.NotNull(replacement.ChangeAddressId);
    }

    [Fact]
    public async Task Each_further_replacement_outbids_all_before_it_until_the_round_allows_no_more()
    {
        await using var world = await BroadcastAsync(1_000_000);
        var (batch, first) = await world.BatchAsync(1);
        var (rate, seen) = (VByteRate.Of(first.Fee, first.Weight), 1);
        while (await ReplaceAsync(world, batch.Id, seen) is ReplaceResult.Built built)
        {
            var (_, version) = await world.BatchAsync(1);
            Assert.True(VByteRate.Of(version.Fee, version.Weight).SatsPerKvb >= rate.SatsPerKvb + 1000);
            (rate, seen) = (VByteRate.Of(version.Fee, version.Weight), built.Number);
        }

        Assert.Equal(FeeRule.RateTooHigh, Assert.IsType<ReplaceResult.FeeRefused>(await ReplaceAsync(world, batch.Id, seen)).Problem.Rule);
        Assert.InRange(rate.SatsPerKvb, 49_000, 50_000);
    }

    [Fact]
    public async Task What_was_never_downloaded_may_become_cheaper()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        Assert.IsType<BuildResult.Built>(await world.World.Do((BatchBuilding act) => act.BuildAsync(1, 2, PayoutWorld.Treasurer, default)));
        var (batch, dear) = await world.BatchAsync(1);
        Assert.IsType<ReplaceResult.Built>(await ReplaceAsync(world, batch.Id, seen: 1));
        Assert.True((await world.BatchAsync(1)).Version.Fee < dear.Fee);
    }

    [Fact]
    public async Task Signatures_for_a_replaced_version_are_sent_back_to_the_newer_one()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await ReplaceAsync(world, batch, seen: 1);
        Assert.IsType<IntakeResult.Superseded>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1)));
    }

    [Fact]
    public async Task Of_two_treasurers_who_replace_at_once_one_does()
    {
        await using var world = await BroadcastAsync(1_000_000);
        var (batch, _) = await world.BatchAsync(1);
        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReplaceAsync(world, batch.Id, seen: 1))));
        Assert.Single(results, result => result is ReplaceResult.Built);
        Assert.Single(results, result => result is ReplaceResult.ChangedMeanwhile);
        Assert.Equal(2, await world.World.Read(db => db.Set<BatchTransaction>().CountAsync()));
    }

    [Fact]
    public async Task Nothing_is_replaced_while_somebody_else_spends_the_treasury()
    {
        await using var world = await BroadcastAsync(1_000_000);
        world.World.Chain.Evict();
        await world.SpendElsewhereAsync();
        var (batch, _) = await world.BatchAsync(1);
        Assert.IsType<ReplaceResult.SpentElsewhere>(await LookAsync(world, batch.Id));
    }

    [Fact]
    public void Any_replacement_holds_every_coin_outbids_and_gives_nothing_away()
    {
        var random = new Random(7);
        var change = new ChangeShape(43 * 4, 418, new Sats(330));
        var made = 0;
        for (var i = 0; i < 3_000; i++)
        {
            SelectableCoin[] Coins(int first, int count) => [.. Enumerable.Range(first, count).Select(id => new SelectableCoin(id, new Sats(random.NextInt64(200, 400_000)), 418))];
            var (held, free) = (Coins(0, random.Next(1, 5)), Coins(100, random.Next(0, 12)));
            var all = Sats.Sum(held.Select(c => c.Amount));
            var request = new SelectionRequest(
                new Sats(random.NextInt64(1, all.Value)), random.Next(400, 20_000), VByteRate.PerVByte(random.Next(1, 40)), VByteRate.PerVByte(60), VByteRate.PerVByte(10), change, 10, 400_000);
            var dearest = new Cost(new Sats(random.NextInt64(200, 40_000)), new VByteRate(random.NextInt64(1_000, 30_000)));
            if (ReplacementPlan.Create(held, free, request, dearest) is not SelectionResult.Chosen chosen) continue;
            made++;
            Assert.Equal(held.Length, chosen.Coins.Count(c => c.Id < 100));
            Assert.InRange(chosen.Coins.Count, held.Length, request.MaxInputs);
            Assert.Equal(Sats.Sum(chosen.Coins.Select(c => c.Amount)), request.Target + chosen.Fee + (chosen.Change ?? Sats.Zero));
            Assert.True(chosen.Change is null || chosen.Change >= change.Dust);
            Assert.True(chosen.Fee >= dearest.Fee + new VByteRate(1000).FeeFor(chosen.Weight));
            Assert.True(VByteRate.Of(chosen.Fee, chosen.Weight).SatsPerKvb >= dearest.Rate.SatsPerKvb);
            Assert.True(chosen.Fee >= request.Rate.FeeFor(chosen.Weight));
        }

        Assert.InRange(made, 500, 3_000);
    }

    private static async Task<PayoutWorld> BroadcastAsync(params long[] coins)
    {
        var world = await PayoutWorld.FundedAsync(coins);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await world.TurnAsync();
        Assert.Equal(BatchState.Broadcast, (await world.BatchAsync(1)).Batch.State);
        return world;
    }

    private static Task<List<Payout>> PayoutsAsync(PayoutWorld world) => world.World.Read(db => db.Set<Payout>().AsNoTracking().ToListAsync());

    private static Task<ReplaceResult> LookAsync(PayoutWorld world, Guid batch) => world.World.Do((BatchReplacing act) => act.LookAsync(batch, 6, default));

    private static Task<ReplaceResult> ReplaceAsync(PayoutWorld world, Guid batch, int seen) =>
        world.World.Do((BatchReplacing act) => act.ReplaceAsync(batch, seen, 6, PayoutWorld.Treasurer, default));

    private static string Text(TxOut output) => $"{output.Value.Satoshi} {output.ScriptPubKey.ToHex()}";

    private static Transaction Unsigned(BatchTransaction version) => PSBT.Load(version.Psbt, Network.RegTest).GetGlobalTransaction();

    private static Task<bool> IsWaitingAsync(PayoutWorld world, BatchTransaction version) => world.World.Chain.IsWaitingAsync(uint256.Parse(version.Txid), default);

    private static async Task ClosedAsync(PayoutWorld world, BatchTransaction paid)
    {
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));
        var received = await world.ReceivedAsync();
        Assert.All(await PayoutsAsync(world), payout =>
        {
            Assert.Equal(paid.Txid, payout.PaidTxid);
            Assert.Equal(payout.Amount.Value, received[Convert.ToHexStringLower(payout.Script)]);
        });
    }
}
