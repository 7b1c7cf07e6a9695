using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Review;

/// <summary>An operator objects once, in time; admins who did not decide before judge it; the round waits.</summary>
public sealed class ObjectionTests
{
    [Fact]
    public async Task Two_admins_who_agree_uphold_it_and_the_round_is_allocated_anew()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (clara, operatorId) = (await world.AdminAsync(), await HeldAsync(world));
        Assert.IsType<ObjectionResult.Raised>(await world.ObjectAsync(operatorId));

        Assert.IsType<VoteResult.Counted>(await world.VoteAsync(world.Boris, operatorId, ObjectionVerdict.Upheld));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
        Assert.Equal(new VoteResult.Decided(ObjectionVerdict.Upheld), await world.VoteAsync(clara, operatorId, ObjectionVerdict.Upheld));

        Assert.Equal((RoundState.Frozen, 2), ((await world.RoundAsync()).State, (await world.RoundAsync()).Revision));
        Assert.Equal(["objection.raised", "objection.decided", "round.revised", "operator.cleared"], (await world.EntriesAsync()).TakeLast(4));
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        Assert.Equal(new Sats(500_000), (await world.GrantAsync(operatorId)).Paid);
        // What others cleared is not decided a third time, as there is no second objection.
        Assert.IsType<DecisionResult.ObjectionWasUpheld>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, operatorId));
    }

    [Fact]
    public async Task One_suffices_where_there_is_only_one_and_a_dismissal_changes_no_amount()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await HeldAsync(world);
        await world.ObjectAsync(operatorId);
        var before = await world.RoundAsync();
        Assert.Equal(new VoteResult.Decided(ObjectionVerdict.Dismissed), await world.VoteAsync(world.Boris, operatorId, ObjectionVerdict.Dismissed));
        var after = await world.RoundAsync();
        Assert.Equal((before.State, before.Revision, before.ManifestSha256), (after.State, after.Revision, after.ManifestSha256));
        Assert.Equal(Eligibility.Held, (await world.GrantAsync(operatorId)).Eligibility);
        // It is decided once.
        Assert.Equal(new VoteResult.Decided(ObjectionVerdict.Dismissed), await world.VoteAsync(world.Boris, operatorId, ObjectionVerdict.Upheld));
        // And whoever decided may still think better of it.
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Eligible, DecisionReason.Mistake, operatorId));
    }

    [Fact]
    public async Task Who_decided_before_owns_the_operator_or_shares_something_with_it_does_not_judge()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (owner, neighbour) = (await world.AdminAsync(), await world.AdminAsync());
        await world.OperatorAsync([1], account: owner);
        await world.OperatorAsync([1], account: neighbour);
        world.Traits.AddRange([new(owner, "socks5", 900) { Networks = [7] }, new(neighbour, "socks5", 900) { Networks = [7] }]);
        await world.FrozenAsync();
        await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameNetwork, owner);
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        await world.ObjectAsync(owner);

        Assert.IsType<VoteResult.DecidedBefore>(await world.VoteAsync(world.Alice, owner, ObjectionVerdict.Dismissed));
        Assert.IsType<VoteResult.Recused>(await world.VoteAsync(owner, owner, ObjectionVerdict.Upheld));
        Assert.IsType<VoteResult.Recused>(await world.VoteAsync(neighbour, owner, ObjectionVerdict.Upheld));
        Assert.IsType<VoteResult.NotAnAdmin>(await world.VoteAsync(await world.AccountAsync(), owner, ObjectionVerdict.Upheld));
        Assert.IsType<VoteResult.NotFound>(await world.VoteAsync(world.Boris, neighbour, ObjectionVerdict.Upheld));
        Assert.IsType<VoteResult.Decided>(await world.VoteAsync(world.Boris, owner, ObjectionVerdict.Upheld));
    }

    [Fact]
    public async Task Where_nobody_is_left_to_judge_or_two_disagree_another_admin_is_needed()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await HeldAsync(world);
        await world.DecideAsync(world.Boris, Eligibility.Held, DecisionReason.SameSecret, operatorId);
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        await world.ObjectAsync(operatorId);
        Assert.True(Assert.Single(await world.ObjectionsAsync(world.Alice)).NeedsAnotherAdmin);

        var (clara, dora) = (await world.AdminAsync(), await world.AdminAsync());
        Assert.False(Assert.Single(await world.ObjectionsAsync(world.Alice)).NeedsAnotherAdmin);
        Assert.IsType<VoteResult.Counted>(await world.VoteAsync(clara, operatorId, ObjectionVerdict.Upheld));
        Assert.IsType<VoteResult.Counted>(await world.VoteAsync(dora, operatorId, ObjectionVerdict.Dismissed));
        var split = Assert.Single(await world.ObjectionsAsync(clara));
        Assert.Equal((true, 1, 1, ObjectionVerdict.Upheld), (split.NeedsAnotherAdmin, split.Upheld, split.Dismissed, split.Own!.Value));
        // One of the two changes her mind.
        Assert.Equal(new VoteResult.Decided(ObjectionVerdict.Upheld), await world.VoteAsync(dora, operatorId, ObjectionVerdict.Upheld));
    }

    [Fact]
    public async Task An_objection_is_taken_once_in_time_and_from_nobody_else()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (operatorId, other) = (await HeldAsync(world), await world.AccountAsync());
        var eligible = (await world.GrantsAsync()).Single(g => g.Eligibility == Eligibility.Eligible).AccountId;
        Assert.IsType<ObjectionResult.NotFound>(await world.ObjectAsync(other));
        Assert.IsType<ObjectionResult.NotFound>(await world.ObjectAsync(operatorId, round: 9));
        Assert.IsType<ObjectionResult.NothingToObjectTo>(await world.ObjectAsync(eligible));
        Assert.IsType<ObjectionResult.TextMissing>(await world.ObjectAsync(operatorId, " \r\n\t "));
        Assert.Equal(new ObjectionResult.TextTooLong(1001), await world.ObjectAsync(operatorId, new string('х', 1001)));
        Assert.IsType<ObjectionResult.Raised>(await world.ObjectAsync(operatorId, $" {new string('х', 998)}\r\nю \0"));
        Assert.Equal($"{new string('х', 998)}\nю", Assert.Single(await world.ObjectionsAsync(world.Alice)).Text);
        Assert.IsType<ObjectionResult.RaisedBefore>(await world.ObjectAsync(operatorId));
        Assert.Single(await world.EntriesAsync(), "objection.raised");
    }

    [Fact]
    public async Task Before_the_amounts_it_is_too_early_and_after_the_time_too_late()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await world.OperatorAsync([1]);
        await world.FrozenAsync();
        await world.DecideAsync(world.Alice, Eligibility.Excluded, DecisionReason.SameMachine, operatorId);
        Assert.IsType<ObjectionResult.NotYet>(await world.ObjectAsync(operatorId));
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        var until = (await world.RoundAsync()).AllocatedAt!.Value.AddHours(1);

        world.Time.SetUtcNow(until);
        Assert.Equal(new ObjectionResult.TooLate(until), await world.ObjectAsync(operatorId));
        Assert.DoesNotContain("objection.raised", await world.EntriesAsync());
    }

    [Fact]
    public async Task A_round_with_an_open_objection_is_not_approved()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await HeldAsync(world);
        await world.ObjectAsync(operatorId);
        world.Time.Advance(TimeSpan.FromDays(9));
        var round = await world.RoundAsync();
        Assert.Equal(new ApprovalResult.ObjectionsOpen(1), await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
        // Nothing else is decided about the operator meanwhile.
        Assert.IsType<DecisionResult.ObjectionIsOpen>(await world.DecideAsync(world.Alice, Eligibility.Eligible, DecisionReason.Mistake, operatorId));
        await world.VoteAsync(world.Boris, operatorId, ObjectionVerdict.Dismissed);
        foreach (var admin in new[] { world.Alice, world.Boris }) Assert.IsType<ApprovalResult.Counted>(await world.ApproveAsync(1, round.ManifestSha256!, admin));
        Assert.Equal(RoundState.Approved, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task An_objection_outlives_the_amounts_that_it_was_raised_against()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await HeldAsync(world);
        await world.ObjectAsync(operatorId);
        RoundsWorld.Done(await world.ReviseAsync(1, (await world.RoundAsync()).Version, world.Terms with { MaxFee = new(30_000) }));
        Assert.Equal(new VoteResult.Decided(ObjectionVerdict.Upheld), await world.VoteAsync(world.Boris, operatorId, ObjectionVerdict.Upheld));
        Assert.Equal(2, (await world.RoundAsync()).Revision);
        Assert.Equal(Eligibility.Eligible, (await world.GrantAsync(operatorId)).Eligibility);
    }

    [Fact]
    public async Task Two_votes_at_once_both_count_and_two_objections_at_once_are_one()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var (clara, operatorId) = (await world.AdminAsync(), await HeldAsync(world));
        world.Meanwhile = async () => Assert.IsType<ObjectionResult.Raised>(await world.ObjectAsync(operatorId));
        Assert.IsType<ObjectionResult.RaisedBefore>(await world.ObjectAsync(operatorId));
        world.Meanwhile = async () => Assert.IsType<VoteResult.Counted>(await world.VoteAsync(clara, operatorId, ObjectionVerdict.Upheld));
        Assert.Equal(new VoteResult.Decided(ObjectionVerdict.Upheld), await world.VoteAsync(world.Boris, operatorId, ObjectionVerdict.Upheld));
        Assert.Single(await world.EntriesAsync(), "objection.decided");
    }

    [Fact]
    public async Task An_operator_who_is_cleared_while_objecting_has_nothing_to_object_to()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await HeldAsync(world);
        world.Meanwhile = async () => Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Eligible, DecisionReason.Mistake, operatorId));
        Assert.IsType<ObjectionResult.NothingToObjectTo>(await world.ObjectAsync(operatorId));
    }

    [Fact]
    public async Task The_text_is_sealed_and_goes_with_the_round()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await HeldAsync(world);
        await world.ObjectAsync(operatorId, "kanareika");
        var text = await world.On(db => db.Set<Objection>().Select(o => o.SealedText).SingleAsync());
        Assert.DoesNotContain("kanareika", System.Text.Encoding.Latin1.GetString(text!), StringComparison.Ordinal);

        RoundsWorld.Done(await world.CancelAsync(1, (await world.RoundAsync()).Version));
        Assert.Null(await world.On(db => db.Set<Objection>().Select(o => o.SealedText).SingleAsync()));
        Assert.Null(Assert.Single(await world.ObjectionsAsync(world.Alice)).Text);
    }

    [Fact]
    public async Task A_withdrawn_round_forgets_the_objection_and_lets_the_operator_object_again()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var operatorId = await HeldAsync(world);
        await world.ObjectAsync(operatorId);
        await world.VoteAsync(world.Boris, operatorId, ObjectionVerdict.Dismissed);
        RoundsWorld.Done(await world.WithdrawAsync(1, (await world.RoundAsync()).Version));
        Assert.Empty(await world.ObjectionsAsync(world.Alice));
        RoundsWorld.Done(await world.OpenAsync(1, (await world.RoundAsync()).Version));
        RoundsWorld.Done(await world.FreezeAsync(1, (await world.RoundAsync()).Version));
        await world.DecideAsync(world.Boris, Eligibility.Held, DecisionReason.SameMachine, operatorId);
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        Assert.IsType<ObjectionResult.Raised>(await world.ObjectAsync(operatorId));
    }

    /// <summary>An allocated round of two operators, of whom Alice holds one.</summary>
    private static async Task<Guid> HeldAsync(RoundsWorld world)
    {
        var (held, _) = (await world.OperatorAsync([1]), await world.OperatorAsync([1]));
        await world.FrozenAsync();
        Assert.IsType<DecisionResult.Done>(await world.DecideAsync(world.Alice, Eligibility.Held, DecisionReason.SameMachine, held));
        RoundsWorld.Done(await world.AllocateAsync(1, (await world.RoundAsync()).Version));
        return held;
    }
}
