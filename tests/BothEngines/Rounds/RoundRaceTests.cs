using DigitalResistance.Platform;
using DigitalResistance.Rounds;

namespace DigitalResistance.Testing.Rounds;

/// <summary>Two acts that interleave at the worst moment: one has read everything, then the other is done, then the first saves.</summary>
public sealed class RoundRaceTests
{
    [Fact]
    public async Task A_second_expiry_pass_expires_nothing_again()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.OperatorAsync([1], address: null);
        var round = await world.ApprovedAsync();
        world.Time.SetUtcNow(round.CreditsExpireAt!.Value);
        var other = 0;
        world.Meanwhile = async () => other = await world.ExpireAsync();
        Assert.Equal((0, 1), (await world.ExpireAsync(), other));
        Assert.Equal(Sats.Zero, await world.CreditAsync(account));
        Assert.Single(await world.EntriesAsync(), "credit.expired");
    }

    [Fact]
    public async Task An_allocation_never_counts_credit_that_expires_under_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1], address: null);
        var first = await world.ApprovedAsync();
        var second = await world.FrozenAsync(world.After(first));
        world.Time.SetUtcNow(first.CreditsExpireAt!.Value);
        world.Meanwhile = async () => Assert.Equal(1, await world.ExpireAsync());
        Assert.IsType<RoundResult.ChangedMeanwhile>(await world.AllocateAsync(2, second.Version));
        RoundsWorld.Done(await world.AllocateAsync(2, second.Version));
    }

    [Fact]
    public async Task Credit_does_not_expire_under_an_allocation_that_counts_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1], address: null);
        var first = await world.ApprovedAsync();
        var second = await world.FrozenAsync(world.After(first));
        world.Time.SetUtcNow(first.CreditsExpireAt!.Value);
        world.Meanwhile = async () => RoundsWorld.Done(await world.AllocateAsync(2, second.Version));
        Assert.Equal(0, await world.ExpireAsync());
        Assert.DoesNotContain("credit.expired", await world.EntriesAsync());
    }

    [Fact]
    public async Task Two_rounds_cannot_both_count_the_same_credits()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var first = await world.FrozenAsync();
        var second = await world.FrozenAsync(world.After(first));
        world.Meanwhile = async () => RoundsWorld.Done(await world.AllocateAsync(1, first.Version));
        Assert.IsType<RoundResult.ChangedMeanwhile>(await world.AllocateAsync(2, second.Version));
        Assert.Equal(new RoundResult.AnotherIsAllocated(1), await world.AllocateAsync(2, second.Version));
    }

    [Fact]
    public async Task A_round_is_not_approved_by_a_key_that_is_revoked_at_that_moment()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var key = TestSshKey.Create("ssh-ed25519");
        await world.EnrolAsync(world.Boris, key.PublicLine);
        var round = await world.AllocatedAsync();
        await world.ApproveAsync(1, key.Sign(round.Manifest!, Manifest.SignatureNamespace));
        world.Meanwhile = async () => Assert.IsType<KeyResult.Revoked>(await world.RevokeAsync(world.Boris));
        Assert.Equal(new ApprovalResult.Counted(new(0, 1, 2, false)), await world.ApproveAsync(1, round.ManifestSha256!, world.Alice));
        Assert.Equal(RoundState.Allocated, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_its_round_is_approved_was_in_time()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var key = TestSshKey.Create("ssh-ed25519");
        await world.EnrolAsync(world.Boris, key.PublicLine);
        var round = await world.AllocatedAsync();
        await world.ApproveAsync(1, key.Sign(round.Manifest!, Manifest.SignatureNamespace));
        world.Meanwhile = async () => await world.ApproveAsync(1, round.ManifestSha256!, world.Alice);
        Assert.IsType<KeyResult.Revoked>(await world.RevokeAsync(world.Boris));
        Assert.Equal(RoundState.Approved, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task An_approval_of_a_round_that_is_revised_at_that_moment_counts_for_nothing()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1]);
        var round = await world.AllocatedAsync();
        await world.ApproveAsync(1, round.ManifestSha256!, world.Alice);
        var version = (await world.RoundAsync()).Version;
        world.Meanwhile = async () => RoundsWorld.Done(await world.ReviseAsync(1, version, world.Terms));
        Assert.Equal(new ApprovalResult.WrongState(RoundState.Frozen), await world.ApproveAsync(1, round.ManifestSha256!, world.Boris));
        Assert.Equal(RoundState.Frozen, (await world.RoundAsync()).State);
    }

    [Fact]
    public async Task An_overlapping_round_opened_at_that_moment_wins()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.CreateAsync();
        await world.CreateAsync();
        world.Meanwhile = async () => RoundsWorld.Done(await world.OpenAsync(2, 0));
        Assert.IsType<RoundResult.ChangedMeanwhile>(await world.OpenAsync(1, 0));
        Assert.Equal(new RoundResult.PeriodOverlaps(2), await world.OpenAsync(1, 0));
    }

    [Fact]
    public async Task Two_proposals_at_once_do_not_share_a_number()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Meanwhile = async () => Assert.Equal(1, RoundsWorld.Done(await world.CreateAsync()));
        Assert.IsType<RoundResult.ChangedMeanwhile>(await world.CreateAsync());
        Assert.Equal(2, RoundsWorld.Done(await world.CreateAsync()));
    }
}
