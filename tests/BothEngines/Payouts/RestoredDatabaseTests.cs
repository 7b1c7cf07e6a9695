using DigitalResistance.Data;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A database from an older backup under a log that is newer: what it forgot may still be paid by the chain.</summary>
public sealed class RestoredDatabaseTests
{
    [Fact]
    public async Task Payments_that_only_the_ledger_remembers_are_never_built_again()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        await world.ExportedAsync(1);
        var (_, version) = await world.BatchAsync(1);
        await world.World.Read(ForgetBatchesAsync);

        var forgotten = Assert.IsType<BuildResult.Forgotten>(await world.BuildAsync(1));
        Assert.Equal([version.Txid], forgotten.Txids);
        Assert.Equal(0, await world.World.Read(db => db.Set<Batch>().CountAsync()));
        // Another round is not concerned: of two transactions with a coin in common the chain takes one.
        await world.ApprovedAsync(2, 300_000);
        Assert.IsType<BuildResult.Built>(await world.BuildAsync(2));
    }

    [Fact]
    public async Task A_version_that_only_the_ledger_remembers_is_never_replaced_past()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, _) = await world.ExportedAsync(1);
        var replaced = await world.World.Do((BatchReplacing act) => act.ReplaceAsync(batch, 1, 6, PayoutWorld.Treasurer, default));
        Assert.Equal(new ReplaceResult.Built(2), replaced);
        var (_, newest) = await world.BatchAsync(1);
        await world.World.Read(db => db.Set<BatchTransaction>().Where(t => t.Id == newest.Id).ExecuteDeleteAsync());

        var forgotten = Assert.IsType<ReplaceResult.Forgotten>(await world.World.Do((BatchReplacing act) => act.LookAsync(batch, 2, default)));
        Assert.Equal([newest.Txid], forgotten.Txids);
    }

    [Fact]
    public async Task A_payment_whose_download_was_forgotten_is_booked_when_the_chain_shows_it()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.World.Read(db => db.Set<Batch>().Where(b => b.Id == batch)
            .ExecuteUpdateAsync(set => set.SetProperty(b => b.ExportedAt, (DateTimeOffset?)null).SetProperty(b => b.State, BatchState.Built)));

        await world.World.Chain.SendAsync(PSBT.Load(PayoutWorld.Sign(psbt, 0, 1), Network.RegTest).Finalize().ExtractTransaction(), default);
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));
    }

    private static async Task<int> ForgetBatchesAsync(MoneyDb db)
    {
        await db.Set<BatchInput>().ExecuteDeleteAsync();
        await db.Set<BatchPayment>().ExecuteDeleteAsync();
        await db.Set<BatchTransaction>().ExecuteDeleteAsync();
        await db.Set<Payout>().ExecuteDeleteAsync();
        await db.Set<Batch>().ExecuteDeleteAsync();
        return await db.Set<Round>().ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RoundState.Approved));
    }
}
