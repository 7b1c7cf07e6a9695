using DigitalResistance.Accounts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;

namespace DigitalResistance.Testing.Rounds;

/// <summary>Which rules a round may have, what it may promise, what it will most likely pay, and what follows it.</summary>
public sealed class RoundCalendarTests
{
    [Fact]
    public async Task A_budget_cannot_exceed_coins_less_credits_and_what_other_rounds_may_take()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var credited = await world.OperatorAsync([1], address: null);
        var first = await world.ApprovedAsync();
        var credit = (await world.GrantAsync(credited)).Credited;
        Assert.True(credit > Sats.Zero);

        var second = RoundsWorld.Done(await world.CreateAsync(world.After(first)));
        Assert.IsType<RoundResult.Done>(await world.OpenAsync(second, 0));
        var third = world.After(first) with { StartsAt = first.EndsAt.AddDays(30), EndsAt = first.EndsAt.AddDays(60) };
        var needed = third.Budget + third.MaxFee;
        // The treasury sets aside what approved rounds need by itself; credits and the open second round are ours to count.
        world.Treasury = world.Treasury! with { Spendable = credit + needed + needed };
        Assert.IsType<RoundResult.Done>(await world.CreateAsync(third));
        world.Treasury = world.Treasury with { Spendable = world.Treasury.Spendable - new Sats(1) };
        Assert.Equal(new RoundResult.BudgetAboveTreasury(needed, needed - new Sats(1)), await world.OpenAsync(3, 0));
        Assert.Equal(new RoundResult.BudgetAboveTreasury(needed, needed - new Sats(1)), await world.EditAsync(3, 0, third));
    }

    [Fact]
    public async Task New_terms_of_a_frozen_round_may_promise_less_than_before_but_no_more_than_there_is()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.FrozenAsync();
        var needed = world.Terms.Budget + world.Terms.MaxFee;
        world.Treasury = world.Treasury! with { Spendable = needed };
        var more = world.Terms with { Budget = world.Terms.Budget + new Sats(1) };
        Assert.Equal(new RoundResult.BudgetAboveTreasury(needed + new Sats(1), needed), await world.ReviseAsync(1, round.Version, more));
        // Even where the treasury has lost what was promised.
        world.Treasury = world.Treasury with { Spendable = new Sats(1) };
        Assert.IsType<RoundResult.Done>(await world.ReviseAsync(1, round.Version, world.Terms with { Budget = world.Terms.Budget - new Sats(1) }));
    }

    [Fact]
    public async Task Founding_rules_are_for_the_first_three_rounds()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = Policy.Standard;
        var founding = new RoundPlanning(Policy.Founding.Name);
        var terms = world.Terms;
        for (var round = 1; round <= 3; round++)
        {
            Assert.Equal(round, RoundsWorld.Done(await world.CreateAsync(terms, planning: founding)));
            Assert.IsType<RoundResult.Done>(await world.OpenAsync(round, 0));
            Assert.Equal(Policy.Founding.Sha256, (await world.RoundAsync(round)).Policy.Sha256);
            terms = world.After(await world.RoundAsync(round));
        }

        Assert.Equal(new RoundResult.RulesNotOffered(Policy.Founding.Name), await world.CreateAsync(terms, planning: founding));
        Assert.Equal(4, RoundsWorld.Done(await world.CreateAsync(terms)));
        // One that is given up was none of them.
        Assert.IsType<RoundResult.Done>(await world.CancelAsync(3, (await world.RoundAsync(3)).Version));
        Assert.Equal(5, RoundsWorld.Done(await world.CreateAsync(terms, planning: founding)));
    }

    [Fact]
    public async Task Where_only_rules_of_the_first_rounds_are_configured_the_next_one_is_refused_by_their_name_and_none_follows()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = Policy.Founding;
        var planning = new RoundPlanning(Policy.Founding.Name, NextRound.SameLength);
        var terms = world.Terms;
        for (var round = 1; round <= 3; round++)
        {
            RoundsWorld.Done(await world.CreateAsync(terms, planning: planning));
            Assert.IsType<RoundResult.Done>(await world.OpenAsync(round, 0));
            terms = world.After(await world.RoundAsync(round));
        }

        world.Time.SetUtcNow((await world.RoundAsync(3)).EndsAt);
        Assert.Equal(0, await world.TurnCalendarAsync());
        Assert.Equal(new RoundResult.RulesNotOffered(Policy.Founding.Name), await world.CreateAsync(terms, planning: planning));
    }

    [Fact]
    public async Task Founding_rules_raise_the_cap_while_operators_are_few_and_the_log_says_so()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = Policy.Standard;
        world.Terms = world.Terms with { CapPpm = 50_000 };
        var big = await world.OperatorAsync([900]);
        foreach (var weight in new long[] { 50, 30, 20 }) await world.OperatorAsync([weight]);
        Assert.Equal(500_000, (await world.LookAsync(policy: Policy.Founding)).CapPpm);
        world.Planning = new RoundPlanning(Policy.Founding.Name);
        var round = await world.AllocatedAsync();
        // Two fair shares of four: half of a million.
        Assert.Equal(new Sats(500_000), (await world.GrantAsync(big)).Share);
        Assert.Contains("\ncap_fair_shares 2\n", round.Manifest, StringComparison.Ordinal);
        Assert.True(Manifest.Matches(round, await world.GrantsAsync()));
        Assert.Contains("\"cap_fair_shares\":2", await world.EntryAsync(1, "round.opened"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_freeze_that_would_pay_nobody_needs_to_be_wanted()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var round = RoundsWorld.Done(await world.CreateAsync());
        await world.OpenAsync(round, 0);
        world.Time.SetUtcNow(world.Terms.EndsAt.AddHours(1));
        Assert.IsType<RoundResult.NobodyToPay>(await world.FreezeAsync(round, 1, evenForNobody: false));
        Assert.IsType<RoundResult.Done>(await world.FreezeAsync(round, 1, evenForNobody: true));
    }

    [Fact]
    public async Task A_forecast_says_dates_sums_and_what_would_disappoint()
    {
        await using var world = await RoundsWorld.CreateAsync();
        Assert.Contains(ForecastWarning.NobodyEligible, (await world.LookAsync()).Warnings);
        await world.OperatorAsync([900]);
        await world.OperatorAsync([100], address: null);
        var look = await world.LookAsync(world.Terms with { CapPpm = 300_000 });
        Assert.Equal((world.Terms.EndsAt.AddMinutes(5), world.Terms.EndsAt.AddMinutes(5).AddHours(1)), (look.FreezeFrom, look.PaymentFrom));
        Assert.Equal((2, 1, 300_000, 1), (look.Operators, look.WithoutAddress, look.CapPpm, look.Plan.Recipients));
        Assert.Equal((new Sats(300_000), new Sats(100_000), new Sats(600_000)), (look.Plan.Paid, look.Plan.Credited, look.Plan.Carry.Total));
        Assert.Equal(new Sats(100), look.Fee);
        Assert.Equal([ForecastWarning.FewOperators, ForecastWarning.CapsLeaveHalf, ForecastWarning.HalfWithoutAddress], look.Warnings);
        // Nothing was written.
        Assert.Empty(await world.EntriesAsync());
    }

    [Theory]
    [InlineData(NextRound.SameLength, 60)]
    [InlineData(NextRound.CalendarMonth, 59)]
    public async Task The_next_round_begins_at_the_instant_the_last_one_ends(NextRound next, int endsOnDay)
    {
        await using var world = await RoundsWorld.CreateAsync();
        var planning = new RoundPlanning(world.Policy.Name, next);
        RoundsWorld.Done(await world.CreateAsync(planning: planning));
        Assert.Equal(0, await world.TurnCalendarAsync());
        await world.OpenAsync(1, 0);
        world.Time.SetUtcNow(world.Terms.EndsAt.AddSeconds(-1));
        Assert.Equal(0, await world.TurnCalendarAsync());

        world.Time.SetUtcNow(world.Terms.EndsAt);
        var turns = await Task.WhenAll(world.TurnCalendarAsync(), world.TurnCalendarAsync());
        Assert.InRange(turns.Sum() + await world.TurnCalendarAsync(), 1, 1);
        var second = await world.RoundAsync(2);
        Assert.Equal((RoundState.Open, world.Terms.EndsAt, RoundsWorld.Start.AddDays(endsOnDay), next), (second.State, second.StartsAt, second.EndsAt, second.Next));
        Assert.Equal(world.Terms.Budget, second.Budget);
        Assert.Equal(0, await world.TurnCalendarAsync());
    }

    [Fact]
    public async Task The_next_round_promises_what_there_is_and_does_not_begin_without_money()
    {
        await using var world = await RoundsWorld.CreateAsync();
        RoundsWorld.Done(await world.CreateAsync(planning: new RoundPlanning(world.Policy.Name, NextRound.SameLength)));
        await world.OpenAsync(1, 0);
        world.Time.SetUtcNow(world.Terms.EndsAt);
        var taken = world.Terms.Budget + world.Terms.MaxFee;
        world.Treasury = world.Treasury! with { Spendable = taken + world.Terms.MaxFee + world.Terms.Floor - new Sats(1) };
        Assert.Equal(0, await world.TurnCalendarAsync());
        world.Treasury = world.Treasury with { Spendable = taken + world.Terms.MaxFee + new Sats(123_456) };
        Assert.Equal(1, await world.TurnCalendarAsync());
        Assert.Equal(new Sats(123_000), (await world.RoundAsync(2)).Budget);
    }

    [Fact]
    public async Task A_budget_that_leaves_nothing_for_the_round_that_shall_follow_is_warned_of()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var least = world.Terms.Floor + world.Terms.MaxFee;
        world.Treasury = world.Treasury! with { Spendable = world.Terms.Budget + world.Terms.MaxFee + least };
        Assert.DoesNotContain(ForecastWarning.NothingForNext, (await world.LookAsync(next: NextRound.SameLength)).Warnings);
        world.Treasury = world.Treasury with { Spendable = world.Treasury.Spendable - new Sats(1) };
        Assert.Contains(ForecastWarning.NothingForNext, (await world.LookAsync(next: NextRound.SameLength)).Warnings);
        Assert.DoesNotContain(ForecastWarning.NothingForNext, (await world.LookAsync()).Warnings);
    }

    [Theory]
    [InlineData("2026-01-01", "2026-02-01")]
    [InlineData("2026-01-18", "2026-02-01")]
    [InlineData("2026-01-19", "2026-03-01")]
    [InlineData("2026-12-31", "2027-02-01")]
    public void A_month_ends_at_the_first_beginning_of_a_month_that_is_two_weeks_away(string start, string end) =>
        Assert.Equal(At(end), RoundCalendarPass.MonthFrom(At(start)));

    [Fact]
    public async Task An_address_is_confirmed_by_its_owner_only_where_one_counts()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var owner = await world.OperatorAsync([1]);
        world.Time.Advance(TimeSpan.FromDays(3));
        var change = (Data.MoneyDb db) => new PayoutAddressChange(db, world.Policy, Microsoft.Extensions.Options.Options.Create(new DigitalResistance.Treasury.BitcoinOptions()), world.Time);
        Assert.True(await world.On(db => change(db).ConfirmAsync(owner)));
        Assert.Equal(world.Time.GetUtcNow(), await world.On(db => Task.FromResult(db.Set<PayoutAddress>().Single(a => a.AccountId == owner).ConfirmedAt)));
        Assert.False(await world.On(db => change(db).ConfirmAsync(world.Alice)));
    }

    private static DateTimeOffset At(string day) => DateTimeOffset.Parse(day + "T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
}
