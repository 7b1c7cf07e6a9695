using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A backup from before a move was proposed, approved or built: the log says what became of it, and nothing of it is ever paid twice.</summary>
public sealed class RestoredMoveTests
{
    private static readonly string NewKeys = TestTreasuries.TwoOfThree.Replace("sortedmulti(2,", "sortedmulti(3,", StringComparison.Ordinal);

    [Fact]
    public async Task A_consolidation_that_the_backup_never_saw_comes_back_with_all_its_transactions_and_is_finished()
    {
        await using var world = await MovesWorld.FundedAsync([.. Enumerable.Repeat(50_000L, 25)]);
        var backup = await BackUpAsync(world);
        await world.ApprovedAsync(await world.ConsolidateAsync(batches: 2));
        Assert.IsType<BuildResult.Built>(await world.BuildAsync());
        await world.World.World.SealAsync();
        var before = await world.MoveAsync();
        var signed = new List<byte[]>();
        foreach (var batch in await world.BatchesAsync()) signed.Add(PayoutWorld.Sign(await world.World.DownloadAsync(batch.Id), 0, 1));

        await using var restored = await RestoreAsync(world, backup);
        Assert.IsType<BuildResult.Locked>(await restored.BuildAsync());
        for (var turn = 0; turn < 2; turn++) await restored.World.TurnAsync();
        var after = await restored.MoveAsync();
        Assert.Equal((before.Manifest, before.ManifestSha256, before.Kind, MoveState.Built), (after.Manifest, after.ManifestSha256, after.Kind, after.State));
        Assert.Equal(2, (await restored.BatchesAsync()).Count);
        Assert.Null(await restored.World.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default)));

        // The signatures of before fit what came back.
        foreach (var (batch, upload) in (await restored.BatchesAsync()).Zip(signed)) Assert.True(Assert.IsType<IntakeResult.Accepted>(await restored.World.UploadAsync(batch.Id, upload)).IsComplete);
        await EndAsync(restored);
        Assert.Single(await restored.World.World.LedgerTypesAsync(), type => type == "move.closed");
    }

    [Fact]
    public async Task A_rotation_that_was_mined_after_the_backup_is_booked_once_and_older_rounds_are_paid_from_the_new_keys()
    {
        await using var world = await MovesWorld.FundedAsync(300_000, 900_000);
        await world.World.ApprovedAsync(1, 100_000);
        var backup = await BackUpAsync(world);
        await world.ApprovedAsync(await world.RotateAsync(NewKeys));
        await world.BuildAsync();
        await world.FinishAsync(1);
        var told = await world.World.World.LedgerTypesAsync();

        await using var restored = await RestoreAsync(world, backup);
        for (var turn = 0; turn < 3; turn++) await restored.World.TurnAsync();
        Assert.Equal(told.Append("incident"), await restored.World.World.LedgerTypesAsync());
        Assert.Equal(MoveState.Closed, (await restored.MoveAsync()).State);
        Assert.Equal(await restored.World.HoldsAsync(), await restored.World.BalanceAsync());
        await restored.World.OneLogAsync();
        Assert.IsType<BuildResult.Built>(await restored.World.BuildAsync(1));
    }

    [Fact]
    public async Task Bills_that_the_chain_paid_come_back_from_the_block()
    {
        await using var world = await MovesWorld.FundedAsync(900_000);
        var backup = await BackUpAsync(world);
        await world.ApprovedAsync(await world.PayAsync(Bills));
        await world.BuildAsync();
        await world.FinishAsync(1);
        var told = await world.World.World.LedgerTypesAsync();

        await using var restored = await RestoreAsync(world, backup);
        for (var turn = 0; turn < 3; turn++) await restored.World.TurnAsync();
        Assert.Equal(told.Append("incident"), await restored.World.World.LedgerTypesAsync());
        Assert.Equal(MoveState.Closed, (await restored.MoveAsync()).State);
        var costs = await restored.World.World.Read(db => db.Set<MoveCost>().OrderBy(c => c.Line).ToListAsync());
        Assert.Equal(Bills, costs.Select(c => new Bill(c.Purpose, c.Amount, c.Address)));
        Assert.Equal(await restored.World.HoldsAsync(), await restored.World.BalanceAsync());
    }

    [Fact]
    public async Task Bills_that_only_signers_hold_stay_locked_until_somebody_brings_the_manifest_or_the_file()
    {
        foreach (var kept in new[] { "manifest", "psbt" })
        {
            await using var world = await MovesWorld.FundedAsync(900_000);
            var backup = await BackUpAsync(world);
            await world.ApprovedAsync(await world.PayAsync(Bills));
            await world.BuildAsync();
            await world.World.World.SealAsync();
            var psbt = await world.World.DownloadAsync((await world.BatchesAsync())[0].Id);
            var manifest = (await world.MoveAsync()).Manifest;

            await using var restored = await RestoreAsync(world, backup);
            for (var turn = 0; turn < 2; turn++) await restored.World.TurnAsync();
            var view = (await restored.World.World.Do((PaymentRecovery recovery) => recovery.LookAsync(default)))!;
            Assert.Equal([PaymentOrder.Move(1)], view.MissingRounds);
            Assert.IsType<ImportResult.NotTold>(await TakeAsync(restored, System.Text.Encoding.ASCII.GetBytes(manifest.Replace(PayoutWorld.Address(502), PayoutWorld.Address(504), StringComparison.Ordinal))));
            var brought = kept == "psbt" ? PayoutWorld.Sign(psbt, 2) : System.Text.Encoding.ASCII.GetBytes(manifest.Replace("\n", "\r\n", StringComparison.Ordinal));
            var taken = await TakeAsync(restored, brought);
            Assert.True(kept == "psbt" ? taken is ImportResult.Imported : taken is ImportResult.OrderBack, taken.ToString());
            await restored.World.TurnAsync();

            Assert.Null(await restored.World.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default)));
            Assert.True(Assert.IsType<IntakeResult.Accepted>(await restored.World.UploadAsync((await restored.BatchesAsync())[0].Id, PayoutWorld.Sign(psbt, 0, 1))).IsComplete);
            await EndAsync(restored);
            var received = await restored.World.ReceivedAsync();
            Assert.All(Bills, bill => Assert.Equal(bill.Amount.Value, received[PayoutWorld.Script(bill.Address!).ToHex()]));
        }
    }

    [Fact]
    public async Task What_was_never_built_is_withdrawn_in_the_log_too_and_its_number_is_not_used_again()
    {
        await using var world = await MovesWorld.FundedAsync(300_000, 200_000);
        var backup = await BackUpAsync(world);
        await world.ConsolidateAsync();
        await world.ApprovedAsync(await world.PayAsync(Bills));
        await world.ApprovedAsync(await world.ConsolidateAsync());

        await using var restored = await RestoreAsync(world, backup);
        await restored.World.TurnAsync();
        Assert.Equal(2, (await restored.World.World.LedgerTypesAsync()).Count(type => type == "move.withdrawn"));
        Assert.Equal(MoveState.Withdrawn, (await restored.MoveAsync(1)).State);
        // Nothing of it leaves the treasury, and admins approved it: it can be built.
        Assert.Equal(MoveState.Approved, (await restored.MoveAsync(3)).State);
        Assert.IsType<BuildResult.Built>(await restored.BuildAsync(3));
        Assert.Equal(new MoveResult.Done(4), await restored.PayAsync(Bills));
    }

    [Fact]
    public async Task A_move_that_the_backup_knows_goes_where_the_log_left_it()
    {
        await using var world = await MovesWorld.FundedAsync(300_000, 200_000);
        var proposed = await world.ConsolidateAsync();
        await world.ConsolidateAsync();
        await world.ConsolidateAsync();
        var backup = await BackUpAsync(world);
        await world.ApproveAsync(world.Alice, 3);
        await world.ApprovedAsync(proposed);
        await world.WithdrawAsync(2);
        await world.World.World.SealAsync();

        await using var restored = await RestoreAsync(world, backup);
        await restored.World.TurnAsync();
        Assert.Equal((MoveState.Approved, MoveState.Withdrawn), ((await restored.MoveAsync(1)).State, (await restored.MoveAsync(2)).State));
        Assert.IsType<BuildResult.Built>(await restored.BuildAsync(1));
        // The log takes no approval twice.
        Assert.IsType<ApprovalResult.AlreadyCounted>(await restored.ApproveAsync(world.Alice, 3));
        Assert.IsType<ApprovalResult.Counted>(await restored.ApproveAsync(world.Boris, 3));
        Assert.Equal(MoveState.Approved, (await restored.MoveAsync(3)).State);
    }

    [Fact]
    public async Task A_move_that_is_lost_with_its_file_ends_when_admins_booked_that_its_coin_went_elsewhere()
    {
        await using var world = await MovesWorld.FundedAsync(900_000);
        var backup = await BackUpAsync(world);
        await world.ApprovedAsync(await world.PayAsync(Bills));
        await world.BuildAsync();
        await world.World.World.SealAsync();
        var coin = await world.World.World.Read(db => db.Set<BatchInput>().Select(i => i.CoinId).SingleAsync());

        await using var restored = await RestoreAsync(world, backup);
        await restored.World.TurnAsync();
        var spend = await restored.World.SpendElsewhereAsync((await restored.World.World.DonateAsync()).Address, 800_000, coin);
        restored.World.World.Chain.Mine(4);
        await restored.World.TurnAsync();
        await restored.World.ExplainAsync(spend, ForeignSpendReason.Consolidation, world.Alice);
        await restored.World.TurnAsync();
        Assert.DoesNotContain("move.withdrawn", await restored.World.World.LedgerTypesAsync());
        Assert.NotNull(await restored.World.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default)));

        Assert.IsType<ForeignSpendResult.Booked>(await restored.World.ExplainAsync(spend, ForeignSpendReason.Consolidation, world.Boris));
        for (var turn = 0; turn < 2; turn++) await restored.World.TurnAsync();
        Assert.Single(await restored.World.World.LedgerTypesAsync(), type => type == "move.withdrawn");
        Assert.Null(await restored.World.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default)));
        await restored.ApprovedAsync(await restored.PayAsync(Bills));
        Assert.IsType<BuildResult.Built>(await restored.BuildAsync(2));
    }

    [Fact]
    public async Task A_descriptor_that_is_kept_private_comes_from_the_configuration_or_nothing_is_brought_back()
    {
        await using var world = await MovesWorld.OfAsync(await PayoutWorld.FundedAsync([("Bitcoin:PublishDescriptor", "false")], 300_000));
        var backup = await BackUpAsync(world);
        await world.ApprovedAsync(await world.RotateAsync(NewKeys));
        var refused = await Assert.ThrowsAsync<LedgerRefusedException>(() => RestoreAsync(world, backup));
        Assert.Contains("Bitcoin:Descriptor", refused.Message, StringComparison.Ordinal);

        await using var restored = await RestoreAsync(world, backup, ("Bitcoin:Descriptor", NewKeys));
        Assert.Equal(TestTreasuries.Parse(NewKeys).Sha256, (await restored.World.World.Do((TreasuryWallet wallet) => wallet.FindAsync(default)))!.Descriptor.Sha256);
    }

    private static Bill[] Bills =>
    [
        new(CostPurpose.Hosting, new Sats(60_000), PayoutWorld.Address(501)), new(CostPurpose.Domains, new Sats(60_000), PayoutWorld.Address(502)), new(CostPurpose.Audit, new Sats(70_000), PayoutWorld.Address(503)),
    ];

    private static async Task<string> BackUpAsync(MovesWorld world)
    {
        await world.World.TurnAsync();
        return await world.World.World.Read(DatabaseBackup.TakeAsync);
    }

    private static async Task<MovesWorld> RestoreAsync(MovesWorld world, string backup, params (string Key, string Value)[] settings) =>
        new(await RestoredDatabaseTests.RestoreAsync(world.World, backup, settings), world.Alice, world.Boris, world.Key);

    private static Task<ImportResult> TakeAsync(MovesWorld world, byte[] bytes) => world.World.World.Do((PaymentImport import) => import.TakeAsync(bytes, default));

    private static async Task EndAsync(MovesWorld world)
    {
        await world.World.TurnAsync();
        world.World.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.World.TurnAsync();
        Assert.Equal(MoveState.Closed, (await world.MoveAsync()).State);
        Assert.Equal(await world.World.HoldsAsync(), await world.World.BalanceAsync());
    }
}
