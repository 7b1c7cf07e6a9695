using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;

namespace DigitalResistance.Testing.Setup;

/// <summary>Before an admin has opened the site nobody is given an address and no round is announced; what was given out before stays good.</summary>
public sealed class SiteGateTests
{
    [Fact]
    public async Task No_address_is_given_out_before_the_site_is_open_and_each_one_after()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        await world.Read(db => CloseAsync(db));
        var token = DonationOpening.NewToken();
        Assert.IsType<DonationResult.SiteClosed>(await world.Do((DonationOpening act) => act.OpenAsync(token, default)));
        Assert.Null(await world.ReceiptAsync(token));

        await world.Read(async db =>
        {
            await MoneyDatabase.OpenSiteAsync(db, MoneyDatabase.OpenedAt);
            return true;
        });
        Assert.IsType<DonationResult.Opened>(await world.Do((DonationOpening act) => act.OpenAsync(token, default)));
        Assert.NotNull(await world.ReceiptAsync(token));
    }

    [Fact]
    public async Task Money_that_comes_to_an_address_which_was_given_out_is_booked_whether_or_not_the_site_is_open()
    {
        await using var world = await TreasuryWorld.CreateAsync();
        await world.AdoptAsync();
        var token = Assert.IsType<DonationResult.Opened>(await world.Do((DonationOpening act) => act.OpenAsync(DonationOpening.NewToken(), default))).Token;
        // As a database of a time before there was anything to open.
        await world.Read(db => CloseAsync(db));
        Assert.IsType<DonationResult.Opened>(await world.Do((DonationOpening act) => act.OpenAsync(token, default)));
        var receipt = (await world.ReceiptAsync(token))!;
        world.Chain.Pay(NBitcoin.BitcoinAddress.Create(receipt.Address, NBitcoin.Network.RegTest).ScriptPubKey, new Platform.Sats(50_000));
        world.Chain.Mine(2);
        await world.FollowAsync();
        Assert.True(Assert.Single((await world.ReceiptAsync(token))!.Payments).IsBooked);
        Assert.Contains("donation.confirmed", await world.LedgerTypesAsync());
    }

    [Fact]
    public async Task No_round_is_announced_before_the_site_is_open()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await using (var db = world.Open()) await MoneyDatabase.OpenSiteAsync(db, null);
        var number = Assert.IsType<RoundResult.Done>(await world.CreateAsync()).Number;
        Assert.IsType<RoundResult.SiteClosed>(await world.OpenAsync(number, 0));
        await using (var db = world.Open()) await MoneyDatabase.OpenSiteAsync(db, MoneyDatabase.OpenedAt);
        Assert.IsType<RoundResult.Done>(await world.OpenAsync(number, 0));
    }

    private static async Task<bool> CloseAsync(Data.MoneyDb db)
    {
        await MoneyDatabase.OpenSiteAsync(db, null);
        return true;
    }
}
