using DigitalResistance.Platform;
using DigitalResistance.Rounds;

namespace DigitalResistance.Testing.Rounds;

public sealed class CreditTests
{
    [Fact]
    public async Task A_share_below_the_floor_accumulates_until_it_can_be_paid()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Terms = world.Terms with { Floor = new(6_000) };
        var small = await world.OperatorAsync([4]);
        await world.OperatorAsync([996]);

        var first = await world.ApprovedAsync();
        Assert.Equal((4_000, 0, 4_000), Amounts(await world.GrantAsync(small)));
        await world.ApprovedAsync(world.After(first));
        Assert.Equal((4_000, 8_000, 0), Amounts(await world.GrantAsync(small, 2)));
        Assert.Equal(new Sats(4_000), (await world.GrantAsync(small, 2)).CreditUsed);
        Assert.Equal(Sats.Zero, await world.CreditAsync(small));
        Assert.Equal(["credit.added", "credit.paid"], (await world.EntriesAsync()).Where(e => e.StartsWith("credit", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Credit_is_paid_to_somebody_who_runs_nothing_any_more_once_there_is_an_address()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var gone = await world.OperatorAsync([1], address: null);
        var first = await world.ApprovedAsync();
        world.ForgetScores();
        await world.OperatorAsync([1]);
        await world.AddressAsync(gone, "bcrt1qback", RoundsWorld.Start);

        var second = await world.ApprovedAsync(world.After(first));

        var grant = await world.GrantAsync(gone, 2);
        Assert.Equal((0, 500_000, 500_000), (grant.Weight, grant.CreditUsed.Value, grant.Paid.Value));
        Assert.DoesNotContain(grant.Token, System.Text.Encoding.ASCII.GetString(RoundFiles.Scores(await world.GrantsAsync(2))), StringComparison.Ordinal);
        Assert.Contains("\nrecipients 2\n", second.Manifest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credit_returns_to_the_pool_after_its_time_and_not_before()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.OperatorAsync([1], address: null);
        var round = await world.ApprovedAsync();

        world.Time.SetUtcNow(round.CreditsExpireAt!.Value.AddSeconds(-1));
        Assert.Equal(0, await world.ExpireAsync());
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await world.ExpireAsync());
        Assert.Equal(0, await world.ExpireAsync());
        Assert.Equal(Sats.Zero, await world.CreditAsync(account));
        Assert.Equal("credit.expired", (await world.EntriesAsync())[^1]);
    }

    [Fact]
    public async Task What_expires_first_is_used_first()
    {
        await using var world = await RoundsWorld.CreateAsync();
        world.Terms = world.Terms with { Step = new(1_000), Floor = new(1_000) };
        var account = await world.OperatorAsync([1], address: null);
        await world.OperatorAsync([9_999]);
        // 100 of the budget each round: credit of two rounds, then a payment of 1,000 out of 1,100.
        var round = await world.ApprovedAsync(world.Terms with { Budget = new(5_000_000) });
        Assert.Equal(new Sats(500), await world.CreditAsync(account));
        var second = await world.ApprovedAsync(world.After(round) with { Budget = new(5_000_000) });
        await world.AddressAsync(account, "bcrt1qnow", RoundsWorld.Start);
        world.ForgetScores();
        var third = await world.ApprovedAsync(world.After(second));
        Assert.Equal(new Sats(1_000), (await world.GrantAsync(account, 3)).CreditUsed);
        Assert.Equal(Sats.Zero, await world.CreditAsync(account));

        // Nothing is left to expire, however long one waits: the payment took the oldest.
        world.Time.SetUtcNow(third.ApprovedAt!.Value.AddDays(800));
        Assert.Equal(0, await world.ExpireAsync());
    }

    [Fact]
    public async Task Part_of_a_credit_that_was_used_does_not_expire_again()
    {
        await using var world = await RoundsWorld.CreateAsync();
        var account = await world.OperatorAsync([1], address: null);
        await world.OperatorAsync([399]);
        var first = await world.ApprovedAsync(world.Terms with { Floor = new(3_000) });
        Assert.Equal(new Sats(2_500), await world.CreditAsync(account));
        world.ForgetScores();
        await world.AddressAsync(account, "bcrt1qnow", RoundsWorld.Start);
        // Floor and step leave 500 of the 2,500.
        await world.ApprovedAsync(world.After(first) with { Floor = new(1_000) });
        Assert.Equal(new Sats(500), await world.CreditAsync(account));
        world.Time.SetUtcNow(first.CreditsExpireAt!.Value);
        Assert.Equal(1, await world.ExpireAsync());
        Assert.Equal(Sats.Zero, await world.CreditAsync(account));
        world.Time.Advance(TimeSpan.FromDays(1_000));
        Assert.Equal(0, await world.ExpireAsync());
    }

    [Fact]
    public async Task While_a_round_counts_on_the_credits_none_expires()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1], address: null);
        var first = await world.ApprovedAsync();
        var second = await world.AllocatedAsync(world.After(first));
        world.Time.SetUtcNow(first.CreditsExpireAt!.Value.AddDays(1));
        Assert.Equal(0, await world.ExpireAsync());
        await world.CancelAsync(2, second.Version);
        Assert.Equal(1, await world.ExpireAsync());
    }

    [Fact]
    public async Task Two_expiry_passes_at_once_expire_once()
    {
        await using var world = await RoundsWorld.CreateAsync();
        await world.OperatorAsync([1], address: null);
        var round = await world.ApprovedAsync();
        world.Time.SetUtcNow(round.CreditsExpireAt!.Value);
        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(world.ExpireAsync)));
        Assert.Equal([0, 0, 0, 1], counts.Order());
        Assert.Single(await world.EntriesAsync(), "credit.expired");
    }

    private static (long Share, long Paid, long Credited) Amounts(Grant grant) => (grant.Share.Value, grant.Paid.Value, grant.Credited.Value);
}
