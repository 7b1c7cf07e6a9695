using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

/// <summary>Two processes of one registry, with nothing in common but database, folder and chain, doing the same at the same moment.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Treasurers_at_two_replicas_who_build_download_and_upload_at_once_make_one_transaction()
    {
        await using var first = await PayoutWorld.FundedAsync(1_000_000, 1_000_000, 1_000_000);
        await using var second = first.Join();
        await first.ApprovedAsync(1, 400_000, 300_000, 200_000);

        var built = await BothAsync(first, second, world => world.BuildAsync(1));
        Assert.Single(built, result => result is BuildResult.Built);
        Assert.All(built.Where(result => result is not BuildResult.Built), result => Assert.True(result is BuildResult.ChangedMeanwhile or BuildResult.NothingToBuild, result.ToString()));
        await BothAsync(first, second, world => world.World.SealAsync());
        var (batch, version) = await first.BatchAsync(1);

        var downloads = await BothAsync(first, second, world => world.DownloadAsync(batch.Id));
        Assert.All(downloads, psbt => Assert.Equal(version.Psbt, psbt));

        // Each brings another signer's half at the same moment: together they are complete, whoever was second says so.
        var halves = new Dictionary<PayoutWorld, byte[]> { [first] = PayoutWorld.Sign(version.Psbt, 0), [second] = PayoutWorld.Sign(version.Psbt, 2) };
        var taken = await BothAsync(first, second, world => world.UploadAsync(batch.Id, halves[world]));
        Assert.Single(taken, result => Assert.IsType<IntakeResult.Accepted>(result).IsComplete);
        Assert.Equal(BatchState.Signed, (await first.BatchAsync(1)).Batch.State);
        Assert.Single(await first.World.LedgerTypesAsync(), type => type == "psbt.created");
    }

    [Fact]
    public async Task Passes_of_two_replicas_at_once_pay_once_through_a_reorganisation_and_seal_one_log()
    {
        await using var first = await PayoutWorld.FundedAsync(1_000_000);
        await using var second = first.Join();
        await first.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await first.ExportedAsync(1);
        Assert.True(Assert.IsType<IntakeResult.Accepted>(await first.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1))).IsComplete);

        await TurnBothAsync(first, second);
        first.World.Chain.Mine(2);
        await TurnBothAsync(first, second);
        first.World.Chain.Reorganize(depth: 2, forget: _ => true);
        await TurnBothAsync(first, second);
        await TurnBothAsync(first, second);
        first.World.Chain.Mine(4);
        for (var turn = 0; turn < 4; turn++) await TurnBothAsync(first, second);
        await first.TurnAsync();

        Assert.Equal(RoundState.Closed, await first.StateAsync(1));
        var types = await first.World.LedgerTypesAsync();
        Assert.Single(types, type => type == "tx.broadcast");
        Assert.Single(types, type => type == "round.closed");
        Assert.Equal(types.Count(type => type == "tx.unconfirmed") + 1, types.Count(type => type == "tx.confirmed"));
        Assert.Equal(types.Count(type => type == "donation.reverted") + 1, types.Count(type => type == "donation.confirmed"));
        var received = await first.ReceivedAsync();
        var payouts = await first.World.Read(db => db.Set<Payout>().ToListAsync());
        Assert.Equal(2, payouts.Count);
        Assert.All(payouts, payout => Assert.Equal(payout.Amount.Value, received[Convert.ToHexStringLower(payout.Script)]));
        await first.OneLogAsync();
    }

    [Fact]
    public async Task Two_replicas_that_start_on_an_empty_folder_open_one_log()
    {
        for (var run = 0; run < 5; run++)
        {
            await using var first = await PayoutWorld.CreateAsync();
            await using var second = first.Join();
            await first.World.AdoptAsync();
            await BothAsync(first, second, world => world.World.SealAsync());
            await first.World.SealAsync();
            Assert.Equal(["log.created", "treasury.rotated"], (await first.World.LedgerTypesAsync()).Order());
            await first.OneLogAsync();
        }
    }

    [Fact]
    public async Task Donors_at_two_replicas_never_share_an_address_and_every_gift_is_booked_once()
    {
        await using var first = await PayoutWorld.FundedAsync();
        await using var second = first.Join();
        var receipts = (await BothAsync(first, second, async world => await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => world.World.DonateAsync())))).SelectMany(r => r).ToArray();
        Assert.Equal(12, receipts.Select(receipt => receipt.Address).Distinct().Count());
        foreach (var (receipt, i) in receipts.Select((r, i) => (r, i))) first.World.Chain.Pay(PayoutWorld.Script(receipt.Address), new(10_000 + i));
        first.World.Chain.Mine(2);
        for (var turn = 0; turn < 3; turn++) await TurnBothAsync(first, second);
        await first.TurnAsync();

        Assert.Equal(12, (await first.World.LedgerTypesAsync()).Count(type => type == "donation.confirmed"));
        Assert.Equal(Enumerable.Range(0, 12).Sum(i => 10_000L + i), (await first.World.Read(db => db.Set<LedgerHead>().SingleAsync())).Balance.Value);
        await first.OneLogAsync();
    }

    private static async Task<T[]> BothAsync<T>(PayoutWorld first, PayoutWorld second, Func<PayoutWorld, Task<T>> act)
    {
        // Both threads stand at the line before either runs.
        using var line = new Barrier(2);
        return await Task.WhenAll(new[] { first, second }.Select(world => Task.Factory.StartNew(
            () =>
            {
                line.SignalAndWait();
                return act(world);
            },
            default, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
    }

    private static Task TurnBothAsync(PayoutWorld first, PayoutWorld second) => BothAsync(first, second, async world =>
    {
        await world.TurnAsync();
        return true;
    });
}
