using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Treasury;

public sealed class DonationTests
{
    [Fact]
    public async Task Every_donor_gets_an_address_of_their_own_in_the_order_of_the_descriptor()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var descriptor = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
        for (var i = 0u; i < 12; i++) Assert.Equal((descriptor.Address(Branch.Receive, i), (int)i), ((await world.DonateAsync()) is var receipt ? (receipt.Address, receipt.Index) : default));
    }

    [Fact]
    public async Task Many_donors_at_once_never_share_an_address()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var receipts = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(world.DonateAsync)));
        Assert.Equal(12, receipts.Select(receipt => receipt.Address).Distinct().Count());
    }

    [Fact]
    public async Task The_same_form_sent_many_times_opens_one_receipt()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var token = DonationOpening.NewToken();
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => world.Do((DonationOpening act) => act.OpenAsync(token, default)))));
        Assert.All(results, result => Assert.Equal(new DonationResult.Opened(token), result));
        Assert.Equal(1, await world.Read(db => db.Set<Donation>().CountAsync()));
    }

    [Fact]
    public async Task A_receipt_is_found_by_its_whole_token_only_and_the_token_is_not_stored()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var token = DonationOpening.NewToken();
        await world.Do((DonationOpening act) => act.OpenAsync(token, default));
        Assert.NotNull(await world.ReceiptAsync(token));
        Assert.Null(await world.ReceiptAsync(token[..^1] + (token[^1] == 'a' ? 'b' : 'a')));
        Assert.Null(await world.ReceiptAsync(token.ToUpperInvariant()));
        Assert.Null(await world.ReceiptAsync(""));
        var stored = await world.Read(db => db.Set<Donation>().SingleAsync());
        Assert.Equal(Donation.Hash(token), stored.TokenHash);
    }

    [Fact]
    public async Task One_budget_brakes_all_and_refills_with_time()
    {
        await using var world = await TreasuryWorld.CreateAsync(("Donations:AddressesAtOnce", "3"), ("Donations:AddressesPerHour", "6"));
        await world.AdoptAsync();
        Task<DonationResult> Ask() => world.Do((DonationOpening act) => act.OpenAsync(DonationOpening.NewToken(), default));
        for (var i = 0; i < 3; i++) Assert.IsType<DonationResult.Opened>(await Ask());
        Assert.InRange(Assert.IsType<DonationResult.Busy>(await Ask()).RetryAfter, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10.1));
        world.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<DonationResult.Opened>(await Ask());
        Assert.IsType<DonationResult.Busy>(await Ask());
    }

    [Fact]
    public async Task Without_a_treasury_and_without_a_token_nothing_is_opened()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        Assert.IsType<DonationResult.NoTreasury>(await world.Do((DonationOpening act) => act.OpenAsync(DonationOpening.NewToken(), default)));
        await world.AdoptAsync();
        foreach (var token in new[] { null, "", "short", new string('A', 32), new string('1', 32) })
        {
            Assert.IsType<DonationResult.NoToken>(await world.Do((DonationOpening act) => act.OpenAsync(token, default)));
        }
    }

    [Fact]
    public async Task What_a_wallet_scans_is_a_BIP_321_address_in_capitals()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var receipt = await world.DonateAsync();
        Assert.Equal($"bitcoin:{receipt.Address}", receipt.Uri);
        Assert.Equal(receipt.Uri.ToUpperInvariant(), receipt.QrText);
    }

    [Fact]
    public async Task A_treasury_is_adopted_once_and_a_single_key_not_for_real_money()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        var sound = Assert.IsType<AdoptionResult.Sound>(await world.Do((TreasuryAdoption act) => Task.FromResult(act.Preview(TestTreasuries.TwoOfThree))));
        Assert.Equal(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Address(Branch.Receive, 2), sound.Receive[2]);
        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => world.Do((TreasuryAdoption act) => act.AdoptAsync(TestTreasuries.TwoOfThree, 1, default)))));
        Assert.Single(results, result => result is AdoptionResult.Adopted);
        Assert.Equal(2, results.Count(result => result is AdoptionResult.AlreadyAdopted));
        Assert.Equal(["treasury.rotated"], await world.LedgerTypesAsync());

        const string one = "wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)";
        await using var real = await TreasuryWorld.CreateAsync(("Bitcoin:Network", "main"), ("Bitcoin:Backend", "none"));
        Assert.IsType<AdoptionResult.SingleKey>(await real.Do((TreasuryAdoption act) => act.AdoptAsync(one, 800_000, default)));
        await using var insisted = await TreasuryWorld.CreateAsync(("Bitcoin:Network", "main"), ("Bitcoin:Backend", "none"), ("Bitcoin:AllowSingleKey", "true"));
        Assert.IsType<AdoptionResult.ChainAway>(await insisted.Do((TreasuryAdoption act) => act.AdoptAsync(one, null, default)));
        Assert.IsType<AdoptionResult.Adopted>(await insisted.Do((TreasuryAdoption act) => act.AdoptAsync(one, 800_000, default)));
    }

    [Fact]
    public async Task A_descriptor_that_is_kept_private_leaves_only_its_hash()
    {
        await using var world = await TreasuryWorld.CreateAsync(("Bitcoin:PublishDescriptor", "false"));
        await world.AdoptAsync();
        var entry = Assert.Single(await world.LedgerAsync());
        Assert.Contains(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Sha256, entry, StringComparison.Ordinal);
        Assert.DoesNotContain("sortedmulti", entry, StringComparison.Ordinal);
    }
}
