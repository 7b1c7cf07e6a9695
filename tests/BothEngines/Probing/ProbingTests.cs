using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Web.Demo.Proxies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Testing.Probing;

/// <summary>Slots of twenty seconds, real proxies on loopback, a clock that the test turns.</summary>
public sealed class ProbingTests
{
    private static readonly Policy Short = Policy.Standard with
    {
        SlotSeconds = 20, WindowSeconds = 100, CanarySharePpm = 1_000_000,
        Tenure = [new(0, 1_000_000)], Presence = [new(1, 1_000_000)],
    };

    [Fact]
    public async Task Every_slot_of_a_good_server_is_ok_and_counted_once()
    {
        await using var registry = await StartAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await registry.LiveAsync(Slots(8));

        var slots = await SlotsAsync(registry, id);
        Assert.All(slots, s => Assert.Equal(SlotState.Ok, s.Record.State));
        Assert.InRange(slots.Count, 5, 8); // the first commitment covers the second boundary from now
        Assert.Equal(slots.Count, slots.Select(s => s.At).Distinct().Count());
        Assert.Equal(slots.Count, await RawCountAsync(registry));
        Assert.All(slots, s => Assert.True(s.Record.AtCanary));
    }

    [Fact]
    public async Task A_dead_server_fails_with_its_stage_and_reason_after_one_retry()
    {
        await using var registry = await StartAsync();
        var proxy = registry.StartProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy);
        proxy.Stop();
        await registry.LiveAsync(Slots(4));

        var slots = await SlotsAsync(registry, id);
        Assert.NotEmpty(slots);
        Assert.All(slots, s =>
        {
            Assert.Equal(SlotState.Fail, s.Record.State);
            Assert.Equal(DigitalResistance.Prober.Stage.Dial, s.Record.FailedStage);
            Assert.Equal("connection_refused", Reasons.Code(s.Record.Reason));
            Assert.Equal("connection_refused", Reasons.Code(s.Record.FirstReason));
        });
    }

    [Fact]
    public async Task A_liar_gets_no_slot_and_no_weight()
    {
        await using var registry = await StartAsync(("Dialing:Deadline", "00:00:03"));
        var (good, liar) = (registry.StartProxy(), registry.StartProxy(ProxyTemper.Lying));
        var goodId = await registry.ListAsync(Registry.Alice, good);
        var liarId = await registry.ListAsync(Registry.Bob, liar);
        await registry.LiveAsync(Slots(8));

        var (from, to) = (Registry.Start, registry.Time.GetUtcNow());
        var scores = (await registry.DoAsync((IScoreBook book) => book.ScoreAsync(from, to, Short, CancellationToken.None))).ToDictionary(s => s.ServerId);
        Assert.Equal(1_000_000, scores[goodId].AvailabilityPpm);
        Assert.True(scores[goodId].Weight > 0);
        Assert.Equal(0, scores[liarId].AvailabilityPpm);
        Assert.Equal(0, scores[liarId].Weight);
        // It said that the tunnel was open, and then nothing came through it.
        Assert.All(await SlotsAsync(registry, liarId), s => Assert.Equal(DigitalResistance.Prober.Stage.Proof, s.Record.FailedStage));
    }

    [Fact]
    public async Task A_stopped_server_weighs_by_the_slots_it_served()
    {
        await using var registry = await StartAsync();
        var proxy = registry.StartProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy);
        await registry.LiveAsync(Slots(6));
        proxy.Stop();
        await registry.LiveAsync(Slots(6));

        var slots = await SlotsAsync(registry, id);
        var (ok, all) = (slots.Count(s => s.Record.State == SlotState.Ok), slots.Count(s => s.Record.State is SlotState.Ok or SlotState.Fail));
        Assert.InRange(ok, 1, all - 1);
        var score = Assert.Single(await registry.DoAsync((IScoreBook book) => book.ScoreAsync(Registry.Start, registry.Time.GetUtcNow(), Short, CancellationToken.None)));
        Assert.InRange(score.AvailabilityPpm, 1, 999_999);
        Assert.Equal(all, score.ValidSlots);
    }

    [Fact]
    public async Task What_happens_while_the_vantage_is_blind_is_nobodys_fault()
    {
        await using var registry = await StartAsync();
        var proxy = registry.StartProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy);
        await registry.LiveAsync(Slots(6));
        await registry.StopCanaryAsync();
        var blind = registry.Time.GetUtcNow();
        await registry.LiveAsync(Slots(4));

        var slots = await SlotsAsync(registry, id);
        var during = slots.Where(s => s.At > blind).ToList();
        Assert.NotEmpty(during);
        Assert.All(during, s => Assert.Equal((SlotState.Invalid, Reasons.VantageBlind), (s.Record.State, Reasons.Code(s.Record.Reason))));
        Assert.DoesNotContain(slots, s => s.Record.State == SlotState.Fail);
        var score = Assert.Single(await registry.DoAsync((IScoreBook book) => book.ScoreAsync(Registry.Start, registry.Time.GetUtcNow(), Short, CancellationToken.None)));
        Assert.Equal(1_000_000, score.AvailabilityPpm);
    }

    [Fact]
    public async Task Two_processes_share_the_servers_and_probe_no_slot_twice()
    {
        await using var registry = await StartAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 12; i++) ids.Add(await registry.ListAsync(Registry.Alice, registry.StartProxy()));
        await using var second = await registry.JoinAsync();
        await registry.LiveAsync(Slots(5), second);

        var total = 0;
        foreach (var id in ids)
        {
            var slots = await SlotsAsync(registry, id);
            Assert.All(slots, s => Assert.Equal(SlotState.Ok, s.Record.State));
            total += slots.Count;
        }

        Assert.InRange(total, 12 * 3, 12 * 5);
        Assert.Equal(total, await RawCountAsync(registry));
    }

    [Fact]
    public async Task While_the_database_is_away_probing_goes_on_and_every_result_is_recorded_once()
    {
        await using var registry = await StartAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await registry.LiveAsync(Slots(4));
        var before = (await SlotsAsync(registry, id)).Count;

        // Two slots without a database: no pass comes through, what was claimed is probed, its results wait.
        var vantage = registry.Services.GetRequiredService<LocalVantage>();
        for (var i = 0; i < 30; i++) await Registry.StepAsync(TimeSpan.FromSeconds(1), registry);

        Assert.True(vantage.Pending > 0);
        Assert.Equal(before, (await SlotsAsync(registry, id)).Count);
        await registry.LiveAsync(Slots(2));

        var slots = await SlotsAsync(registry, id);
        Assert.All(slots, s => Assert.Equal(SlotState.Ok, s.Record.State));
        Assert.Equal(slots.Count, await RawCountAsync(registry));
        var times = slots.Select(s => s.At).Order().ToList();
        Assert.Equal(times[^1] - times[0], Slots(times.Count - 1)); // no hole
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_claim_whose_answer_was_lost_is_still_this_process_s_and_nobody_else_s(bool own)
    {
        await using var registry = await StartAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        var process = own ? registry.Services.GetRequiredService<BeatProgress>().Process : Guid.NewGuid();
        await registry.DoAsync((ProbesDb db) =>
        {
            for (var slot = Registry.Start.ToUnixTimeSeconds(); slot < Registry.Start.AddMinutes(3).ToUnixTimeSeconds(); slot += Short.SlotSeconds)
            {
                for (var bucket = 0; bucket < 8; bucket++) db.Add(new SlotClaim { SlotAt = slot, Vantage = LocalVantage.Number, Beat = 0, Bucket = bucket, Process = process });
            }

            return db.SaveChangesAsync();
        });
        await registry.LiveAsync(Slots(5));
        var slots = await SlotsAsync(registry, id);
        Assert.Equal(own, slots.Count >= 3);
        Assert.Equal(slots.Count, await RawCountAsync(registry));
        Assert.All(slots, s => Assert.Equal(SlotState.Ok, s.Record.State));
    }

    [Fact]
    public async Task A_batch_whose_commit_was_not_answered_is_sent_again_and_stored_once()
    {
        await using var registry = await StartAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        var record = new SlotRecord(SlotState.Ok, 3, true, 0, 0, 12);
        var batch = new Unrecorded(Guid.NewGuid(), [new(id, Registry.Start.ToUnixTimeSeconds(), 5, record, [(SightingKind.Entrance, new byte[16]), (SightingKind.Network, new byte[16])])]);
        for (var i = 0; i < 3; i++) await registry.DoAsync((ResultRecorder recorder) => recorder.RecordAsync(batch, CancellationToken.None));
        Assert.Equal(1, await RawCountAsync(registry));
    }

    [Fact]
    public async Task What_memory_holds_is_bounded_and_what_is_beyond_counts_neither_way()
    {
        await using var registry = await StartAsync(("Probing:MostPending", "100"));
        for (var i = 0; i < 3; i++) await registry.ListAsync(Registry.Alice, registry.StartProxy());
        var vantage = registry.Services.GetRequiredService<LocalVantage>();
        var never = Enumerable.Range(0, 99).Select(_ => new Assignment(
            Guid.NewGuid(), "socks5", new ServerEndpoint("127.0.0.1", 1080, new Dictionary<string, string>()), [],
            new SlotDraw { SlotAt = registry.Time.GetUtcNow().AddDays(9).ToUnixTimeSeconds() }, new SlotTimes(20))).ToList();
        vantage.Take(never);
        await registry.LiveAsync(Slots(3));
        Assert.InRange(vantage.Pending, 99, 100);
    }

    [Fact]
    public async Task A_registry_that_stood_still_drops_the_slots_it_missed()
    {
        await using var registry = await StartAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await registry.LiveAsync(Slots(4));
        registry.Time.Advance(TimeSpan.FromMinutes(30));
        await registry.LiveAsync(Slots(3));

        var slots = await SlotsAsync(registry, id);
        Assert.InRange(slots.Count, 3, 10);
        Assert.All(slots.Where(s => s.Record.State == SlotState.Invalid), s => Assert.Equal(Reasons.StartedLate, Reasons.Code(s.Record.Reason)));
        Assert.DoesNotContain(slots, s => s.Record.State == SlotState.Fail);
    }

    [Fact]
    public async Task A_finished_day_is_packed_to_one_row_and_says_the_same()
    {
        await using var registry = await StartAsync();
        var proxy = registry.StartProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy);
        await registry.LiveAsync(Slots(4));
        proxy.Stop();
        await registry.LiveAsync(Slots(3));
        var (from, to) = (Registry.Start, registry.Time.GetUtcNow());
        var before = await SlotsAsync(registry, id);
        var scored = await registry.DoAsync((IScoreBook book) => book.ScoreAsync(from, to, Short, CancellationToken.None));

        Assert.Equal(0, await registry.RunAsync<DayClosingPass>());
        registry.Time.Advance(TimeSpan.FromHours(16));
        var closings = await Task.WhenAll(registry.RunAsync<DayClosingPass>(), registry.RunAsync<DayClosingPass>());
        Assert.Equal(1, closings.Sum());
        var row = await registry.DoAsync((ProbesDb db) => db.Set<PackedDay>().SingleAsync());
        Assert.Equal(4320 * SlotRecord.Size, row.Slots.Length);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(row.Leaf)), Assert.Single(scored).DaysSha256);
        Assert.Equal(before, await SlotsAsync(registry, id));
        Assert.Equal(scored, await registry.DoAsync((IScoreBook book) => book.ScoreAsync(from, to, Short, CancellationToken.None)));

        registry.Time.Advance(TimeSpan.FromDays(15));
        await registry.RunAsync<RetentionPass>();
        Assert.Empty(await registry.DoAsync((ProbesDb db) => RawResults.Of(db).DaysAsync(CancellationToken.None)));
        Assert.Equal(before, await SlotsAsync(registry, id));
    }

    /// <summary>The database was away, a round froze when it came back, and only then came what had waited to be written.</summary>
    [Fact]
    public async Task What_comes_after_a_freeze_is_no_part_of_the_frozen_slots_even_in_the_same_moment()
    {
        await using var registry = await StartAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await registry.LiveAsync(Slots(4));
        registry.Time.Advance(TimeSpan.FromMinutes(30));
        var number = await registry.DoAsync((ProbesDb db) => db.Set<ProbedServer>().Where(s => s.ServerId == id).Select(s => s.Number).SingleAsync());
        var to = DateTimeOffset.FromUnixTimeSeconds(registry.Time.GetUtcNow().ToUnixTimeSeconds() / 20 * 20);
        // Slots that passed while it stood still.
        var missed = Enumerable.Range(0, 60).Select(i => to.AddMinutes(-25).ToUnixTimeSeconds() + (20 * i)).ToList();

        // Only looking at the scores settles nothing.
        await registry.DoAsync((IScoreBook book) => book.ScoreAsync(to.AddHours(-4), to, Short, CancellationToken.None));
        await SaveAsync(missed[0]);
        Assert.Contains(await SlotsAsync(registry, id), s => s.At.ToUnixTimeSeconds() == missed[0]);

        var saving = missed.Skip(1).Take(20).Select(SaveAsync).ToList();
        var frozen = registry.DoAsync(async (IScoreBook book) =>
        {
            await book.SettleAsync(to, CancellationToken.None);
            return await book.ScoreAsync(to.AddHours(-4), to, Short, CancellationToken.None);
        });
        await Task.WhenAll([.. saving, frozen, .. missed.Skip(21).Take(19).Select(SaveAsync)]);
        foreach (var slot in missed.Skip(40)) await SaveAsync(slot);
        await SaveAsync(to.ToUnixTimeSeconds());

        Assert.Equal(await frozen, await registry.DoAsync((IScoreBook book) => book.ScoreAsync(to.AddHours(-4), to, Short, CancellationToken.None)));
        Assert.Contains(await SlotsAsync(registry, id), s => s.At == to && s.Record.State == SlotState.Fail);

        Task<bool> SaveAsync(long slot) => registry.DoAsync((ProbesDb db) => RawResults.Of(db).SaveAsync(
            new(Guid.NewGuid(), [new(number, LocalVantage.Number, slot, 0, Failed)], []), registry.Time.GetUtcNow(), CancellationToken.None));
    }

    private static readonly SlotRecord Failed = new(SlotState.Fail, (byte)DigitalResistance.Prober.Stage.Dial, false, Reasons.Number("connection_refused"), 0, 1);

    [Fact]
    public async Task An_open_day_is_never_dropped()
    {
        await using var registry = await StartAsync();
        await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await registry.LiveAsync(Slots(3));
        registry.Time.Advance(TimeSpan.FromDays(40));
        await registry.RunAsync<RetentionPass>();
        Assert.Single(await registry.DoAsync((ProbesDb db) => RawResults.Of(db).DaysAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task The_schedule_is_committed_before_its_day_and_revealed_after_it_once()
    {
        await using var registry = await StartAsync();
        await registry.RunAsync<SchedulePass>();
        var days = await registry.AskAsync(db => db.Set<ScheduleDay>().OrderBy(d => d.Day).ToListAsync());
        Assert.Equal(2, days.Count);
        Assert.True(days[0].StartsAt > Registry.Start);
        Assert.Equal(new DateTimeOffset(2026, 3, 5, 0, 0, 0, TimeSpan.Zero), days[1].StartsAt);
        Assert.Equal(2, await EntriesAsync(registry, "schedule.committed"));

        registry.Time.Advance(TimeSpan.FromDays(1));
        await registry.RunAsync<SchedulePass>();
        Assert.Equal(0, await EntriesAsync(registry, "schedule.revealed"));
        registry.Time.Advance(TimeSpan.FromDays(1));
        await Task.WhenAll(registry.RunAsync<SchedulePass>(), registry.RunAsync<SchedulePass>());
        Assert.Equal(1, await EntriesAsync(registry, "schedule.revealed"));
        Assert.Equal(4, await EntriesAsync(registry, "schedule.committed"));
        var revealed = await registry.AskAsync(db => db.Set<LedgerEntry>().SingleAsync(e => e.Type == "schedule.revealed"));
        Assert.Contains(Convert.ToHexStringLower(days[0].Seed), System.Text.Encoding.ASCII.GetString(revealed.Bytes), StringComparison.Ordinal);
    }

    private static TimeSpan Slots(int count) => TimeSpan.FromSeconds(Short.SlotSeconds * count);

    private static async Task<Registry> StartAsync(params (string Key, string Value)[] settings)
    {
        var registry = await Registry.StartAsync(Short, settings);
        await registry.RunAsync<SchedulePass>();
        return registry;
    }

    private static async Task<IReadOnlyList<PastSlot>> SlotsAsync(Registry registry, Guid id) =>
        [.. (await registry.DoAsync((SlotHistory history) => history.ReadAsync([id], Registry.Start.AddDays(-1), Registry.Start.AddDays(60), CancellationToken.None)))[id]];

    private static Task<int> RawCountAsync(Registry registry) => registry.DoAsync(async (ProbesDb db) =>
    {
        var (raw, count) = (RawResults.Of(db), 0);
        foreach (var day in await raw.DaysAsync(CancellationToken.None))
        {
            await foreach (var result in raw.ReadAsync(day, null, CancellationToken.None)) count += result.Server > 0 ? 1 : 0;
        }

        return count;
    });

    private static Task<int> EntriesAsync(Registry registry, string type) => registry.AskAsync(db => db.Set<LedgerEntry>().CountAsync(e => e.Type == type));
}
