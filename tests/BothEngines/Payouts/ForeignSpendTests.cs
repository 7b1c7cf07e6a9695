using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

/// <summary>Key holders move coins past this product: nothing is built, admins say why, the books equal the chain again, and payments go on.</summary>
public sealed class ForeignSpendTests
{
    [Fact]
    public async Task Two_admins_book_it_with_one_reason_the_books_equal_the_chain_and_payments_go_on()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000);
        var change = (await world.World.DonateAsync()).Address;
        var txid = await world.SpendElsewhereAsync(backTo: change, back: 300_000);
        world.World.Chain.Mine(3);
        await world.TurnAsync();
        Assert.IsType<BuildResult.SpentElsewhere>(await world.BuildAsync(1));
        Assert.Equal((3_000_000, 2_300_000), (await world.BalanceAsync(), await world.HoldsAsync()));

        var (alice, boris) = (await world.AdminAsync(), await world.AdminAsync());
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.ExplainAsync(txid, ForeignSpendReason.RunningCosts, alice));
        Assert.IsType<BuildResult.SpentElsewhere>(await world.BuildAsync(1));
        Assert.IsType<ForeignSpendResult.Booked>(await world.ExplainAsync(txid, ForeignSpendReason.RunningCosts, boris));
        Assert.IsType<ForeignSpendResult.AlreadyBooked>(await world.ExplainAsync(txid, ForeignSpendReason.Theft, boris));
        await world.TurnAsync();

        var spent = await world.World.Read(db => db.Set<TreasuryCoin>().SingleAsync(c => c.SpentBy == txid));
        Assert.Contains(
            $"\"inputs\":[\"{spent.Txid}:{spent.Vout}\"],\"reason\":\"running_costs\",\"returned_sat\":300000,\"signed_in\":2,\"spent_sat\":1000000,",
            Assert.Single(await world.World.LedgerAsync(), e => e.Contains("treasury.spent_external", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal((2_300_000, 2_300_000), (await world.BalanceAsync(), await world.HoldsAsync()));
        var line = await world.World.Read(db => db.Set<LedgerLine>().SingleAsync(l => l.Type == "treasury.spent_external"));
        Assert.Equal((700_000, -700_000), (line.Amount!.Value.Value, line.Change.Value));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(1));
    }

    [Fact]
    public async Task One_admin_alone_or_several_with_different_reasons_book_nothing()
    {
        await using var world = await SpentAsync(depth: 4);
        var (alice, boris, clara) = (await world.World.AdminAsync(), await world.World.AdminAsync(), await world.World.AdminAsync());
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.SayAsync(ForeignSpendReason.Theft, alice));
        Assert.Equal(new ForeignSpendResult.AlreadyCounted(1, 2), await world.SayAsync(ForeignSpendReason.Theft, alice));
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.SayAsync(ForeignSpendReason.Mistake, boris));
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.SayAsync(ForeignSpendReason.Moved, clara));
        Assert.Equal(0, await world.BookingsAsync());
        // Whoever changes their mind leaves the other reason.
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.SayAsync(ForeignSpendReason.Rehearsal, alice));
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.SayAsync(ForeignSpendReason.Theft, clara));
        Assert.IsType<ForeignSpendResult.Booked>(await world.SayAsync(ForeignSpendReason.Theft, boris));
        Assert.Equal(1, await world.BookingsAsync());
    }

    [Fact]
    public async Task An_admin_who_is_none_any_more_does_not_count()
    {
        await using var world = await SpentAsync(depth: 4);
        var (alice, boris, clara) = (await world.World.AdminAsync(), await world.World.AdminAsync(), await world.World.AdminAsync());
        await world.SayAsync(ForeignSpendReason.Mistake, alice);
        await world.World.World.Read(db => db.UserRoles.Where(r => r.UserId == alice).ExecuteDeleteAsync());
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.SayAsync(ForeignSpendReason.Mistake, boris));
        Assert.IsType<ForeignSpendResult.NotAnAdmin>(await world.SayAsync(ForeignSpendReason.Mistake, alice));
        Assert.IsType<ForeignSpendResult.NotAnAdmin>(await world.SayAsync(ForeignSpendReason.Mistake, PayoutWorld.Treasurer));
        Assert.IsType<ForeignSpendResult.Booked>(await world.SayAsync(ForeignSpendReason.Mistake, clara));
    }

    [Fact]
    public async Task Nothing_is_said_before_it_is_final_or_about_another_block_or_about_a_payment_of_ours()
    {
        await using var world = await SpentAsync(depth: 3);
        var alice = await world.World.AdminAsync();
        Assert.Equal(new ForeignSpendResult.NotDeepEnough(3, 4), await world.SayAsync(ForeignSpendReason.Mistake, alice));
        world.World.World.Chain.Mine();
        await world.World.TurnAsync();
        Assert.IsType<ForeignSpendResult.BlockChanged>(await world.World.World.Do((ForeignSpendBooking act) => act.ApproveAsync(world.Txid, new string('0', 64), ForeignSpendReason.Mistake, alice, default)));
        Assert.IsType<ForeignSpendResult.NotFound>(await world.World.ExplainAsync(new string('0', 64), ForeignSpendReason.Mistake, alice));

        await using var paid = await PayoutWorld.FundedAsync(1_000_000);
        await paid.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await paid.ExportedAsync(1);
        await paid.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await paid.TurnAsync();
        paid.World.Chain.Mine(4);
        await paid.TurnAsync();
        Assert.IsType<ForeignSpendResult.NotFound>(await paid.ExplainAsync((await paid.BatchAsync(1)).Version.Txid, ForeignSpendReason.Mistake, await paid.AdminAsync()));
    }

    [Fact]
    public async Task A_payment_that_the_log_announced_and_the_database_forgot_is_never_booked_as_a_strangers()
    {
        await using var world = await SpentAsync(depth: 4);
        var (alice, boris) = (await world.World.AdminAsync(), await world.World.AdminAsync());
        await world.World.World.Read(async db =>
        {
            db.Append(new PsbtCreated(new(PaymentOrder.Round(1), 1, 1, world.Txid), 1, new string('a', 64), [$"{new string('b', 64)}:0"], new(3), new(2), new(1), 1), world.World.World.Time.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        await world.World.World.SealAsync();
        Assert.IsType<ForeignSpendResult.PublishedPayment>(await world.SayAsync(ForeignSpendReason.Mistake, alice));
        Assert.IsType<ForeignSpendResult.PublishedPayment>(await world.SayAsync(ForeignSpendReason.Mistake, boris));
        Assert.Equal(0, await world.BookingsAsync());
    }

    [Fact]
    public async Task Admins_at_two_replicas_who_press_many_times_at_once_make_one_booking()
    {
        await using var world = await SpentAsync(depth: 4);
        await using var other = world.World.Join();
        Guid[] admins = [await world.World.AdminAsync(), await world.World.AdminAsync(), await world.World.AdminAsync()];
        using var line = new Barrier(12);
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Factory.StartNew(
            () =>
            {
                line.SignalAndWait();
                return (i % 2 == 0 ? world.World : other).ExplainAsync(world.Txid, ForeignSpendReason.Moved, admins[i % 3]);
            },
            default, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        Assert.Single(results, result => result is ForeignSpendResult.Booked);
        Assert.Single(results, result => result is ForeignSpendResult.Counted);
        Assert.Equal(1, await world.BookingsAsync());
        Assert.Equal(2, await world.World.World.Read(db => db.Set<ForeignSpendApproval>().CountAsync()));
    }

    [Fact]
    public async Task A_reorganisation_takes_the_booking_back_and_in_its_new_block_it_is_approved_anew()
    {
        await using var world = await SpentAsync(depth: 4);
        await using var other = world.World.Join();
        Guid[] admins = [await world.World.AdminAsync(), await world.World.AdminAsync()];
        foreach (var admin in admins) await world.SayAsync(ForeignSpendReason.Consolidation, admin);
        await world.World.TurnAsync();
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());

        NBitcoin.Transaction? lost = null;
        world.World.World.Chain.Reorganize(depth: 4, forget: transaction =>
        {
            if (transaction.GetHash().ToString() == world.Txid) lost = transaction;
            return lost == transaction;
        });
        await world.World.World.FollowAsync();
        // Before the booking is taken back nobody can book anything on top of it.
        Assert.IsType<ForeignSpendResult.AlreadyBooked>(await world.SayAsync(ForeignSpendReason.Moved, admins[0]));
        await Task.WhenAll(world.World.TurnAsync(), other.TurnAsync());
        await world.World.TurnAsync();
        Assert.Single(await world.World.World.LedgerTypesAsync(), type => type == "treasury.spent_reverted");
        Assert.Equal((1_000_000, 1_000_000), (await world.World.HoldsAsync(), await world.World.BalanceAsync()));
        Assert.IsType<ForeignSpendResult.NotFound>(await world.SayAsync(ForeignSpendReason.Moved, admins[0]));

        await world.World.World.Chain.SendAsync(lost!, default);
        world.World.World.Chain.Mine(4);
        await world.World.TurnAsync();
        Assert.Equal(new ForeignSpendResult.Counted(1, 2), await world.SayAsync(ForeignSpendReason.Moved, admins[0]));
        Assert.IsType<ForeignSpendResult.Booked>(await world.SayAsync(ForeignSpendReason.Moved, admins[1]));
        await world.World.TurnAsync();
        Assert.Equal(2, await world.BookingsAsync());
        Assert.Equal((0, 0), (await world.World.HoldsAsync(), await world.World.BalanceAsync()));
    }

    [Fact]
    public async Task A_payment_that_lost_its_coin_is_replaced_after_the_booking_and_pays_once()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await world.TurnAsync();
        world.World.Chain.Evict();
        var held = await world.World.Read(db => db.Set<BatchInput>().Select(i => i.CoinId).SingleAsync());
        var txid = await world.SpendElsewhereAsync(coinId: held);
        world.World.Chain.Mine(3);
        await world.TurnAsync();
        foreach (var admin in new[] { await world.AdminAsync(), await world.AdminAsync() }) await world.ExplainAsync(txid, ForeignSpendReason.Mistake, admin);

        Assert.IsType<ReplaceResult.Built>(await world.World.Do((BatchReplacing act) => act.ReplaceAsync(batch, 1, 6, PayoutWorld.Treasurer, default)));
        await world.World.SealAsync();
        await world.UploadAsync(batch, PayoutWorld.Sign(await world.DownloadAsync(batch), 0, 2));
        await world.TurnAsync();
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));
        var received = await world.ReceivedAsync();
        Assert.All(await world.World.Read(db => db.Set<Payout>().ToListAsync()), payout => Assert.Equal(payout.Amount.Value, received[Convert.ToHexStringLower(payout.Script)]));
        Assert.Equal(await world.HoldsAsync(), await world.BalanceAsync());
    }

    private static async Task<Spent> SpentAsync(int depth)
    {
        var world = await PayoutWorld.FundedAsync(1_000_000);
        var txid = await world.SpendElsewhereAsync();
        if (depth > 1) world.World.Chain.Mine(depth - 1);
        await world.TurnAsync();
        return new Spent(world, txid);
    }

    private sealed record Spent(PayoutWorld World, string Txid) : IAsyncDisposable
    {
        public Task<ForeignSpendResult> SayAsync(ForeignSpendReason reason, Guid admin) => World.ExplainAsync(Txid, reason, admin);

        public async Task<int> BookingsAsync() => (await World.World.LedgerTypesAsync()).Count(type => type == "treasury.spent_external");

        public ValueTask DisposeAsync() => World.DisposeAsync();
    }
}
