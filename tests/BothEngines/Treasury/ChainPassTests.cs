using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Treasury;

public sealed class ChainPassTests
{
    [Fact]
    public async Task A_donation_is_booked_once_when_it_is_deep_enough()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var receipt = await world.DonateAsync();
        var txid = world.Chain.Pay(Script(receipt.Address), new Sats(250_000));

        await world.FollowAsync();
        Assert.Equal(["treasury.rotated"], await world.LedgerTypesAsync());
        world.Chain.Mine();
        await world.FollowAsync();
        Assert.Equal(["treasury.rotated"], await world.LedgerTypesAsync());
        world.Chain.Mine();
        await world.FollowAsync();
        await world.FollowAsync();

        var entry = Assert.Single(await world.LedgerAsync(), line => line.Contains("donation", StringComparison.Ordinal));
        Assert.Contains($"\"address_index\":0,\"amount_sat\":250000,\"height\":4,\"time\":\"2018-04-30T00:00:00Z\",\"txid\":\"{txid}\",\"type\":\"donation.confirmed\"", entry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_counts_the_confirmations_of_every_payment_to_it_for_ever()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var token = DonationOpening.NewToken();
        await world.Do((DonationOpening act) => act.OpenAsync(token, default));
        var address = (await world.ReceiptAsync(token))!.Address;
        world.Chain.Pay(Script(address), new Sats(1_000));
        world.Chain.Mine();
        await world.FollowAsync();
        world.Time.Advance(TimeSpan.FromDays(700));
        world.Chain.Pay(Script(address), new Sats(2_000));
        world.Chain.Mine();
        await world.FollowAsync();

        var payments = (await world.ReceiptAsync(token))!.Payments;
        Assert.Equal([(1_000, 2, true), (2_000, 1, false)], payments.Select(p => ((int)p.Amount.Value, p.Confirmations, p.IsBooked)));
    }

    [Fact]
    public async Task A_reorganisation_takes_a_donation_back_and_its_return_books_it_again()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        world.Chain.Pay(Script((await world.DonateAsync()).Address), new Sats(70_000));
        world.Chain.Mine(2);
        await world.FollowAsync();
        world.Chain.Reorganize(depth: 2);
        await world.FollowAsync();
        Assert.Equal(["treasury.rotated", "donation.confirmed", "donation.reverted"], await world.LedgerTypesAsync());
        world.Chain.Mine(2);
        await world.FollowAsync();
        Assert.Equal(["treasury.rotated", "donation.confirmed", "donation.reverted", "donation.confirmed"], await world.LedgerTypesAsync());
    }

    [Fact]
    public async Task A_donation_that_the_other_branch_mined_too_stays_booked()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        world.Chain.Pay(Script((await world.DonateAsync()).Address), new Sats(70_000));
        world.Chain.Mine(2);
        await world.FollowAsync();
        world.Chain.Reorganize(depth: 2);
        world.Chain.Mine(2);
        await world.FollowAsync();
        Assert.Equal(["treasury.rotated", "donation.confirmed"], await world.LedgerTypesAsync());
        Assert.Equal(world.Chain.Height - 1, (await world.Read(db => db.Set<TreasuryCoin>().SingleAsync())).Height);
    }

    [Fact]
    public async Task A_donation_that_the_other_branch_forgot_is_gone_for_good()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var token = DonationOpening.NewToken();
        await world.Do((DonationOpening act) => act.OpenAsync(token, default));
        world.Chain.Pay(Script((await world.ReceiptAsync(token))!.Address), new Sats(70_000));
        world.Chain.Mine(3);
        await world.FollowAsync();
        world.Chain.Reorganize(depth: 3, forget: _ => true);
        world.Chain.Mine(5);
        await world.FollowAsync();
        Assert.Equal("donation.reverted", (await world.LedgerTypesAsync())[^1]);
        Assert.Equal(0, (await world.ReceiptAsync(token))!.Payments.Single().Confirmations);
    }

    [Fact]
    public async Task A_payment_to_an_address_nobody_was_given_is_booked_as_received_and_the_address_is_never_given()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var descriptor = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
        world.Chain.Pay(descriptor.Derive(Branch.Receive, 0).ScriptPubKey, new Sats(40_000));
        world.Chain.Pay(descriptor.Derive(Branch.Change, 4).ScriptPubKey, new Sats(50_000));
        world.Chain.Mine(2);
        await world.FollowAsync();
        Assert.Equal(2, (await world.LedgerTypesAsync()).Count(type => type == "treasury.received"));
        Assert.Equal(descriptor.Address(Branch.Receive, 1), (await world.DonateAsync()).Address);

        // The look-ahead moved with it: the next change addresses are watched now.
        world.Chain.Pay(descriptor.Derive(Branch.Change, 9).ScriptPubKey, new Sats(60_000));
        world.Chain.Mine(2);
        await world.FollowAsync();
        Assert.Contains(await world.LedgerAsync(), line => line.Contains("\"address_index\":9,\"amount_sat\":60000,\"branch\":1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_coin_is_kept_with_its_whole_previous_transaction()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var txid = world.Chain.Pay(Script((await world.DonateAsync()).Address), new Sats(70_000));
        world.Chain.Mine();
        await world.FollowAsync();
        var coin = await world.Read(db => db.Set<TreasuryCoin>().SingleAsync());
        var stored = await world.Read(db => db.Set<TreasuryTransaction>().SingleAsync());
        var transaction = Transaction.Load(stored.Bytes, Network.RegTest);
        Assert.Equal(txid, transaction.GetHash());
        Assert.Equal(coin.Amount.Value, transaction.Outputs[coin.Vout].Value.Satoshi);
    }

    [Fact]
    public async Task Two_replicas_that_follow_at_once_book_once()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        for (var i = 0; i < 3; i++)
        {
            world.Chain.Pay(Script((await world.DonateAsync()).Address), new Sats(10_000 + i));
            world.Chain.Mine();
            if (i == 1) world.Chain.Reorganize(depth: 2);
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(world.FollowAsync)));
        }

        world.Chain.Mine(3);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(world.FollowAsync)));
        await world.FollowAsync();
        var types = await world.LedgerTypesAsync();
        Assert.Equal(3, types.Count(t => t == "donation.confirmed") - types.Count(t => t == "donation.reverted"));
        Assert.Equal(world.Chain.Height - 3, await world.Read(db => db.Set<ChainBlock>().CountAsync()));
        Assert.All(await world.Read(db => db.Set<TreasuryCoin>().ToListAsync()), coin => Assert.True(coin.IsBooked));
    }

    [Fact]
    public async Task Nothing_is_asked_of_the_chain_before_there_is_a_treasury()
    {
        await using var world = await TreasuryWorld.CreateAsync(("Bitcoin:Backend", "core"), ("Bitcoin:NodeUrl", "http://127.0.0.1:1"));
        Assert.Equal(0, await world.FollowAsync());
    }

    [Fact]
    public async Task The_configured_descriptor_is_adopted_and_another_one_later_stops_payments()
    {
        await using var world = await TreasuryWorld.CreateAsync(("Bitcoin:Descriptor", TestTreasuries.OneKey), ("Bitcoin:StartHeight", "1"));
        await world.FollowAsync();
        await world.FollowAsync();
        Assert.Equal(["treasury.rotated"], await world.LedgerTypesAsync());
        Assert.Equal(3, await world.Read(db => db.Set<ChainBlock>().CountAsync()));

        await world.Read(db => db.Set<TreasuryDescriptor>().ExecuteUpdateAsync(set => set.SetProperty(d => d.Sha256, "00").SetProperty(d => d.Text, TestTreasuries.Parse(TestTreasuries.TwoOfThree).Text)));
        await Assert.ThrowsAsync<ChainMismatchException>(world.FollowAsync);
        Assert.Contains("Bitcoin:Descriptor", await world.Do((ChainHealth health) => Task.FromResult(health.State.Mismatch)), StringComparison.Ordinal);
    }

    private static Script Script(string address) => BitcoinAddress.Create(address, Network.RegTest).ScriptPubKey;
}
