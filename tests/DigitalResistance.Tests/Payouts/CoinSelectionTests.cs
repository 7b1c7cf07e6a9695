using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Testing;
using DigitalResistance.Treasury;

namespace DigitalResistance.Tests.Payouts;

public sealed class CoinSelectionTests
{
    // A 2-of-3 P2WSH treasury: 418 weight units an input, 43 bytes an output, 330 satoshi of dust.
    private const int InputWeight = 418;
    private static readonly ChangeShape Change = new(172, InputWeight, new Sats(330));

    [Fact]
    public void A_set_that_needs_no_change_is_preferred()
    {
        var request = Request(target: 100_000, rate: 5, fixedWeight: 400);
        // The second and third together pay exactly: target, the fixed part and two inputs.
        var exact = 100_000 + (5 * (100 + 209));
        var chosen = Choose([Coin(1, 5_000_000), Coin(2, 60_000), Coin(3, exact - 60_000 + 10), Coin(4, 90_000)], request);
        Assert.Equal([2L, 3L], chosen.Coins.Select(coin => coin.Id));
        Assert.Null(chosen.Change);
        Assert.Equal("Changeless", chosen.Strategy);
    }

    [Fact]
    public void Change_too_small_to_keep_goes_to_the_fee_and_never_to_a_dust_output()
    {
        for (var extra = 0; extra < 3_000; extra += 7)
        {
            var request = Request(target: 100_000, rate: 1, fixedWeight: 400);
            var chosen = Choose([Coin(1, 100_000 + 205 + extra)], request);
            Assert.True(chosen.Change is null || chosen.Change >= new Sats(330), $"change {chosen.Change} with {extra} to spare");
            Assert.Equal(new Sats(100_205 + extra), new Sats(100_000) + chosen.Fee + (chosen.Change ?? Sats.Zero));
        }
    }

    [Fact]
    public void A_coin_that_costs_more_to_spend_than_it_holds_is_left_alone()
    {
        var request = Request(target: 50_000, rate: 20, fixedWeight: 400);
        var chosen = Choose([.. Enumerable.Range(2, 50).Select(i => Coin(i, 2_000)), Coin(1, 100_000)], request);
        Assert.Equal([1L], chosen.Coins.Select(coin => coin.Id));
    }

    [Fact]
    public void High_fees_spend_few_coins_and_low_fees_many()
    {
        SelectableCoin[] coins = [Coin(1, 1_000_000), .. Enumerable.Range(2, 12).Select(i => Coin(i, 40_000 + i))];
        var dear = Choose(coins, Request(target: 300_000, rate: 100, fixedWeight: 400));
        var cheap = Choose(coins, Request(target: 300_000, rate: 1, fixedWeight: 400));
        Assert.Single(dear.Coins);
        Assert.InRange(cheap.Coins.Count, 7, 12);
    }

    [Fact]
    public void What_is_missing_is_told_in_both_numbers()
    {
        var request = Request(target: 100_000, rate: 10, fixedWeight: 400);
        var result = CoinSelection.Select([Coin(1, 40_000), Coin(2, 50_000), Coin(3, 100)], request);
        // The third coin costs more than it holds; the others give what is left after their own inputs.
        Assert.Equal(new SelectionResult.NotEnough(new Sats(101_000), new Sats(90_000 - (2 * 1_045))), result);
        Assert.Equal(new SelectionResult.NotEnough(new Sats(101_000), Sats.Zero), CoinSelection.Select([], request));
    }

    [Fact]
    public void More_coins_than_a_device_can_sign_are_not_enough()
    {
        var coins = Enumerable.Range(1, 50).Select(i => Coin(i, 10_000)).ToArray();
        var result = CoinSelection.Select(coins, Request(target: 300_000, rate: 1, fixedWeight: 400) with { MaxInputs = 20 });
        Assert.Equal(new Sats(200_000 - 2_090), Assert.IsType<SelectionResult.NotEnough>(result).Available);
        Assert.IsType<SelectionResult.Chosen>(CoinSelection.Select(coins, Request(target: 300_000, rate: 1, fixedWeight: 400) with { MaxInputs = 40 }));
    }

    [Fact]
    public void The_order_of_the_coins_changes_nothing()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var coins = Enumerable.Range(1, 30).Select(i => Coin(i, random.Next(1_000, 200_000))).ToArray();
            var request = Request(random.Next(10_000, 1_000_000), random.Next(1, 60), 2_000);
            var first = CoinSelection.Select(coins, request);
            random.Shuffle(coins);
            var second = CoinSelection.Select(coins, request);
            if (first is SelectionResult.Chosen a && second is SelectionResult.Chosen b) Assert.Equal(a.Coins, b.Coins);
            else Assert.Equal(first, second);
        }
    }

    [Fact]
    public void Every_answer_conserves_value_and_keeps_every_limit()
    {
        var random = new Random(20180416);
        var (changeless, kept, short_) = (0, 0, 0);
        for (var i = 0; i < Needs.Depth(10_000, 100_000); i++)
        {
            var coins = Enumerable.Range(1, random.Next(1, 25)).Select(id => new SelectableCoin(id, new Sats((long)Math.Exp(random.NextDouble() * 18)), random.Next(3) == 0 ? 272 : InputWeight)).ToArray();
            var request = Request((long)Math.Exp(random.NextDouble() * 18), random.Next(1, 100), random.Next(200, 50_000)) with { MaxInputs = random.Next(1, 25) };
            switch (CoinSelection.Select(coins, request))
            {
                case SelectionResult.Chosen chosen:
                    var weight = request.FixedWeight + chosen.Coins.Sum(coin => coin.Weight) + (chosen.Change is null ? 0 : Change.OutputWeight);
                    Assert.Equal(weight, chosen.Weight);
                    Assert.Equal(Sats.Sum(chosen.Coins.Select(coin => coin.Amount)), request.Target + chosen.Fee + (chosen.Change ?? Sats.Zero));
                    Assert.Equal(chosen.Coins.Count, chosen.Coins.DistinctBy(coin => coin.Id).Count());
                    Assert.InRange(chosen.Coins.Count, 1, request.MaxInputs);
                    Assert.True(chosen.Fee >= request.Rate.FeeFor(weight));
                    Assert.True(chosen.Fee <= request.MaxRate.FeeFor(weight));
                    Assert.True(chosen.Change is null || chosen.Change >= Change.Dust);
                    // With change the fee is exact; without, it is at most what change would have cost.
                    if (chosen.Change is not null) Assert.Equal(request.Rate.FeeFor(weight), chosen.Fee);
                    else Assert.True(chosen.Fee - request.Rate.FeeFor(weight) <= request.Rate.FeeFor(Change.OutputWeight) + request.SmallestChange + new Sats(2));
                    // No set that was tried as well wastes less.
                    var useful = coins.Select(coin => new Weighed(coin, request)).Where(w => w.Effective > 0).OrderByDescending(w => w.Effective).ThenBy(w => w.Coin.Id).ToArray();
                    Assert.All(
                        CoinStrategies.All.Select(strategy => strategy(useful, request)).Where(set => set is not null).Select(set => CoinSelection.Settle("tried", set!, request)),
                        tried => Assert.True(tried is null || tried.Waste >= chosen.Waste));
                    if (chosen.Change is null) changeless++;
                    else kept++;
                    break;
                case SelectionResult.NotEnough missing:
                    // Nothing that fits was overlooked: not even the largest coins pay with room for rounding.
                    Assert.True(missing.Available < missing.Needed + new Sats(request.Rate.SatsPerKvb / 1000) + new Sats(2), $"{missing} for {request}");
                    short_++;
                    break;
            }
        }

        TestContext.Current.SendDiagnosticMessage($"coin selection: {changeless} changeless, {kept} with change, {short_} not enough");
        Assert.True(changeless > 200 && kept > 2_000 && short_ > 1_000, $"{changeless} {kept} {short_}");
    }

    [Fact]
    public void No_other_set_of_few_coins_pays_without_change_when_a_change_output_was_made()
    {
        // Exhaustive over all subsets of up to 12 coins: branch and bound overlooks no changeless set.
        var random = new Random(7);
        for (var i = 0; i < 150; i++)
        {
            var coins = Enumerable.Range(1, random.Next(2, 12)).Select(id => Coin(id, random.Next(5_000, 60_000))).ToArray();
            var request = Request(random.Next(20_000, 200_000), rate: 10, fixedWeight: 1_000);
            if (CoinSelection.Select(coins, request) is not SelectionResult.Chosen { Change: not null } chosen) continue;
            for (var set = 1; set < 1 << coins.Length; set++)
            {
                var tried = coins.Where((_, at) => (set >> at & 1) == 1).Select(coin => new Weighed(coin, request)).ToArray();
                if (CoinSelection.Settle("all", tried, request) is { Change: null } better) Assert.True(chosen.Waste <= better.Waste + (20 * SelectionRequest.Scale), $"{better} beats {chosen}");
            }
        }
    }

    [Fact]
    public void Ten_thousand_coins_are_chosen_from_within_every_limit()
    {
        var random = new Random(3);
        var coins = Enumerable.Range(1, 10_000).Select(i => Coin(i, random.Next(10_000, 10_000_000))).ToArray();
        var chosen = Choose(coins, Request(target: 700_000_000, rate: 12, fixedWeight: 13_000) with { MaxInputs = 400 });
        Assert.InRange(chosen.Coins.Count, 70, 400);
        Assert.InRange(chosen.Weight, 1, 400_000);
    }

    private static SelectionResult.Chosen Choose(SelectableCoin[] coins, SelectionRequest request) => Assert.IsType<SelectionResult.Chosen>(CoinSelection.Select(coins, request));

    private static SelectableCoin Coin(long id, long amount) => new(id, new Sats(amount), InputWeight);

    private static SelectionRequest Request(long target, int rate, int fixedWeight) => new(
        new Sats(target), fixedWeight, VByteRate.PerVByte(rate), MaxRate: VByteRate.PerVByte(500), LongTermRate: VByteRate.PerVByte(10), Change, MaxInputs: 100, MaxWeight: 400_000);
}
