using DigitalResistance.Platform;
using DigitalResistance.Rounds;

namespace DigitalResistance.Testing.Rounds;

public sealed class RoundStepBackTests
{
    [Fact]
    public async Task An_edit_makes_a_new_manifest_without_approvals()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        await world.ApproveAsync(1, round.ManifestSha256!, world.Alice);
        round = await world.RoundAsync();

        RoundsWorld.Done(await world.ReviseAsync(1, round.Version, world.Terms with { MaxFee = new(30_000) }));
        RoundsWorld.Done(await world.AllocateAsync(1, round.Version + 1));
        world.Time.Advance(TimeSpan.FromHours(1));

        var revised = await world.RoundAsync();
        Assert.NotEqual(round.ManifestSha256, revised.ManifestSha256);
        Assert.IsType<ApprovalResult.ManifestChanged>(await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
        Assert.Equal(new ApprovalResult.Counted(new(0, 1, 2, false)), await world.ApproveAsync(1, revised.ManifestSha256!, world.Boris));
    }

    [Fact]
    public async Task Even_an_edit_that_changes_nothing_makes_a_new_manifest()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        RoundsWorld.Done(await world.ReviseAsync(1, round.Version, world.Terms));
        RoundsWorld.Done(await world.AllocateAsync(1, round.Version + 1));
        Assert.NotEqual(round.ManifestSha256, (await world.RoundAsync()).ManifestSha256);
        Assert.Equal(2, (await world.RoundAsync()).Revision);
    }

    [Fact]
    public async Task A_revision_keeps_scores_and_drops_amounts_but_cannot_touch_the_period()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.OperatorAsync([4]);
        var round = await world.AllocatedAsync();
        Assert.IsType<RoundResult.PeriodIsFrozen>(await world.ReviseAsync(1, round.Version, world.Terms with { EndsAt = world.Terms.EndsAt.AddDays(1) }));
        Assert.IsType<RoundResult.TermsRefused>(await world.ReviseAsync(1, round.Version, world.Terms with { MaxFeeRate = 0 }));
        RoundsWorld.Done(await world.ReviseAsync(1, round.Version, world.Terms with { Budget = new(2_000_000) }));
        var grant = await world.GrantAsync(account);
        Assert.Equal((4, 0, 0, 0, 0), (grant.Weight, grant.Share.Value, grant.Paid.Value, grant.Credited.Value, grant.CreditUsed.Value));
        Assert.Equal((RoundState.Frozen, round.ScoresSha256), ((await world.RoundAsync()).State, (await world.RoundAsync()).ScoresSha256));
    }

    [Fact]
    public async Task A_withdrawn_round_is_a_draft_again_and_can_go_the_whole_way()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.OperatorAsync([4]);
        var round = await world.ApprovedAsync();
        RoundsWorld.Done(await world.WithdrawAsync(1, round.Version));
        Assert.Empty(await world.GrantsAsync());
        Assert.Equal(RoundState.Draft, (await world.RoundAsync()).State);

        round = await world.RoundAsync();
        RoundsWorld.Done(await world.EditAsync(1, round.Version, world.Terms with { EndsAt = world.Terms.EndsAt.AddDays(-1) }));
        RoundsWorld.Done(await world.OpenAsync(1, round.Version + 1));
        RoundsWorld.Done(await world.FreezeAsync(1, round.Version + 2));
        RoundsWorld.Done(await world.AllocateAsync(1, round.Version + 3));
        Assert.Equal(new Sats(500_000), (await world.GrantAsync(account)).Paid);
        Assert.Equal(2, (await world.RoundAsync()).Revision);
    }

    [Fact]
    public async Task Credits_of_an_approved_round_that_is_taken_back_no_longer_count()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.OperatorAsync([1], address: null);
        var round = await world.ApprovedAsync();
        // Nobody can be paid, so the books closed at once and the step back is refused; with a payee they stay open.
        Assert.Equal(new RoundResult.WrongState(RoundState.Closed), await world.WithdrawAsync(1, round.Version));
        Assert.Equal(new Sats(500_000), await world.CreditAsync(account));

        var payee = await world.OperatorAsync([1]);
        var second = await world.ApprovedAsync(world.After(round));
        Assert.Equal(new Sats(1_000_000), await world.CreditAsync(account));
        Assert.Equal(new Sats(500_000), (await world.GrantAsync(payee, 2)).Paid);
        RoundsWorld.Done(await world.CancelAsync(2, second.Version));
        Assert.Equal(new Sats(500_000), await world.CreditAsync(account));
    }

    [Fact]
    public async Task A_round_whose_credits_a_later_one_counts_cannot_be_taken_back()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1], address: null);
        await world.OperatorAsync([1]);
        var first = await world.ApprovedAsync();
        var second = await world.AllocatedAsync(world.After(first));
        first = await world.RoundAsync();
        Assert.Equal(new RoundResult.LaterRoundCountsOnIt(2), await world.WithdrawAsync(1, first.Version));
        Assert.Equal(new RoundResult.LaterRoundCountsOnIt(2), await world.CancelAsync(1, first.Version));
        Assert.Equal(new RoundResult.LaterRoundCountsOnIt(2), await world.ReviseAsync(1, first.Version, first.Terms));
        RoundsWorld.Done(await world.CancelAsync(2, second.Version));
        RoundsWorld.Done(await world.CancelAsync(1, first.Version));
    }

    [Fact]
    public async Task Only_one_round_at_a_time_counts_on_the_credits()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var first = await world.FrozenAsync();
        var second = await world.FrozenAsync(world.After(first));
        var results = await Task.WhenAll(Task.Run(() => world.AllocateAsync(1, first.Version)), Task.Run(() => world.AllocateAsync(2, second.Version)));
        Assert.Single(results.OfType<RoundResult.Done>());
        var loser = results.Single(r => r is not RoundResult.Done);
        Assert.True(loser is RoundResult.AnotherIsAllocated or RoundResult.ChangedMeanwhile);
    }
}
