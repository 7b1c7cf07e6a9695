using DigitalResistance.Review;

namespace DigitalResistance.Tests.Review;

/// <summary>Servers that fail together: often, in several outages, and not because they hardly ever work.</summary>
public sealed class OutagesInStepTests
{
    private static readonly int[] Three = [.. Run(10, 4), .. Run(100, 4), .. Run(200, 4)];

    [Fact]
    public void The_same_three_outages_are_in_step() => Assert.Equal([(0, 1)], Pairs(Three, Three));

    [Fact]
    public void Nine_tenths_of_the_smaller_are_enough_and_fewer_are_not()
    {
        int[] twenty = [.. Run(10, 7), .. Run(100, 7), .. Run(200, 6)];
        Assert.Equal([(0, 1)], Pairs(twenty, [.. twenty.Skip(2), .. Run(300, 5)]));
        Assert.Equal([(0, 1)], Pairs([.. twenty.Skip(2), 500, 501], twenty));
        Assert.Empty(Pairs([.. twenty.Skip(3), 500, 501, 502], twenty));
    }

    [Fact]
    public void One_long_outage_of_a_data_centre_is_no_step()
    {
        Assert.Empty(Pairs(Run(10, 40), Run(10, 40)));
        Assert.Empty(Pairs([.. Run(10, 20), .. Run(50, 20)], [.. Run(10, 20), .. Run(50, 20)]));
    }

    [Fact]
    public void Whoever_fails_far_more_often_holds_everybodys_outages_and_is_no_partner() => Assert.Empty(Pairs(Three, [.. Three, .. Run(300, 20)]));

    [Theory]
    [InlineData(11, 4_000, false)]
    [InlineData(12, 4_000, true)]
    [InlineData(400, 4_000, true)]
    [InlineData(401, 4_000, false)]
    public void Too_few_and_too_many_failed_slots_tell_nothing(int failed, int valid, bool tells) => Assert.Equal(tells, FailedSlots.Of(Run(1, failed), valid) is not null);

    [Fact]
    public void The_short_way_finds_what_comparing_all_with_all_finds()
    {
        var random = new Random(7);
        for (var repeat = 0; repeat < 20; repeat++)
        {
            var patterns = Enumerable.Range(0, 6).Select(_ => Enumerable.Range(0, 5).SelectMany(_ => Run(random.Next(2_000), random.Next(2, 9))).Distinct().Order().ToArray()).ToList();
            var servers = Enumerable.Range(0, 40).Select(_ => patterns[random.Next(6)].Where(_ => random.Next(25) > 0).Concat(Run(random.Next(2_000), random.Next(4))).Distinct().Order().ToArray()).Where(s => s.Length >= 12).ToArray();
            Assert.Equal(Naive(servers), Pairs(servers));
        }
    }

    private static List<(int, int)> Naive(int[][] servers)
    {
        List<(int, int)> found = [];
        for (var a = 0; a < servers.Length; a++)
            for (var b = a + 1; b < servers.Length; b++)
                if (Within(servers[a], servers[b]) || Within(servers[b], servers[a])) found.Add((a, b));
        return found;

        static bool Within(int[] small, int[] large) => small.Length <= large.Length && large.Length <= 2 * small.Length
            && small.Count(s => !small.Contains(s - 1)) >= 3 && small.Intersect(large).Count() * 10 >= small.Length * 9;
    }

    private static IEnumerable<(int, int)> Pairs(params int[][] servers) => OutagesInStep.Pairs([.. servers.Select(s => new FailedSlots(s))]);

    private static int[] Run(int from, int length) => [.. Enumerable.Range(from, length)];
}
