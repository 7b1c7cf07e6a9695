using System.Numerics;
using CsCheck;
using DigitalResistance.Scoring;

namespace DigitalResistance.Tests.Scoring;

/// <summary>The tally against a reference that is written the slow way, and the promises that any reference must keep.</summary>
public sealed class AvailabilityTests
{
    private static readonly Policy Short = Policy.Standard with { SlotSeconds = 1, WindowSeconds = 10, MinVantages = 1 };

    private sealed record Case(int From, int To, int Vantages, int MinVantages, SlotOutcome[] Outcomes)
    {
        public Policy Policy => Short with { MinVantages = MinVantages };

        public IEnumerable<(int Vantage, long At, SlotOutcome Outcome)> Results =>
            Outcomes.Select((outcome, i) => (i % Vantages, (long)(From - 5 + (i / Vantages)), outcome));
    }

    private static readonly Gen<Case> Cases =
        from start in Gen.Int[1000, 1030]
        from length in Gen.Int[0, 45]
        from vantages in Gen.Int[1, 5]
        from least in Gen.Int[1, 3]
        from outcomes in Gen.Int[0, 3].Select(i => i switch { 0 => SlotOutcome.Invalid, 1 => SlotOutcome.Fail, _ => SlotOutcome.Ok }).Array[(length + 10) * vantages]
        select new Case(start, start + length, vantages, least, outcomes);

    [Fact]
    public void The_tally_agrees_with_the_slow_reference() =>
        Cases.Sample(c => Assert.Equal(Reference(c), Tally(c, c.Results)), iter: Testing.Needs.Depth(3_000, 200_000));

    [Fact]
    public void The_order_in_which_results_arrive_does_not_matter() =>
        (from c in Cases from results in Gen.Shuffle(c.Results.ToArray()) select (c, results))
            .Sample(x => Assert.Equal(Tally(x.c, x.c.Results), Tally(x.c, x.results)), iter: Testing.Needs.Depth(500, 50_000));

    [Fact]
    public void Turning_a_fail_into_an_ok_never_lowers_the_availability() =>
        (from c in Cases from index in Gen.Int[0, 10_000] select (c, index)).Sample(x =>
        {
            var better = x.c with { Outcomes = [.. x.c.Outcomes] };
            if (better.Outcomes.Length == 0) return;
            ref var slot = ref better.Outcomes[x.index % better.Outcomes.Length];
            if (slot == SlotOutcome.Fail) slot = SlotOutcome.Ok;
            Assert.True((Tally(better, better.Results) ?? -1) >= (Tally(x.c, x.c.Results) ?? -1));
        }, iter: Testing.Needs.Depth(3_000, 200_000));

    [Fact]
    public void The_availability_lies_between_nothing_and_all() =>
        Cases.Sample(c => Tally(c, c.Results) is null or (>= 0 and <= 1_000_000), iter: Testing.Needs.Depth(500, 50_000));

    [Theory]
    [InlineData(5, 0)]
    [InlineData(0, 5)]
    [InlineData(3, 2)]
    public void Blind_slots_are_neutral(int ok, int fail)
    {
        var tally = new AvailabilityTally(Short, At(0), At(10));
        for (var i = 0; i < 10; i++) tally.Add(0, i, i < ok ? SlotOutcome.Ok : i < ok + fail ? SlotOutcome.Fail : SlotOutcome.Invalid);
        var result = tally.Result();
        Assert.Equal(ok * 1_000_000 / (ok + fail), result.Ppm);
        Assert.Equal(ok + fail, result.ValidSlots);
    }

    [Fact]
    public void A_window_with_less_than_half_of_its_slots_valid_does_not_count()
    {
        var tally = new AvailabilityTally(Short, At(0), At(20));
        for (var i = 0; i < 4; i++) tally.Add(0, i, SlotOutcome.Fail);
        for (var i = 10; i < 15; i++) tally.Add(0, i, SlotOutcome.Ok);
        var result = tally.Result();
        Assert.Equal(1_000_000, result.Ppm);
        Assert.Null(result.Windows[0].Ppm);
        Assert.Equal(9, result.ValidSlots);
    }

    [Theory]
    [InlineData(new[] { 10, 0 }, 0)]
    [InlineData(new[] { 10, 10, 0 }, 1_000_000)]
    [InlineData(new[] { 9, 5, 6, 10 }, 600_000)]
    public void Vantages_are_merged_by_the_low_median(int[] okOfTen, int ppm)
    {
        var tally = new AvailabilityTally(Short with { MinVantages = 2 }, At(0), At(10));
        foreach (var (vantage, ok) in okOfTen.Index())
        {
            for (var i = 0; i < 10; i++) tally.Add(vantage, i, i < ok ? SlotOutcome.Ok : SlotOutcome.Fail);
        }

        Assert.Equal(ppm, tally.Result().Ppm);
    }

    [Fact]
    public void One_vantage_is_not_enough_where_the_policy_wants_two()
    {
        var tally = new AvailabilityTally(Short with { MinVantages = 2 }, At(0), At(10));
        for (var i = 0; i < 10; i++) tally.Add(0, i, SlotOutcome.Ok);
        Assert.Null(tally.Result().Ppm);
    }

    private static int? Tally(Case c, IEnumerable<(int Vantage, long At, SlotOutcome Outcome)> results)
    {
        var tally = new AvailabilityTally(c.Policy, At(c.From), At(c.To));
        foreach (var (vantage, at, outcome) in results) tally.Add(vantage, at, outcome);
        return tally.Result().Ppm;
    }

    // Every window and slot in turn, exact fractions, no shared line with the tally.
    private static int? Reference(Case c)
    {
        BigInteger weighted = 0, slots = 0;
        for (long window = 0; window < 2_000; window += 10)
        {
            var inside = Enumerable.Range(0, 10).Select(i => window + i).Where(at => at >= c.From && at < c.To).ToHashSet();
            if (inside.Count == 0) continue;
            var ratios = new List<BigInteger>();
            for (var vantage = 0; vantage < c.Vantages; vantage++)
            {
                var mine = c.Results.Where(r => r.Vantage == vantage && inside.Contains(r.At)).ToList();
                var ok = mine.Count(r => r.Outcome == SlotOutcome.Ok);
                var valid = mine.Count(r => r.Outcome != SlotOutcome.Invalid);
                if (valid == 0 || valid * 2 < inside.Count) continue;
                ratios.Add(new BigInteger(ok) * 1_000_000 / valid);
            }

            if (ratios.Count < c.MinVantages || ratios.Count == 0) continue;
            ratios.Sort();
            while (ratios.Count > 2)
            {
                ratios.RemoveAt(ratios.Count - 1);
                ratios.RemoveAt(0);
            }

            weighted += ratios[0] * inside.Count;
            slots += inside.Count;
        }

        return slots == 0 ? null : (int)(weighted / slots);
    }

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
