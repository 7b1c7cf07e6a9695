using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Rounds;

public sealed class RoundLifeTests
{
    [Fact]
    public async Task A_round_goes_from_draft_to_approved_and_the_log_tells_each_step()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var first = await world.OperatorAsync([600, 300]);
        var second = await world.OperatorAsync([99]);
        await world.OperatorAsync([0]);

        var round = await world.ApprovedAsync();

        Assert.Equal(RoundState.Approved, round.State);
        // 900 of 999 would be 900,900; the cap of one half leaves 500,000, and nobody gains by it.
        var (a, b) = (await world.GrantAsync(first), await world.GrantAsync(second));
        Assert.Equal((900, 500_000, 500_000, 0), (a.Weight, a.Share.Value, a.Paid.Value, a.Credited.Value));
        Assert.Equal((99, 99_099, 99_000, 99), (b.Weight, b.Share.Value, b.Paid.Value, b.Credited.Value));
        Assert.Equal(new Carry(new(400_900), new(1), Sats.Zero), round.Carry);
        Assert.Equal(round.Budget, a.Share + b.Share + round.Carry.Total);
        Assert.Equal(
            [
                "round.opened", "round.frozen", "score.frozen", "score.frozen", "round.allocated", "grant.allocated", "grant.allocated",
                "approval", "approval", "round.approved", "carry.recorded", "carry.recorded", "credit.added",
            ],
            await world.EntriesAsync(1));
        Assert.Equal(new Sats(99), await world.CreditAsync(second));
    }

    /// <summary>Looked at in the middle of a period, slots would be final whose results are still to come.</summary>
    [Fact]
    public async Task Slots_become_final_by_a_freeze_and_not_by_a_look_at_what_it_would_find()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([600]);
        var open = await world.OpenedAsync();
        Assert.NotNull(await world.PreviewAsync(1));
        Assert.Empty(world.Settled);
        RoundsWorld.Done(await world.FreezeAsync(1, open.Version));
        Assert.Equal([open.EndsAt], world.Settled);
    }

    [Fact]
    public async Task A_number_that_the_ledger_knows_is_never_given_to_another_round()
    {
        await using var world = await RoundsWorld.CreateAsync();
        Assert.Equal(1, (await world.OpenedAsync()).Number);
        // As after a restore: the log has the round, the tables do not.
        await world.On(db => db.Set<Round>().ExecuteDeleteAsync());
        Assert.Equal(2, Assert.IsType<RoundResult.Done>(await world.CreateAsync()).Number);
    }

    [Fact]
    public async Task A_public_row_is_token_and_weight_and_the_private_scores_are_kept_by_server()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.OperatorAsync([7, 5]);
        var round = await world.FrozenAsync();
        var grants = await world.GrantsAsync();

        Assert.Equal($"token,weight\n{grants[0].Token},12\n", System.Text.Encoding.ASCII.GetString(RoundFiles.Scores(grants)));
        Assert.Matches("^[a-z2-7]{16}$", grants[0].Token);
        Assert.Equal(RoundFiles.Sha256(RoundFiles.Scores(grants)), round.ScoresSha256);
        var scores = await world.On(db => db.Set<FrozenScore>().ToListAsync());
        Assert.Equal([5L, 7L], scores.Select(s => s.Weight).Order());
        Assert.All(scores, s => Assert.Equal(account, s.AccountId));
    }

    [Fact]
    public async Task Of_two_admins_who_press_at_once_one_wins_and_the_other_is_told()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        await world.CreateAsync();
        var version = (await world.RoundAsync()).Version;

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => world.OpenAsync(1, version))));

        Assert.Single(results.OfType<RoundResult.Done>());
        Assert.All(results.Where(r => r is not RoundResult.Done), r => Assert.IsType<RoundResult.ChangedMeanwhile>(r));
        Assert.Single(await world.EntriesAsync(), "round.opened");
    }

    [Theory]
    [InlineData(RoundState.Frozen)]
    [InlineData(RoundState.Allocated)]
    [InlineData(RoundState.Cancelled)]
    public async Task Every_step_pressed_twice_at_once_is_done_once(RoundState step)
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = step == RoundState.Allocated ? await world.FrozenAsync() : await world.OpenedAsync();
        Func<Task<RoundResult>> press = step switch
        {
            RoundState.Frozen => () => world.FreezeAsync(1, round.Version),
            RoundState.Allocated => () => world.AllocateAsync(1, round.Version),
            _ => () => world.CancelAsync(1, round.Version),
        };

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(press)));

        Assert.Single(results.OfType<RoundResult.Done>());
        Assert.Equal(5, results.OfType<RoundResult.ChangedMeanwhile>().Count());
        Assert.Equal(step, (await world.RoundAsync()).State);
        Assert.Single(await world.EntriesAsync(), step switch { RoundState.Frozen => "round.frozen", RoundState.Allocated => "round.allocated", _ => "round.cancelled" });
    }

    [Fact]
    public async Task A_draft_edited_by_somebody_else_is_not_overwritten()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.CreateAsync();
        RoundsWorld.Done(await world.EditAsync(1, 0, world.Terms with { Budget = new(2_000_000) }));
        Assert.IsType<RoundResult.ChangedMeanwhile>(await world.EditAsync(1, 0, world.Terms with { Budget = new(3_000_000) }));
        Assert.Equal(new Sats(2_000_000), (await world.RoundAsync()).Budget);
    }

    [Fact]
    public async Task A_step_out_of_turn_is_refused_by_name()
    {
        await using var world = await RoundsWorld.CreateAsync();
        Assert.IsType<RoundResult.NotFound>(await world.OpenAsync(1, 0));
        await world.CreateAsync();
        Assert.Equal(new RoundResult.WrongState(RoundState.Draft), await world.FreezeAsync(1, 0));
        Assert.Equal(new RoundResult.WrongState(RoundState.Draft), await world.AllocateAsync(1, 0));
        Assert.Equal(new RoundResult.WrongState(RoundState.Draft), await world.ReviseAsync(1, 0, world.Terms));
        Assert.IsType<ApprovalResult.WrongState>(await world.ApproveAsync(1, new string('0', 64), world.Alice));
        Assert.Empty(await world.EntriesAsync());
    }

    [Fact]
    public async Task Freezing_waits_until_nothing_can_be_added_to_the_period()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.CreateAsync();
        await world.OpenAsync(1, 0);
        world.Time.SetUtcNow(world.Terms.EndsAt.AddMinutes(4));
        Assert.Equal(new RoundResult.PeriodNotOver(world.Terms.EndsAt.AddMinutes(5)), await world.FreezeAsync(1, 1));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        RoundsWorld.Done(await world.FreezeAsync(1, 1));
    }

    [Fact]
    public async Task The_same_uptime_is_never_paid_by_two_rounds()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.CreateAsync();
        await world.CreateAsync();
        await world.OpenAsync(1, 0);
        Assert.Equal(new RoundResult.PeriodOverlaps(1), await world.OpenAsync(2, 0));
        Assert.Equal(new RoundResult.PeriodOverlaps(1), await world.CreateAsync(world.Terms with { StartsAt = world.Terms.EndsAt.AddDays(-1), EndsAt = world.Terms.EndsAt.AddDays(9) }));
        RoundsWorld.Done(await world.CreateAsync(world.Terms with { StartsAt = world.Terms.EndsAt, EndsAt = world.Terms.EndsAt.AddDays(1) }));
    }

    [Fact]
    public async Task Two_overlapping_drafts_opened_at_once_leave_one_open()
    {
        await using var world = await RoundsWorld.CreateAsync();
        for (var i = 0; i < 6; i++) await world.CreateAsync();
        var results = await Task.WhenAll(Enumerable.Range(1, 6).Select(n => Task.Run(() => world.OpenAsync(n, 0))));
        Assert.Single(results.OfType<RoundResult.Done>());
        Assert.Equal(1, await world.On(db => db.Set<Round>().CountAsync(r => r.State == RoundState.Open)));
    }

    [Fact]
    public async Task All_mistakes_in_the_terms_are_told_at_once()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var result = await world.CreateAsync(new(RoundsWorld.Start.AddSeconds(1), RoundsWorld.Start, Sats.Zero, 0, new(100), new(33), Sats.Zero, 501));
        Assert.Equal(
            [
                TermsProblem.PeriodIsEmpty, TermsProblem.PeriodOffSlot, TermsProblem.BudgetNotPositive, TermsProblem.CapOutOfRange, TermsProblem.FloorBelowDust,
                TermsProblem.FloorNotMultipleOfStep, TermsProblem.FloorAboveBudget, TermsProblem.MaxFeeOutOfRange, TermsProblem.MaxFeeRateOutOfRange,
            ],
            Assert.IsType<RoundResult.TermsRefused>(result).Problems);
        Assert.Equal([TermsProblem.BudgetTooLarge], Assert.IsType<RoundResult.TermsRefused>(await world.CreateAsync(world.Terms with { Budget = new(1_000_000_001) })).Problems);
        Assert.Equal([TermsProblem.StepNotPositive], Assert.IsType<RoundResult.TermsRefused>(await world.CreateAsync(world.Terms with { Step = Sats.Zero })).Problems);
    }

    [Fact]
    public async Task A_round_keeps_the_policy_it_was_opened_with()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var old = world.Policy.Sha256;
        await world.OperatorAsync([1]);
        var round = await world.OpenedAsync();
        world.Policy = RoundsWorld.PolicyWith(approvalsNeeded: 1);
        await world.FreezeAsync(1, round.Version);
        Assert.Equal(old, (await world.RoundAsync()).Policy.Sha256);
    }

    [Fact]
    public async Task An_address_that_still_cools_off_is_not_frozen_and_the_share_becomes_credit()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var late = await world.OperatorAsync([1], address: null);
        await world.AddressAsync(late, "bcrt1qold", RoundsWorld.Start);
        await world.AddressAsync(late, "bcrt1qnew", world.Terms.EndsAt.AddDays(1));
        var fresh = await world.OperatorAsync([1], "bcrt1qfresh", world.Terms.EndsAt.AddDays(1));
        await world.AllocatedAsync();
        Assert.Equal("bcrt1qold", (await world.GrantAsync(late)).Address);
        var grant = await world.GrantAsync(fresh);
        Assert.Null(grant.Address);
        Assert.Equal((Sats.Zero, grant.Share), (grant.Paid, grant.Credited));
    }

    [Fact]
    public async Task Nobody_with_weight_means_all_is_carried_and_the_round_closes_with_its_approval()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var round = await world.ApprovedAsync();
        Assert.Equal(RoundState.Closed, round.State);
        Assert.Equal(round.Budget, round.CarryEmpty);
        Assert.Null(round.TokenSecret);
        Assert.Equal("round.closed", (await world.EntriesAsync(1))[^1]);
    }

    [Fact]
    public async Task The_treasury_must_hold_shares_fees_and_every_credit()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1], address: null);
        await world.OperatorAsync([1]);
        var first = await world.ApprovedAsync();
        // 500,000 of the first round are credit now; the second gives 1,000,000 and may cost 20,000.
        var second = await world.FrozenAsync(world.After(first));
        world.Treasury = world.Treasury! with { Spendable = new(1_519_999) };
        Assert.Equal(new RoundResult.TreasuryTooSmall(new(1_520_000), new(1_519_999)), await world.AllocateAsync(2, second.Version));
        world.Treasury = world.Treasury with { Spendable = new(1_520_000) };
        RoundsWorld.Done(await world.AllocateAsync(2, second.Version));
    }

    [Fact]
    public async Task Without_a_treasury_nothing_is_allocated()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var round = await world.FrozenAsync();
        world.Treasury = null;
        Assert.IsType<RoundResult.NoTreasury>(await world.AllocateAsync(1, round.Version));
    }

    [Fact]
    public async Task Cancelling_destroys_the_token_secret_and_names_a_reason_without_words_of_its_own()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var round = await world.AllocatedAsync();
        RoundsWorld.Done(await world.CancelAsync(1, round.Version, CancelReason.Measurement));
        round = await world.RoundAsync();
        Assert.Equal((RoundState.Cancelled, null), (round.State, round.TokenSecret));
        Assert.Equal("round.cancelled", (await world.EntriesAsync(1))[^1]);
        Assert.IsType<RoundResult.WrongState>(await world.CancelAsync(1, round.Version));
    }
}
