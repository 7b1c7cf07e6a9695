using CsCheck;
using DigitalResistance.Scoring;

namespace DigitalResistance.Tests.Scoring;

public sealed class WeightsTests
{
    private static readonly Policy Policy = Policy.Standard;

    private static readonly Gen<ServerStanding[]> Standings =
        (from ppm in Gen.Int[880_000, 1_000_000]
         from measured in Gen.Int[0, 9]
         from hours in Gen.Int[0, 2_000]
         from presence in Gen.Int[0, 1_000_000]
         from entrances in Gen.Int[1, 6].Array[0, 2]
         from exits in Gen.Int[1, 9].Array[0, 2]
         from networks in Gen.Int[1, 4].Array[0, 3]
         select Standing(measured == 0 ? null : ppm, hours, presence, entrances, networks, exits)).Array[0, 12];

    [Fact]
    public void The_order_of_the_servers_does_not_matter() =>
        (from s in Standings from shuffled in Gen.Shuffle(s) select (s, shuffled))
            .Sample(x => Assert.Equal(Weights.Compute(x.s, Policy), Weights.Compute(x.shuffled, Policy)), iter: Testing.Needs.Depth(1_000, 50_000));

    [Fact]
    public void More_uptime_never_weighs_less() =>
        (from s in Standings from index in Gen.Int[0, 100] from gain in Gen.Int[1, 120_000] select (s, index, gain)).Sample(x =>
        {
            if (x.s.Length == 0) return;
            var server = x.s[x.index % x.s.Length];
            var better = server with { Availability = new(Math.Min(1_000_000, (server.Availability.Ppm ?? 0) + x.gain), 100, []) };
            Assert.True(WeightOf(better, [.. x.s.Where(s => s != server), better]) >= WeightOf(server, x.s));
        }, iter: Testing.Needs.Depth(5_000, 500_000));

    [Fact]
    public void A_weight_lies_between_nothing_and_what_the_server_alone_would_weigh() =>
        Standings.Sample(s => Weights.Compute(s, Policy).All(w => w.Weight >= 0 && w.Weight <= w.Parts.Weight && w.Parts.Weight <= 1_000),
            iter: Testing.Needs.Depth(1_000, 50_000));

    [Fact]
    public void A_second_server_on_a_machine_never_earns_more_than_the_best_one_alone() =>
        Standings.Sample(s =>
        {
            var here = s.Select(server => server with { Entrances = [7], Exits = [7], Networks = [] }).ToArray();
            var best = here.Select(server => Weights.Parts(server, Policy).Weight).DefaultIfEmpty().Max();
            Assert.True(Weights.Compute(here, Policy).Sum(w => w.Weight) <= best);
        }, iter: Testing.Needs.Depth(1_000, 50_000));

    [Fact]
    public void Servers_apart_do_not_touch_each_other()
    {
        var scores = Weights.Compute([Standing(1_000_000, 2_000, 1_000_000, [1], [1]), Standing(995_000, 2_000, 1_000_000, [2], [2])], Policy);
        Assert.All(scores, s => Assert.Equal(1_000, s.Weight));
    }

    [Fact]
    public void Three_servers_with_one_way_in_or_out_share_the_weight_of_one()
    {
        // The first two share an entrance, the last two an exit: all three are one machine.
        var scores = Weights.Compute([Full([1], [1], [8]), Full([1, 2], [1], [9]), Full([3], [1], [9])], Policy);
        Assert.All(scores, s => Assert.Equal(333, s.Weight));
    }

    [Fact]
    public void Who_passes_traffic_on_to_another_server_weighs_nothing_and_takes_nothing_from_it()
    {
        ServerStanding real = Full([1], [1], [1]), chained = Full([2], [2], [1]);
        var scores = Weights.Compute([real, chained], Policy).ToDictionary(s => s.ServerId, s => s.Weight);
        Assert.Equal((1_000, 0), (scores[real.ServerId], scores[chained.ServerId]));
    }

    [Fact]
    public void Two_who_pass_on_to_each_other_are_one_machine()
    {
        var scores = Weights.Compute([Full([1], [1], [2]), Full([2], [2], [1])], Policy);
        Assert.All(scores, s => Assert.Equal(500, s.Weight));
    }

    [Fact]
    public void Four_machines_in_one_network_share_the_weight_of_two()
    {
        var scores = Weights.Compute([Full([1], [9]), Full([2], [9]), Full([3], [9]), Full([4], [9])], Policy);
        Assert.All(scores, s => Assert.Equal(500, s.Weight));
    }

    [Theory]
    [InlineData(899_999, 0)]
    [InlineData(900_000, 100)]
    [InlineData(989_999, 900)]
    [InlineData(990_000, 1_000)]
    [InlineData(1_000_000, 1_000)]
    public void A_bucket_begins_at_its_bound(int ppm, int weight) =>
        Assert.Equal(weight, Weights.Compute([Standing(ppm, 2_000, 1_000_000, [], [])], Policy)[0].Weight);

    [Theory]
    [InlineData(167, 1_000_000, 0)]
    [InlineData(168, 1_000_000, 500)]
    [InlineData(1_440, 249_999, 0)]
    [InlineData(1_440, 250_000, 250)]
    [InlineData(720, 949_999, 562)]
    [InlineData(1_440, 950_000, 1_000)]
    public void Age_and_presence_scale_the_weight_in_steps(int hours, int presence, int weight) =>
        Assert.Equal(weight, Weights.Compute([Standing(1_000_000, hours, presence, [], [])], Policy)[0].Weight);

    [Fact]
    public void Without_a_measurement_there_is_no_weight() =>
        Assert.Equal(0, Weights.Compute([Standing(null, 2_000, 1_000_000, [], [])], Policy)[0].Weight);

    private static long WeightOf(ServerStanding server, ServerStanding[] all) =>
        Weights.Compute(all, Policy).Single(w => w.ServerId == server.ServerId).Weight;

    [Fact]
    public void Under_founding_rules_age_counts_from_three_days_and_a_hundred_probes()
    {
        int TenureAt(int hours, int ok) => Weights.Parts(
            Full([1], [1]) with { AgeHours = hours, Availability = new(1_000_000, ok, [new(default, 1, 1_000_000, ok - 40, 0), new(default, 1, 1_000_000, 40, 7)]) }, Policy.Founding).TenurePpm;
        Assert.Equal((0, 0, 1_000_000), (TenureAt(71, 100), TenureAt(72, 99), TenureAt(72, 100)));
    }

    private static ServerStanding Full(int[] entrances, int[] networks, int[]? exits = null) => Standing(1_000_000, 2_000, 1_000_000, entrances, networks, exits);

    private static ServerStanding Standing(int? ppm, int hours, int presence, int[] entrances, int[] networks, int[]? exits = null) => new(
        Guid.NewGuid(), Guid.NewGuid(), new Availability(ppm, 100, []), hours, presence,
        [.. entrances.Select(m => (UInt128)m)], [.. (exits ?? entrances).Select(m => (UInt128)m)], [.. networks.Select(n => (UInt128)n)]);
}
