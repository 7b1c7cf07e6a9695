using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A small coin goes round through everything that a payment goes through, until every key was seen to sign.</summary>
public sealed class RehearsalTests
{
    private static readonly string[] Fingerprints = ["4ba43603", "8dfc9b34", "56c4fac3"];

    [Fact]
    public async Task A_deposit_comes_back_signed_by_as_many_as_must_and_then_by_the_others()
    {
        await using var world = await DepositedAsync(60_000);
        Assert.DoesNotContain("donation.confirmed", await world.World.LedgerTypesAsync());
        Assert.Contains("treasury.received", await world.World.LedgerTypesAsync());
        var before = (await ViewAsync(world))!;
        Assert.Equal((false, true, null), (before.IsDone, before.HasCoin, before.Open));
        Assert.All(before.Keys, key => Assert.False(key.HasSigned));

        var batch = await BuiltAsync(world, 1);
        Assert.False((await ViewAsync(world))!.IsDone);
        await FinishAsync(world, batch, 0, 2);
        var view = (await ViewAsync(world))!;
        Assert.True(view.IsDone);
        Assert.Equal([true, false, true], view.Keys.Select(k => k.HasSigned));
        Assert.Equal(["8dfc9b34", "4ba43603"], view.Next.Select(k => k.Fingerprint));
        Assert.Equal(["4ba43603", "56c4fac3"], Assert.Single(view.Proofs).Fingerprints);
        var told = Assert.Single(await world.World.LedgerAsync(), entry => entry.Contains("treasury.rehearsed", StringComparison.Ordinal));
        var fee = 60_000 - (await CoinsAsync(world)).Single();
        Assert.Contains($"\"amount_sat\":{60_000 - fee},", told, StringComparison.Ordinal);
        Assert.Contains($"\"fee_sat\":{fee},\"fingerprints\":[\"4ba43603\",\"56c4fac3\"],\"move\":1,", told, StringComparison.Ordinal);
        Assert.Equal(await world.HoldsAsync(), await world.BalanceAsync());

        await FinishAsync(world, await BuiltAsync(world, 2), 1, 2);
        Assert.All((await ViewAsync(world))!.Keys, key => Assert.True(key.HasSigned));
        Assert.IsType<RehearsalResult.AllProven>(await PrepareAsync(world));
        Assert.Equal(2, (await world.World.LedgerTypesAsync()).Count(type => type == "treasury.rehearsed"));
        await world.OneLogAsync();
    }

    [Fact]
    public async Task Without_a_treasury_or_a_coin_there_is_nothing_to_rehearse_and_a_rehearsal_can_be_given_up()
    {
        await using var world = await PayoutWorld.CreateAsync();
        Assert.IsType<RehearsalResult.NoTreasury>(await PrepareAsync(world));
        Assert.IsType<RehearsalResult.NoTreasury>(await world.World.Do((Rehearsals act) => act.GiveAddressAsync(default)));
        Assert.Null(await ViewAsync(world));
        await world.World.AdoptAsync();
        var address = await AddressAsync(world);
        Assert.Equal(address, await AddressAsync(world));
        // Nobody else gets it.
        Assert.NotEqual(address, (await world.World.DonateAsync()).Address);
        Assert.IsType<RehearsalResult.NoCoin>(await PrepareAsync(world));

        await PayAsync(world, address, 60_000);
        Assert.Equal(new RehearsalResult.Prepared(1), await PrepareAsync(world));
        Assert.Equal(new RehearsalResult.Prepared(1), await PrepareAsync(world));
        Assert.IsType<BuildResult.NotPublishedYet>(await BuildAsync(world, 1));
        var version = await world.World.Read(db => db.Set<Move>().Select(m => m.Version).SingleAsync());
        Assert.IsType<MoveResult.Done>(await world.World.Do((MoveWithdrawal act) => act.WithdrawAsync(1, version, default)));
        Assert.Equal(new RehearsalResult.Prepared(2), await PrepareAsync(world));
    }

    [Fact]
    public async Task The_smallest_coin_that_is_worth_its_fee_goes_and_nobody_approves_or_is_asked_to()
    {
        await using var world = await DepositedAsync(2_000);
        foreach (var amount in new long[] { 900_000, 70_000 }) await PayAsync(world, (await world.World.DonateAsync()).Address, amount);
        Assert.IsType<RehearsalResult.Prepared>(await PrepareAsync(world));
        await world.World.SealAsync();
        var outlook = Assert.IsType<BuildResult.MoveOutlook>(await world.World.Do((MoveBuilding act) => act.LookAsync(1, 6, default)));
        Assert.Equal((70_000, 1, null), ((outlook.Kept + outlook.Fee).Value, outlook.Coins, outlook.Problem));
        var move = await world.World.Read(db => db.Set<Move>().SingleAsync());
        Assert.Equal((MoveState.Approved, 20_000, Sats.Zero), (move.State, move.MaxFee.Value, move.Paid));
        Assert.IsType<ApprovalResult.NotWaiting>(await world.World.Do((MoveApproval act) => act.ApproveSignedInAsync(1, move.ManifestSha256, Guid.NewGuid(), default)));

        // Where only dust came, whoever looks is told what it would cost.
        await using var poor = await DepositedAsync(5_000);
        await PrepareAsync(poor);
        await poor.World.SealAsync();
        Assert.Equal(FeeRule.ShareTooHigh, Assert.IsType<BuildResult.MoveOutlook>(await poor.World.Do((MoveBuilding act) => act.LookAsync(1, 6, default))).Problem?.Rule);
        var least = await poor.World.Do((RehearsalQuery query) => LeastAsync(poor, query));
        Assert.InRange(least.Value, 20_000, 420_000);
        await PayAsync(poor, await AddressAsync(poor), least.Value);
        Assert.Null(Assert.IsType<BuildResult.MoveOutlook>(await poor.World.Do((MoveBuilding act) => act.LookAsync(1, 6, default))).Problem);
    }

    [Fact]
    public async Task Everybody_at_once_on_two_replicas_begins_one_rehearsal_with_one_address()
    {
        await using var world = await PayoutWorld.CreateAsync();
        await world.World.AdoptAsync();
        await using var replica = world.Join();
        PayoutWorld[] both = [world, replica];
        var given = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => AddressAsync(both[i % 2]))));
        Assert.Single(given.Distinct());
        await PayAsync(world, given[0], 60_000);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => PrepareAsync(both[i % 2])))), result => Assert.Equal(new RehearsalResult.Prepared(1), result));
        Assert.Single(await world.World.LedgerTypesAsync(), type => type == "move.proposed");
        Assert.Single(await world.World.LedgerTypesAsync(), type => type == "move.approved");
    }

    [Fact]
    public async Task A_wallet_at_another_path_is_refused_and_the_signers_who_are_expected_are_named()
    {
        await using var world = await DepositedAsync(60_000);
        var batch = await BuiltAsync(world, 1);
        var psbt = await world.DownloadAsync(batch);
        Assert.IsType<IntakeResult.Unsigned>(await world.UploadAsync(batch, psbt));
        Assert.Equal(Fingerprints.Order().Select(f => $"{f} (m/48h/1h/0h/2h)"), (await RoomAsync(world, batch)).Expected.Split(", "));
        // Signed with a key of the same seed that is not the treasury's.
        var strange = NBitcoin.PSBT.Load(psbt, NBitcoin.Network.RegTest);
        var signed = NBitcoin.PSBT.Load(PayoutWorld.Sign(psbt, 0), NBitcoin.Network.RegTest).Inputs[0].PartialSigs.Values.First();
        strange.Inputs[0].PartialSigs[DigitalResistance.Web.Demo.ToySigner.FromSeed([.. Enumerable.Repeat((byte)9, 32)]).PubKey] = signed;
        var refused = Assert.Single(Assert.IsType<IntakeResult.AllRefused>(await world.UploadAsync(batch, strange.ToBytes())).Refused);
        Assert.Equal(SignatureProblem.ForeignKey, refused.Problem);

        Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 1)));
        Assert.DoesNotContain("8dfc9b34", (await RoomAsync(world, batch)).Expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payment_that_the_chain_has_proves_its_signers_as_well()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 1, 2));
        Assert.False(await world.World.Do((RehearsalQuery query) => query.IsDoneAsync(default)));
        await world.TurnAsync();
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.True(await world.World.Do((RehearsalQuery query) => query.IsDoneAsync(default)));
        Assert.Equal([false, true, true], (await ViewAsync(world))!.Keys.Select(k => k.HasSigned));
    }

    [Fact]
    public async Task A_restored_database_knows_from_the_log_who_has_signed()
    {
        await using var world = await DepositedAsync(60_000);
        await world.World.SealAsync();
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        await FinishAsync(world, await BuiltAsync(world, 1), 0, 1);
        var entries = await world.World.LedgerTypesAsync();

        await using var restored = await RestoredDatabaseTests.RestoreAsync(world, backup);
        for (var turn = 0; turn < 3; turn++) await restored.TurnAsync();
        var view = (await ViewAsync(restored))!;
        Assert.True(view.IsDone);
        Assert.Equal([true, true, false], view.Keys.Select(k => k.HasSigned));
        Assert.Equal(entries.Append("incident"), await restored.World.LedgerTypesAsync());
        await FinishAsync(restored, await BuiltAsync(restored, 2), 2, 0);
        Assert.All((await ViewAsync(restored))!.Keys, key => Assert.True(key.HasSigned));
        Assert.Equal(await restored.HoldsAsync(), await restored.BalanceAsync());
    }

    private static async Task<PayoutWorld> DepositedAsync(long sats)
    {
        var world = await PayoutWorld.CreateAsync();
        await world.World.AdoptAsync();
        await PayAsync(world, await AddressAsync(world), sats);
        return world;
    }

    private static async Task PayAsync(PayoutWorld world, string address, long sats)
    {
        world.World.Chain.Pay(PayoutWorld.Script(address), new Sats(sats));
        world.World.Chain.Mine(2);
        await world.World.FollowAsync();
    }

    private static async Task<string> AddressAsync(PayoutWorld world) =>
        Assert.IsType<RehearsalResult.Given>(await world.World.Do((Rehearsals act) => act.GiveAddressAsync(default))).Address;

    private static Task<RehearsalResult> PrepareAsync(PayoutWorld world) => world.World.Do((Rehearsals act) => act.PrepareAsync(PayoutWorld.Treasurer, default));

    private static Task<BuildResult> BuildAsync(PayoutWorld world, int move) => world.World.Do((MoveBuilding act) => act.BuildAsync(move, 6, PayoutWorld.Treasurer, default));

    private static async Task<Guid> BuiltAsync(PayoutWorld world, int move)
    {
        Assert.Equal(new RehearsalResult.Prepared(move), await PrepareAsync(world));
        await world.World.SealAsync();
        Assert.IsType<BuildResult.Built>(await BuildAsync(world, move));
        await world.World.SealAsync();
        return await world.World.Read(db => db.Set<Batch>().Where(b => b.MoveNumber == move).Select(b => b.Id).SingleAsync());
    }

    private static async Task FinishAsync(PayoutWorld world, Guid batch, params int[] signers)
    {
        var psbt = await world.DownloadAsync(batch);
        foreach (var signer in signers) Assert.IsType<IntakeResult.Accepted>(await world.UploadAsync(batch, PayoutWorld.Sign(psbt, signer)));
        await world.TurnAsync();
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(BatchState.Final, (await world.World.Read(db => db.Set<Batch>().AsNoTracking().SingleAsync(b => b.Id == batch))).State);
    }

    private static Task<RehearsalView?> ViewAsync(PayoutWorld world) => world.World.Do((RehearsalQuery query) => query.FindAsync(default));

    private static async Task<SigningView> RoomAsync(PayoutWorld world, Guid batch) => (await world.World.Do((SigningRoom room) => room.FindAsync(batch, default)))!;

    private static async Task<Sats> LeastAsync(PayoutWorld world, RehearsalQuery query) =>
        await query.LeastDepositAsync((await world.World.Do((TreasuryWallet wallet) => wallet.FindAsync(default)))!, default);

    private static Task<List<long>> CoinsAsync(PayoutWorld world) => world.World.Read(async db =>
        (await db.Set<TreasuryCoin>().Where(c => c.Height != null && c.SpentHeight == null).Select(c => c.Amount).ToListAsync()).ConvertAll(amount => amount.Value));
}
