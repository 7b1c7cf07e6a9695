using CsCheck;
using DigitalResistance.Prober;
using DigitalResistance.Probing;
using DigitalResistance.Testing;

namespace DigitalResistance.Tests.Probing;

/// <summary>The published formats: moments, records, reasons, leaves.</summary>
public sealed class ScheduleTests
{
    private static readonly ScheduleDay Day = new()
    {
        Day = new DateOnly(2026, 3, 4), StartsAt = new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero), SlotSeconds = 600, CanarySharePpm = 500_000,
        Seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)],
    };

    [Fact]
    public void The_draw_is_the_one_that_the_specification_computes()
    {
        // The vector was made by a few lines of Python from the text alone.
        var specification = File.ReadAllText(Needs.Beside("docs/specs/schedule.md"));
        var draw = new DaySchedule(Day).Draw(Guid.Parse("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"), "local", 1_772_618_400);
        Assert.Contains($"| starts after | {draw.Offset.TotalMilliseconds} ms |", specification, StringComparison.Ordinal);
        Assert.Contains($"| to the canary | {(draw.AtCanary ? "yes" : "no")} |", specification, StringComparison.Ordinal);
        Assert.Contains($"| target | {draw.Target} (before the modulo) |", specification, StringComparison.Ordinal);
        Assert.Contains($"| retry after | {draw.RetryAfter.TotalMilliseconds} ms |", specification, StringComparison.Ordinal);
    }

    [Fact]
    public void Moments_are_spread_over_the_slot_and_differ_between_servers_vantages_and_slots()
    {
        var schedule = new DaySchedule(Day);
        var draws = Enumerable.Range(0, 2_000).Select(i => schedule.Draw(Guid.NewGuid(), "local", 1_772_618_400 + (600 * (i % 100)))).ToList();
        Assert.All(draws, d => Assert.InRange(d.Offset, TimeSpan.Zero, TimeSpan.FromSeconds(600) - TimeSpan.FromMilliseconds(1)));
        Assert.All(draws, d => Assert.InRange(d.RetryAfter, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60)));
        // Ten equal parts of the slot get about 200 each; 7 standard deviations are 94.
        Assert.All(draws.CountBy(d => (int)(d.Offset.TotalSeconds / 60)), part => Assert.InRange(part.Value, 106, 294));
        Assert.InRange(draws.Count(d => d.AtCanary), 844, 1_156);

        var server = Guid.NewGuid();
        var same = schedule.Draw(server, "local", 1_772_618_400);
        Assert.Equal(same, schedule.Draw(server, "local", 1_772_618_400));
        Assert.NotEqual(same, schedule.Draw(server, "other", 1_772_618_400));
        Assert.NotEqual(same.Offset, schedule.Draw(server, "local", 1_772_619_000).Offset);
    }

    [Fact]
    public void A_record_is_five_bytes_and_reads_back() =>
        (from state in Gen.Int[0, 4] from stage in Gen.Int[0, 5] from canary in Gen.Bool from reason in Gen.Byte from first in Gen.Byte from latency in Gen.UShort
         select new SlotRecord((SlotState)state, (byte)stage, canary, reason, first, latency)).Sample(record =>
        {
            var bytes = record.ToBytes();
            Assert.Equal(5, bytes.Length);
            Assert.Equal(record, SlotRecord.Read(bytes));
            Assert.Equal((record.FirstReason != 0, (int)record.State), ((bytes[0] & 1) != 0, bytes[0] >> 5));
        });

    [Fact]
    public void Every_published_failure_has_its_number_and_the_specification_lists_them_in_order()
    {
        Assert.All(Failures.All, failure => Assert.Equal(failure.Code(), Reasons.Code(Reasons.Number(failure))));
        Assert.Equal(Reasons.All.Count, Reasons.All.Distinct().Count());
        var text = File.ReadAllText(Needs.Beside("docs/specs/evidence.md"));
        var list = text[text.IndexOf("from 1:", StringComparison.Ordinal)..text.IndexOf("`vantage_blind`: the", StringComparison.Ordinal)];
        Assert.Equal(Reasons.All.Skip(1), list.Split('`').Where((_, i) => i % 2 == 1));
        Assert.Equal("internal_error", Reasons.Code(255));
    }

    [Fact]
    public void A_leaf_is_the_salted_hash_that_the_specification_computes()
    {
        var record = new DayRecord(5, 1, new DateOnly(2026, 3, 4), 43_200, [.. Enumerable.Range(0, 10).Select(i => (byte)i)]);
        Assert.Equal("079758c32538e2ade1f26bfab3980f7741d44210c39a6c732fa789d50ea3ce4f", Convert.ToHexStringLower(Evidence.Leaf(record, Enumerable.Repeat((byte)7, 32).ToArray())));
    }

    [Fact]
    public async Task Of_two_results_of_a_slot_the_earlier_start_counts()
    {
        var start = new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        var (ok, fail) = (new SlotRecord(SlotState.Ok, 3, true, 0, 0, 1), new SlotRecord(SlotState.Fail, 2, true, 12, 12, 0));
        RawResult[] results = [new(1, 1, start, 10, ok), new(1, 1, start, 20, fail), new(1, 1, start + 1_200, 5, fail), new(1, 2, start, 1, fail), new(3, 1, start + 600, 1, ok)];
        var days = await DayRecords.PackAsync(results.ToAsyncEnumerable(), Day.Day, 600).ToListAsync();
        Assert.Equal([(1, 1), (1, 2), (3, 1)], days.Select(d => (d.Server, (int)d.Vantage)));
        Assert.All(days, d => Assert.Equal(144 * 5, d.Slots.Length));
        Assert.Equal([SlotState.Ok, SlotState.None, SlotState.Fail], days[0].All().Take(3).Select(s => s.Record.State));
    }

    [Fact]
    public void Times_keep_their_proportions_in_short_slots()
    {
        var (standard, demo) = (new SlotTimes(600), new SlotTimes(1));
        Assert.Equal((60, 120, 60, 30, 30), (standard.BeatSeconds, standard.ClaimAhead.TotalSeconds, standard.LongestRetry.TotalSeconds, standard.LateAfter.TotalSeconds, standard.CheckEvery.TotalSeconds));
        Assert.Equal((1, 2, 0.1, 0.5, 0.25), (demo.BeatSeconds, demo.ClaimAhead.TotalSeconds, demo.LongestRetry.TotalSeconds, demo.LateAfter.TotalSeconds, demo.CheckEvery.TotalSeconds));
    }
}
