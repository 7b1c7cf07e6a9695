using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A database from an older backup under a log that is newer: what it forgot may still be paid by the chain, and comes back.</summary>
public sealed class RestoredDatabaseTests
{
    [Fact]
    public async Task Payments_that_only_the_log_remembers_lock_everything_and_are_written_again_byte_for_byte()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        await world.ApprovedAsync(2, 200_000);
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        var (batch, _) = await world.ExportedAsync(1);
        Assert.Equal(new ReplaceResult.Built(2), await ReplaceAsync(world, batch, 1));
        await world.World.SealAsync();
        var newest = await world.DownloadAsync(batch);
        var before = await VersionsAsync(world);
        var entries = (await world.World.LedgerAsync()).Length;

        await using var restored = await RestoreAsync(world, backup);
        var locked = Assert.IsType<BuildResult.Locked>(await restored.BuildAsync(2));
        Assert.Equal(before.Select(v => v.Txid), locked.Why.Txids);
        await restored.TurnAsync();

        // As if the database had never been away, and the log was told of nothing but the restoring.
        Assert.Equal(before.Select(Shape), (await VersionsAsync(restored)).Select(Shape));
        Assert.Equal(entries + 1, (await restored.World.LedgerAsync()).Length);
        Assert.Null(await restored.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default)));
        var (again, _) = await restored.BatchAsync(1);
        Assert.Equal(newest, await restored.DownloadAsync(again.Id));
        Assert.IsType<IntakeResult.Accepted>(await restored.UploadAsync(again.Id, PayoutWorld.Sign(newest, 0, 1)));
        await EndAsync(restored, 1);
        Assert.IsType<BuildResult.Built>(await restored.BuildAsync(2));
    }

    [Fact]
    public async Task What_the_chain_has_is_taken_from_it_and_told_only_once()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        // A donor whose receipt the backup does not know, at an address that it had not given out.
        await world.FundAsync(600_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await EndAsync(world, 1);
        var before = await world.World.LedgerTypesAsync();

        await using var restored = await RestoreAsync(world, backup);
        for (var turn = 0; turn < 3; turn++) await restored.TurnAsync();
        Assert.Equal(RoundState.Closed, await restored.StateAsync(1));
        Assert.Equal(before.Append("incident"), await restored.World.LedgerTypesAsync());
        Assert.Equal(await restored.HoldsAsync(), await restored.BalanceAsync());
        Assert.Equal(0, await restored.World.Read(db => db.Set<ToldFact>().CountAsync()));
        var view = (await restored.World.Do((PaymentRecovery recovery) => recovery.LookAsync(default)))!;
        Assert.True(view.IsUnlocked);
        Assert.Equal(RecoveryStanding.Imported, Assert.Single(view.Payments).Standing);
        await restored.OneLogAsync();
    }

    [Fact]
    public async Task What_the_log_told_and_the_chain_lost_meanwhile_is_taken_back()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        await world.FundAsync(600_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await world.TurnAsync();
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.Contains("tx.confirmed", await world.World.LedgerTypesAsync());
        world.World.Chain.Reorganize(4, forget: _ => true);

        await using var restored = await RestoreAsync(world, backup);
        for (var turn = 0; turn < 3; turn++) await restored.TurnAsync();
        var types = await restored.World.LedgerTypesAsync();
        Assert.Single(types, type => type == "tx.unconfirmed");
        Assert.Single(types, type => type == "donation.reverted");
        Assert.Equal(await restored.HoldsAsync(), await restored.BalanceAsync());
        // The payment itself is live: it was written again, and goes on with the signatures that signers have.
        var (again, version) = await restored.BatchAsync(1);
        Assert.NotNull(version.BroadcastAt);
        Assert.IsType<IntakeResult.Accepted>(await restored.UploadAsync(again.Id, PayoutWorld.Sign(psbt, 0, 1)));
        await EndAsync(restored, 1);
        Assert.Single(await restored.World.LedgerTypesAsync(), type => type == "tx.broadcast");
    }

    [Fact]
    public async Task A_kept_copy_brings_back_what_cannot_be_written_again()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        var (_, psbt) = await world.ExportedAsync(1);
        await using var restored = await RestoreAsync(world, backup);
        using (await TilesGoneAsync(restored))
        {
            await restored.World.FollowAsync();
            await restored.World.Do((PayoutPass pass) => pass.RunAsync(default));
        }

        var view = (await restored.World.Do((PaymentRecovery recovery) => recovery.LookAsync(default)))!;
        Assert.Equal(RecoveryStanding.BytesMissing, Assert.Single(view.Payments).Standing);
        Assert.False(view.IsUnlocked);
        Assert.IsType<ImportResult.Unreadable>(await TakeAsync(restored, [1, 2, 3]));
        var other = PSBT.Load(psbt, Network.RegTest).GetGlobalTransaction();
        other.Outputs[0].Value += Money.Satoshis(1);
        Assert.IsType<ImportResult.NotAnnounced>(await TakeAsync(restored, other.ToBytes()));
        Assert.IsType<ImportResult.Imported>(await TakeAsync(restored, PayoutWorld.Sign(psbt, 1)));
        Assert.IsType<ImportResult.Known>(await TakeAsync(restored, psbt));
        var (batch, version) = await restored.BatchAsync(1);
        Assert.Equal(psbt, version.Psbt);
        Assert.IsType<IntakeResult.Accepted>(await restored.UploadAsync(batch.Id, PayoutWorld.Sign(psbt, 0, 1)));
    }

    [Fact]
    public async Task A_payment_that_nobody_can_bring_back_is_made_impossible_and_built_anew_as_its_next_version()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000, 2_000_000);
        Guid[] admins = [await world.AdminAsync(), await world.AdminAsync()];
        await world.ApprovedAsync(1, 400_000, 300_000);
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        await world.ExportedAsync(1);
        var (_, lost) = await world.BatchAsync(1);
        var coin = await world.World.Read(db => db.Set<BatchInput>().Select(i => i.CoinId).FirstAsync());
        await using var restored = await RestoreAsync(world, backup);
        string spend;
        using (await TilesGoneAsync(restored))
        {
            await restored.World.FollowAsync();
            await restored.World.Do((PayoutPass pass) => pass.RunAsync(default));
            spend = await restored.SpendElsewhereAsync(coinId: coin);
            world.World.Chain.Mine(4);
            await restored.World.FollowAsync();
            await restored.ExplainAsync(spend, ForeignSpendReason.Consolidation, admins[0]);
            Assert.IsType<BuildResult.Locked>(await restored.BuildAsync(1));
            Assert.IsType<ForeignSpendResult.Booked>(await restored.ExplainAsync(spend, ForeignSpendReason.Consolidation, admins[1]));
        }

        await restored.World.SealAsync();
        var (batch, psbt) = await restored.ExportedAsync(1);
        var (_, anew) = await restored.BatchAsync(1);
        Assert.Equal((2, lost.Paid), (anew.Number, anew.Paid));
        await restored.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await EndAsync(restored, 1);
        Assert.Equal(await restored.HoldsAsync(), await restored.BalanceAsync());
    }

    [Fact]
    public async Task A_payment_that_spends_the_change_of_another_comes_back_although_the_chain_lost_both()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        await world.ApprovedAsync(2, 200_000);
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        var (batch, first) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(first, 0, 1));
        await world.TurnAsync();
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        var (_, second) = await world.ExportedAsync(2);
        world.World.Chain.Reorganize(3, forget: transaction => transaction.HasWitness);

        await using var restored = await RestoreAsync(world, backup);
        for (var turn = 0; turn < 2; turn++) await restored.TurnAsync();
        Assert.Null(await restored.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default)));
        await restored.UploadAsync((await restored.BatchAsync(1)).Batch.Id, PayoutWorld.Sign(first, 0, 1));
        await restored.UploadAsync((await restored.BatchAsync(2)).Batch.Id, PayoutWorld.Sign(second, 0, 1));
        await restored.TurnAsync();
        world.World.Chain.Mine();
        await EndAsync(restored, 1);
        await EndAsync(restored, 2);
        Assert.Equal(await restored.HoldsAsync(), await restored.BalanceAsync());
        Assert.Equal(2, (await restored.World.LedgerTypesAsync()).Count(type => type == "psbt.created"));
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

    /// <summary>The backup comes back, the log's entries after it, and a new process goes on.</summary>
    internal static async Task<PayoutWorld> RestoreAsync(PayoutWorld world, string backup, params (string Key, string Value)[] settings)
    {
        await world.World.Read(async db =>
        {
            await DatabaseBackup.RestoreAsync(db, backup);
            return 0;
        });
        var restored = world.Join(settings);
        Assert.NotEqual(0, await restored.World.Do((LedgerReadmission readmission) => readmission.RunAsync()));
        return restored;
    }

    private static async Task EndAsync(PayoutWorld world, int round)
    {
        await world.TurnAsync();
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(round));
    }

    private static Task<ReplaceResult> ReplaceAsync(PayoutWorld world, Guid batch, int seen) =>
        world.World.Do((BatchReplacing act) => act.ReplaceAsync(batch, seen, 2, PayoutWorld.Treasurer, default));

    private static Task<ImportResult> TakeAsync(PayoutWorld world, byte[] bytes) => world.World.Do((PaymentImport import) => import.TakeAsync(bytes, default));

    private static Task<List<BatchTransaction>> VersionsAsync(PayoutWorld world) => world.World.Read(db => db.Set<BatchTransaction>().AsNoTracking().OrderBy(t => t.Number).ToListAsync());

    private static (int, string, string, string, Sats, Sats, Sats, int, long?) Shape(BatchTransaction v) =>
        (v.Number, v.Txid, v.PsbtSha256, Convert.ToHexString(v.Psbt), v.InputSum, v.Paid, v.Fee, v.Weight, v.ChangeAddressId);

    // Without the log's tiles and its older checkpoints nobody can compute the commitment of a payment anew.
    private static async Task<Moved> TilesGoneAsync(PayoutWorld world)
    {
        await world.World.Read(db => db.Set<LedgerCheckpoint>().ExecuteDeleteAsync());
        return new Moved((await world.World.Do((LedgerFolders folders) => Task.FromResult(folders))).Log.Path);
    }

    private sealed class Moved : IDisposable
    {
        private readonly string _folder;

        public Moved(string folder)
        {
            _folder = Path.Combine(folder, "tile");
            Directory.Move(_folder, _folder + ".gone");
        }

        public void Dispose() => Directory.Move(_folder + ".gone", _folder);
    }
}
