using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Review;

/// <summary>Who takes part, who is held and who is excluded, and what that does to the money.</summary>
public sealed class OperatorReviewTests
{
    [Fact]
    public async Task Where_the_rules_ask_for_a_review_everybody_waits_and_nothing_is_allocated_before()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Policy = RoundsWorld.PolicyWith(eligibility: "reviewed");
        Guid[] operators = [await world.OperatorAsync([1]), await world.OperatorAsync([1]), await world.OperatorAsync([1])];
        await world.FrozenAsync();

        Assert.Equal(new RoundResult.StillPending(3), await AllocateAsync(world));
        Assert.Equal(new DecisionResult.Done(2, false), await world.DecideAsync(world.Boris, Eligibility.Eligible, null, operators[0], operators[1]));
        Assert.Equal(new RoundResult.StillPending(1), await AllocateAsync(world));
        Assert.Equal(new DecisionResult.Done(1, false), await world.DecideAsync(world.Boris, Eligibility.Eligible, null, operators[2]));
        Assert.IsType<RoundResult.Done>(await AllocateAsync(world));
        // It changed nothing that the public computes, and who was held the last time is nobody's business.
        Assert.DoesNotContain(await world.EntriesAsync(), type => type.StartsWith("operator.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_they_do_not_everybody_takes_part_at_once()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        await world.AllocatedAsync();
        Assert.All(await world.GrantsAsync(), g => Assert.Equal(Eligibility.Eligible, g.Eligibility));
    }

    [Fact]
    public async Task Who_is_held_gets_the_same_share_and_all_of_it_as_credit()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (held, other) = (await world.OperatorAsync([1]), await world.OperatorAsync([1]));
        await world.FrozenAsync();
        Assert.Equal(new DecisionResult.Done(1, false), await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.UnderInvestigation, held));
        Assert.IsType<RoundResult.Done>(await AllocateAsync(world));

        var grant = await world.GrantAsync(held);
        Assert.Equal((new Sats(500_000), Sats.Zero, new Sats(500_000)), (grant.Share, grant.Paid, grant.Credited));
        Assert.Equal(new Sats(500_000), (await world.GrantAsync(other)).Paid);
        var entry = await EntryAsync(world, "operator.held");
        Assert.Equal((grant.Token, "under_investigation", 1), (entry.Text("token"), entry.Text("reason"), entry.Integer("revision")));
    }

    [Fact]
    public async Task Who_is_excluded_counts_for_nothing_and_keeps_earlier_credit()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Terms = world.Terms with { CapPpm = 1_000_000 };
        var (excluded, other) = (await world.OperatorAsync([3], address: null), await world.OperatorAsync([1]));
        var first = await world.ApprovedAsync();
        Assert.Equal(new Sats(750_000), await world.CreditAsync(excluded));
        await world.AddressAsync(excluded, $"bcrt1q{excluded:N}", RoundsWorld.Start);

        await world.FrozenAsync(world.After(first) with { CapPpm = 1_000_000 });
        var request = await world.RequestAsync(2, Eligibility.Excluded, DecisionReason.NotCarryingTraffic, excluded);
        Assert.Equal(new DecisionResult.Done(1, false), await world.DecideAsync(2, world.Alice, request));
        Assert.IsType<RoundResult.Done>(await AllocateAsync(world, 2));

        var grant = await world.GrantAsync(excluded, 2);
        Assert.Equal((Sats.Zero, Sats.Zero, Sats.Zero, Sats.Zero), (grant.Share, grant.CreditUsed, grant.Paid, grant.Credited));
        Assert.Equal(new Sats(1_000_000), (await world.GrantAsync(other, 2)).Share);
        Assert.Equal(new Sats(750_000), await world.CreditAsync(excluded));
    }

    [Fact]
    public async Task A_decision_after_the_allocation_takes_the_round_back_and_every_approval_with_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (suspect, _) = (await world.OperatorAsync([1]), await world.OperatorAsync([1]));
        var allocated = await world.AllocatedAsync();
        await world.ApproveAsync(1, allocated.ManifestSha256!, world.Alice);

        Assert.Equal(new DecisionResult.Done(1, true), await world.DecideAsync(world.Boris, Eligibility.Held, DecisionReason.SameMachine, suspect));
        var round = await world.RoundAsync();
        Assert.Equal((RoundState.Frozen, 2, (string?)null), (round.State, round.Revision, round.Manifest));
        Assert.All(await world.GrantsAsync(), g => Assert.Equal(Sats.Zero, g.Share));
        Assert.Equal(["round.revised", "operator.held"], (await world.EntriesAsync()).TakeLast(2));
        Assert.Equal(2, (await EntryAsync(world, "operator.held")).Integer("revision"));

        Assert.IsType<RoundResult.Done>(await AllocateAsync(world));
        Assert.Equal(Sats.Zero, (await world.GrantAsync(suspect)).Paid);
        Assert.IsType<ApprovalResult.ManifestChanged>(await world.ApproveAsync(1, allocated.ManifestSha256!, world.Boris));
    }

    [Fact]
    public async Task A_revision_keeps_what_was_decided_and_a_withdrawal_makes_the_operator_wait()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var suspect = await world.OperatorAsync([1]);
        var frozen = await world.FrozenAsync();
        await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameSecret, suspect);
        RoundsWorld.Done(await world.ReviseAsync(1, frozen.Version + 1, world.Terms with { MaxFee = new(30_000) }));
        Assert.Equal((Eligibility.Held, DecisionReason.SameSecret), Standing(await world.GrantAsync(suspect)));

        RoundsWorld.Done(await world.WithdrawAsync(1, (await world.RoundAsync()).Version));
        RoundsWorld.Done(await world.OpenAsync(1, (await world.RoundAsync()).Version));
        RoundsWorld.Done(await world.FreezeAsync(1, (await world.RoundAsync()).Version));
        Assert.Equal((Eligibility.Pending, (DecisionReason?)null), Standing(await world.GrantAsync(suspect)));
        Assert.True(Assert.Single(await world.ReviewAsync(world.Alice)).IsFlagged);
    }

    [Fact]
    public async Task Who_was_held_the_last_time_waits_in_the_next_round_until_somebody_decides_otherwise()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (suspect, other) = (await world.OperatorAsync([1]), await world.OperatorAsync([1]));
        await world.FrozenAsync();
        await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, suspect);
        var first = await ApproveAsync(world, 1);

        await world.FrozenAsync(world.After(first));
        Assert.Equal(Eligibility.Pending, (await world.GrantAsync(suspect, 2)).Eligibility);
        Assert.Equal(Eligibility.Eligible, (await world.GrantAsync(other, 2)).Eligibility);
        var flags = (await world.ReviewAsync(world.Alice, round: 2)).ToDictionary(r => r.Token, r => r.IsFlagged);
        Assert.Equal((true, false), (flags[(await world.GrantAsync(suspect, 2)).Token], flags[(await world.GrantAsync(other, 2)).Token]));

        await world.DecideAsync(2, world.Alice, await world.RequestAsync(2, Eligibility.Eligible, null, suspect));
        // The log must not tell that this is one of those who were held in round 1.
        Assert.DoesNotContain(await world.EntriesAsync(2), type => type.StartsWith("operator.", StringComparison.Ordinal));
        var second = await ApproveAsync(world, 2);
        await world.FrozenAsync(world.After(second));
        Assert.Equal(Eligibility.Eligible, (await world.GrantAsync(suspect, 3)).Eligibility);
    }

    [Fact]
    public async Task Who_only_has_credit_waits_and_is_held_like_everybody()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var suspect = await world.OperatorAsync([1], address: null);
        await world.FrozenAsync();
        await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.AddressReused, suspect);
        var first = await ApproveAsync(world, 1);
        world.ForgetScores();
        await world.AddressAsync(suspect, $"bcrt1q{suspect:N}", RoundsWorld.Start);

        await world.FrozenAsync(world.After(first));
        Assert.Equal(new RoundResult.StillPending(1), await AllocateAsync(world, 2));
        await world.DecideAsync(2, world.Alice, await world.RequestAsync(2, Eligibility.Held, DecisionReason.AddressReused, suspect));
        Assert.IsType<RoundResult.Done>(await AllocateAsync(world, 2));
        Assert.Equal(Sats.Zero, (await world.GrantAsync(suspect, 2)).Paid);
        Assert.Equal(new Sats(500_000), await world.CreditAsync(suspect));
    }

    [Fact]
    public async Task An_admin_who_owns_a_held_operator_may_not_decide_on_it_nor_on_who_shares_something_with_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (own, neighbour, stranger) = (await world.OperatorAsync([1], account: world.Boris), await world.OperatorAsync([1]), await world.OperatorAsync([1]));
        world.Traits.AddRange([new(own, "socks5", 900) { Machines = [7] }, new(neighbour, "socks5", 900) { Machines = [7] }, new(stranger, "socks5", 900) { Machines = [8] }]);
        await world.FrozenAsync();
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, own, neighbour));

        Assert.Equal(new DecisionResult.Recused((await world.GrantAsync(own)).Token), await world.DecideAsync(world.Boris, Eligibility.Eligible, DecisionReason.Mistake, own));
        Assert.Equal(new DecisionResult.Recused((await world.GrantAsync(neighbour)).Token), await world.DecideAsync(world.Boris, Eligibility.Excluded, DecisionReason.SameMachine, stranger, neighbour) is DecisionResult.Recused r ? r : null);
        Assert.Equal(Eligibility.Eligible, (await world.GrantAsync(stranger)).Eligibility);
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Boris, Eligibility.Held, DecisionReason.SameMachine, stranger));
        var rows = (await world.ReviewAsync(world.Boris)).Where(row => row.IsRecused).Select(row => row.Token).ToHashSet();
        Assert.Equal([(await world.GrantAsync(own)).Token, (await world.GrantAsync(neighbour)).Token], rows);
    }

    [Theory]
    [InlineData(Eligibility.Held, null)]
    [InlineData(Eligibility.Held, DecisionReason.Mistake)]
    [InlineData(Eligibility.Excluded, DecisionReason.Explained)]
    [InlineData(Eligibility.Excluded, DecisionReason.ObjectionUpheld)]
    [InlineData(Eligibility.Eligible, DecisionReason.SameMachine)]
    [InlineData(Eligibility.Pending, DecisionReason.Mistake)]
    public async Task A_decision_without_a_reason_that_fits_is_refused(Eligibility outcome, DecisionReason? reason)
    {
        await using var world = await RoundsWorld.CreateAsync();
        var suspect = await world.OperatorAsync([1]);
        await world.FrozenAsync();
        Assert.IsType<DecisionResult.ReasonDoesNotFit>(await world.DecideAsync(world.Alice, outcome, reason, suspect));
        Assert.Equal(Eligibility.Eligible, (await world.GrantAsync(suspect)).Eligibility);
    }

    [Fact]
    public async Task What_is_decided_so_already_nobody_and_strangers_are_refused()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var suspect = await world.OperatorAsync([1]);
        var open = await world.OpenedAsync();
        Assert.Equal(new DecisionResult.WrongState(RoundState.Open), await world.DecideAsync(1, world.Alice, new(RoundState.Open, 1, Eligibility.Held, DecisionReason.SameMachine, [new("x", Eligibility.Eligible)])));
        RoundsWorld.Done(await world.FreezeAsync(1, open.Version));
        Assert.IsType<DecisionResult.NobodyChosen>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine));
        Assert.IsType<DecisionResult.NotAnAdmin>(await world.DecideAsync(suspect, Eligibility.Held, DecisionReason.SameMachine, suspect));
        Assert.IsType<DecisionResult.NotFound>(await world.DecideAsync(9, world.Alice, await world.RequestAsync(1, Eligibility.Held, DecisionReason.SameMachine, suspect)));
        var shown = await world.RequestAsync(1, Eligibility.Held, DecisionReason.SameMachine, suspect);
        Assert.IsType<DecisionResult.ChangedMeanwhile>(await world.DecideAsync(1, world.Alice, shown with { Operators = [new("aaaaaaaaaaaaaaaa", Eligibility.Eligible)] }));
        Assert.Equal(new DecisionResult.AlreadySo((await world.GrantAsync(suspect)).Token), await world.DecideAsync(world.Alice, Eligibility.Eligible, DecisionReason.Mistake, suspect));

        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, suspect));
        Assert.IsType<DecisionResult.AlreadySo>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, suspect));
        Assert.IsType<DecisionResult.ChangedMeanwhile>(await world.DecideAsync(1, world.Alice, shown));
        // A better reason is news.
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameSecret, suspect));
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Eligible, DecisionReason.Explained, suspect));
        Assert.Equal(["operator.held", "operator.held", "operator.cleared"], (await world.EntriesAsync()).TakeLast(3));
    }

    [Fact]
    public async Task Of_two_admins_who_decide_at_once_both_do_it_about_different_operators_and_the_first_about_the_same()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (one, two) = (await world.OperatorAsync([1]), await world.OperatorAsync([1]));
        await world.FrozenAsync();
        world.Meanwhile = async () => Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Boris, Eligibility.Held, DecisionReason.SameMachine, two));
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Excluded, DecisionReason.SameMachine, one));
        Assert.Equal((Eligibility.Excluded, Eligibility.Held), ((await world.GrantAsync(one)).Eligibility, (await world.GrantAsync(two)).Eligibility));

        world.Meanwhile = async () => Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Boris, Eligibility.Eligible, DecisionReason.Explained, one));
        Assert.IsType<DecisionResult.ChangedMeanwhile>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, one));
        Assert.Equal(Eligibility.Eligible, (await world.GrantAsync(one)).Eligibility);
    }

    [Fact]
    public async Task An_allocation_at_the_moment_of_a_decision_does_not_outlive_it_unseen()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var suspect = await world.OperatorAsync([1]);
        var frozen = await world.FrozenAsync();
        world.Meanwhile = async () => RoundsWorld.Done(await world.AllocateAsync(1, frozen.Version));
        Assert.IsType<DecisionResult.ChangedMeanwhile>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, suspect));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task What_reviewers_saw_is_destroyed_when_the_round_ends()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (one, two) = (await world.OperatorAsync([1], address: null), await world.OperatorAsync([1], address: null));
        world.Traits.AddRange([new(one, "socks5", 900) { Secrets = [7] }, new(two, "http", 900) { Secrets = [7] }]);
        await world.FrozenAsync();
        Assert.Equal((2, 2), await KeptAsync(world));
        var closed = await ApproveAsync(world, 1);
        Assert.Equal(RoundState.Closed, closed.State);
        Assert.Equal((0, 0), await KeptAsync(world));

        var second = await world.FrozenAsync(world.After(closed));
        Assert.Equal((2, 2), await KeptAsync(world));
        RoundsWorld.Done(await world.CancelAsync(2, second.Version));
        Assert.Equal((0, 0), await KeptAsync(world));
    }

    private static async Task<(int, int)> KeptAsync(RoundsWorld world) => (await world.On(db => db.Set<ReviewLine>().CountAsync()), await world.On(db => db.Set<ReviewGroup>().CountAsync()));

    private static (Eligibility, DecisionReason?) Standing(Grant grant) => (grant.Eligibility, grant.Reason);

    private static async Task<RoundResult> AllocateAsync(RoundsWorld world, int round = 1) => await world.AllocateAsync(round, (await world.RoundAsync(round)).Version);

    private static async Task<Round> ApproveAsync(RoundsWorld world, int number)
    {
        RoundsWorld.Done(await AllocateAsync(world, number));
        world.Time.Advance(TimeSpan.FromHours(1));
        var round = await world.RoundAsync(number);
        foreach (var admin in new[] { world.Alice, world.Boris }) Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(number, round.ManifestSha256!, admin));
        return await world.RoundAsync(number);
    }

    private static async Task<CanonicalObject> EntryAsync(RoundsWorld world, string type) =>
        CanonicalObject.Parse(await world.On(db => db.Set<LedgerEntry>().Where(e => e.Type == type).OrderByDescending(e => e.Id).Select(e => e.Bytes).FirstAsync()));
}
