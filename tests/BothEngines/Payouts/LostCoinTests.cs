using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>A donor takes a donation back with the help of a reorganisation, and a payment had counted on it.</summary>
public sealed class LostCoinTests
{
    [Fact]
    public async Task A_payment_that_lost_its_coin_for_good_is_built_without_it_once_that_is_final()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var (batch, psbt) = await world.ExportedAsync(1);
        await world.UploadAsync(batch, PayoutWorld.Sign(psbt, 0, 1));
        await world.TurnAsync();
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        var donation = await FirstAsync(world);
        world.World.Chain.Reorganize(4, forget: _ => true);
        Assert.IsType<ChainVerdict.Accepted>(await world.World.Chain.SendAsync(Rival(donation), default));
        world.World.Chain.Mine();
        await world.TurnAsync();
        // As deep as a new donation must be, and not final yet: the old one may still come back.
        await world.FundAsync(900_000);
        await world.TurnAsync();
        Assert.IsType<ReplaceResult.CoinsUnsettled>(await ReplaceAsync(world, batch));

        world.World.Chain.Mine();
        await world.TurnAsync();
        // The donation, and what the payment had brought back of it.
        var told = (await world.World.LedgerAsync()).Where(entry => entry.Contains("treasury.coin_lost", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, told.Count);
        Assert.Contains(donation.GetHash().ToString(), told[0], StringComparison.Ordinal);
        Assert.All(told, entry => Assert.Contains($"\"by\":\"{Rival(donation).GetHash()}\"", entry, StringComparison.Ordinal));
        Assert.Equal(new ReplaceResult.Built(2), await ReplaceAsync(world, batch));
        await world.World.SealAsync();
        await world.UploadAsync(batch, PayoutWorld.Sign(await world.DownloadAsync(batch), 0, 1));
        await world.TurnAsync();
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await world.TurnAsync();
        Assert.Equal(RoundState.Closed, await world.StateAsync(1));
        Assert.Equal(await world.HoldsAsync(), await world.BalanceAsync());
        Assert.Equal(2, (await world.World.LedgerTypesAsync()).Count(type => type == "treasury.coin_lost"));
    }

    [Fact]
    public async Task A_donation_whose_rival_left_the_chain_in_time_was_never_lost()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        var donation = await FirstAsync(world);
        world.World.Chain.Reorganize(2, forget: _ => true);
        await world.World.Chain.SendAsync(Rival(donation), default);
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        Assert.Equal(1, await world.World.Read(db => db.Set<CoinRival>().CountAsync()));
        world.World.Chain.Reorganize(3, forget: _ => true);
        await world.World.Chain.SendAsync(donation, default);
        world.World.Chain.Mine(4);
        await world.TurnAsync();
        await world.TurnAsync();

        Assert.Equal(0, await world.World.Read(db => db.Set<CoinRival>().CountAsync()));
        Assert.DoesNotContain("treasury.coin_lost", await world.World.LedgerTypesAsync());
        Assert.Equal(1_000_000, await world.BalanceAsync());
        // The stranger's transaction never was one of the treasury's.
        Assert.Equal(1, await world.World.Read(db => db.Set<TreasuryTransaction>().CountAsync()));
    }

    [Fact]
    public async Task A_donation_that_restored_tables_never_saw_is_lost_to_a_rival_in_blocks_they_have_read()
    {
        await using var world = await PayoutWorld.FundedAsync(300_000);
        await world.ApprovedAsync(1, 400_000, 300_000);
        var backup = await world.World.Read(DatabaseBackup.TakeAsync);
        await world.FundAsync(1_000_000);
        var gift = await world.World.Read(db => db.Set<TreasuryCoin>().OrderByDescending(c => c.Id).Select(c => c.Txid).FirstAsync());
        var donation = Transaction.Load(await world.World.Read(db => db.Set<TreasuryTransaction>().Where(t => t.Txid == gift).Select(t => t.Bytes).SingleAsync()), Network.RegTest);
        var (_, psbt) = await world.ExportedAsync(1);
        world.World.Chain.Reorganize(3, forget: transaction => transaction.GetHash() == donation.GetHash());
        Assert.IsType<ChainVerdict.Accepted>(await world.World.Chain.SendAsync(Rival(donation), default));
        world.World.Chain.Mine(2);

        await using var restored = await RestoredDatabaseTests.RestoreAsync(world, backup);
        for (var turn = 0; turn < 2; turn++) await restored.TurnAsync();
        Assert.NotNull(await restored.World.Do((PaymentLock paymentLock) => paymentLock.FindAsync(default)));
        // The blocks with the rival are read; the file that somebody kept carries what the donor once sent.
        Assert.IsType<ImportResult.Imported>(await restored.World.Do((PaymentImport import) => import.TakeAsync(psbt, default)));
        Assert.Equal(Rival(donation).GetHash().ToString(), Assert.Single(await restored.World.Read(db => db.Set<CoinRival>().Select(r => r.SpentBy).ToListAsync())));
        world.World.Chain.Mine(3);
        for (var turn = 0; turn < 2; turn++) await restored.TurnAsync();
        Assert.Single(await restored.World.LedgerTypesAsync(), type => type == "treasury.coin_lost");

        await restored.FundAsync(900_000);
        var (batch, _) = await restored.BatchAsync(1);
        Assert.Equal(new ReplaceResult.Built(2), await ReplaceAsync(restored, batch.Id));
        await restored.World.SealAsync();
        await restored.UploadAsync(batch.Id, PayoutWorld.Sign(await restored.DownloadAsync(batch.Id), 0, 1));
        await restored.TurnAsync();
        world.World.Chain.Mine(4);
        for (var turn = 0; turn < 3; turn++) await restored.TurnAsync();
        Assert.Equal(RoundState.Closed, await restored.StateAsync(1));
        Assert.Equal(await restored.HoldsAsync(), await restored.BalanceAsync());
    }

    [Fact]
    public async Task What_spends_from_a_lost_transaction_is_lost_with_it()
    {
        await using var world = await PayoutWorld.FundedAsync(1_000_000);
        var donation = await FirstAsync(world);
        // The donor's next gift is paid from what the first one left.
        var next = Network.RegTest.CreateTransaction();
        next.Inputs.Add(new OutPoint(donation.GetHash(), 1));
        next.Outputs.Add(Money.Satoshis(70_000), PayoutWorld.Script((await world.World.DonateAsync()).Address));
        Assert.IsType<ChainVerdict.Accepted>(await world.World.Chain.SendAsync(next, default));
        world.World.Chain.Mine(2);
        await world.TurnAsync();
        world.World.Chain.Reorganize(4, forget: _ => true);
        await world.World.Chain.SendAsync(Rival(donation), default);
        world.World.Chain.Mine(4);
        await world.TurnAsync();
        await world.TurnAsync();

        var told = (await world.World.LedgerAsync()).Where(entry => entry.Contains("treasury.coin_lost", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, told.Count);
        Assert.All(told, entry => Assert.Contains($"\"input_txid\":\"{donation.Inputs[0].PrevOut.Hash}\"", entry, StringComparison.Ordinal));
        Assert.Contains(told, entry => entry.Contains(next.GetHash().ToString(), StringComparison.Ordinal));
        Assert.Equal(0, await world.BalanceAsync());
    }

    private static async Task<Transaction> FirstAsync(PayoutWorld world)
    {
        var txid = await world.World.Read(db => db.Set<TreasuryCoin>().OrderBy(c => c.Id).Select(c => c.Txid).FirstAsync());
        return Transaction.Load(await world.World.Read(db => db.Set<TreasuryTransaction>().Where(t => t.Txid == txid).Select(t => t.Bytes).SingleAsync()), Network.RegTest);
    }

    // The same coin, to somebody else.
    private static Transaction Rival(Transaction donation)
    {
        var rival = Network.RegTest.CreateTransaction();
        rival.Inputs.Add(donation.Inputs[0].PrevOut);
        rival.Outputs.Add(donation.TotalOut - Money.Satoshis(20_000), PayoutWorld.Script(PayoutWorld.Address(88)));
        return rival;
    }

    private static Task<ReplaceResult> ReplaceAsync(PayoutWorld world, Guid batch) => world.World.Do((BatchReplacing act) => act.ReplaceAsync(batch, 1, 2, PayoutWorld.Treasurer, default));
}
