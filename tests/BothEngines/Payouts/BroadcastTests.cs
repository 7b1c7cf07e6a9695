using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>From the last signature to the closed books, whatever the network does.</summary>
public sealed class BroadcastTests
{
    [Theory]
    [InlineData(nameof(SendFault.Lost))]
    [InlineData(nameof(SendFault.DoneAndLost))]
    public async Task A_broadcast_that_failed_or_only_seemed_to_is_repeated_with_the_same_bytes(string fault)
    {
        await using var world = await SignedAsync();
        world.World.Faults.Send = Enum.Parse<SendFault>(fault);
        await Assert.ThrowsAsync<ChainUnavailableException>(world.TurnAsync);
        Assert.Equal(BatchState.Broadcast, (await world.BatchAsync(1)).Batch.State);
        await world.TurnAsync();
        await ConfirmedOnceAsync(world);
    }

    [Fact]
    public async Task What_will_be_broadcast_is_durable_and_said_before_the_first_byte_leaves()
    {
        await using var world = await SignedAsync();
        var seen = 0;
        world.World.Faults.BeforeSend = async transaction =>
        {
            // A connection of its own sees what is committed, and nothing else.
            var (batch, version) = await world.BatchAsync(1);
            Assert.Equal((BatchState.Broadcast, transaction.GetHash().ToString()), (batch.State, version.Txid));
            Assert.Equal(transaction.ToBytes(), version.FinalBytes);
            Assert.Contains("tx.broadcast", await world.World.LedgerTypesAsync());
            seen++;
        };
        await world.TurnAsync();
        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task A_node_that_is_away_loses_nothing()
    {
        await using var world = await SignedAsync();
        world.World.Faults.IsAway = true;
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<ChainUnavailableException>(world.World.FollowAsync);
            await Assert.ThrowsAsync<ChainUnavailableException>(() => world.World.Do((PayoutPass pass) => pass.RunAsync(default)));
            world.World.Time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(BatchState.Signed, (await world.BatchAsync(1)).Batch.State);
        world.World.Faults.IsAway = false;
        await world.TurnAsync();
        await ConfirmedOnceAsync(world);
    }

    [Fact]
    public async Task A_refusal_is_shown_and_changes_nothing_and_ends_by_itself()
    {
        await using var world = await SignedAsync();
        world.World.Faults.Send = SendFault.Refused;
        await world.TurnAsync();
        Assert.Equal((BatchState.Broadcast, "mempool full"), ((await world.BatchAsync(1)).Batch.State, (await world.BatchAsync(1)).Batch.Refusal));
        await world.TurnAsync();
        Assert.Null((await world.BatchAsync(1)).Batch.Refusal);
        await ConfirmedOnceAsync(world);
    }

    [Fact]
    public async Task A_transaction_that_the_node_forgot_is_handed_over_again()
    {
        await using var world = await SignedAsync();
        await world.TurnAsync();
        var txid = uint256.Parse((await world.BatchAsync(1)).Version.Txid);
        world.World.Chain.Evict();
        Assert.False(await world.World.Chain.IsWaitingAsync(txid, default));
        await world.TurnAsync();
        Assert.True(await world.World.Chain.IsWaitingAsync(txid, default));
        Assert.Equal(2, world.World.Faults.Sent);
        await ConfirmedOnceAsync(world);
    }

    [Fact]
    public async Task A_reorganisation_takes_a_confirmation_back_and_the_same_payment_confirms_again()
    {
        await using var world = await SignedAsync();
        await world.TurnAsync();
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.Equal(RoundState.Confirmed, await world.StateAsync(1));
        world.World.Chain.Reorganize(depth: 2, forget: _ => true);
        await world.TurnAsync();
        Assert.Equal(RoundState.Broadcast, await world.StateAsync(1));
        Assert.Null((await world.World.Read(db => db.Set<Payout>().FirstAsync())).PaidTxid);
        await ConfirmedOnceAsync(world);
        Assert.Equal(["tx.broadcast", "tx.confirmed", "tx.unconfirmed", "tx.confirmed"], (await world.World.LedgerTypesAsync()).Where(t => t.StartsWith("tx.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_transaction_that_somebody_else_broadcast_is_found_by_its_id()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        var final = Transaction.Load((await world.BatchAsync(1)).Version.FinalBytes!, Network.RegTest);
        await world.World.Chain.SendAsync(final, default);
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.Equal(0, world.World.Faults.Sent);
        await ConfirmedOnceAsync(world);
    }

    [Fact]
    public async Task Two_replicas_that_run_everything_at_once_have_one_effect()
    {
        await using var world = await SignedAsync();
        async Task Both()
        {
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                await world.World.FollowAsync();
                await world.World.Do((PayoutPass pass) => pass.RunAsync(default));
            })));
        }

        await Both();
        world.World.Chain.Mine(2);
        await Both();
        world.World.Chain.Mine(2);
        await Both();
        await Both();
        await ConfirmedOnceAsync(world);
        Assert.Single(await world.World.LedgerTypesAsync(), type => type == "round.closed");
    }

    private static async Task<PayoutWorld> SignedAsync()
    {
        var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1))).IsComplete);
        return world;
    }

    // Everybody paid once in the best chain, the books closed and equal to it.
    private static async Task ConfirmedOnceAsync(PayoutWorld world)
    {
        await world.TurnAsync();
        world.World.Chain.Mine(4);
        await world.TurnAsync();
        await world.TurnAsync();
        await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));
        var received = await world.ReceivedAsync();
        Assert.All(await world.World.Read(db => db.Set<Payout>().ToListAsync()), payout => Assert.Equal(payout.Amount.Value, received[Convert.ToHexStringLower(payout.Script)]));
        var types = await world.World.LedgerTypesAsync();
        Assert.Equal(1, types.Count(t => t == "tx.confirmed") - types.Count(t => t == "tx.unconfirmed"));
        Assert.Single(types, type => type == "tx.broadcast");
    }
}
