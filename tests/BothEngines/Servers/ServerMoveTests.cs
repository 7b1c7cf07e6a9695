using System.Net;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Testing.Servers;

/// <summary>A move is not a failure: the server goes on where it is until its new place is proven and carries traffic.</summary>
public sealed class ServerMoveTests
{
    private static readonly Policy Short = Policy.Standard with
    {
        SlotSeconds = 20, WindowSeconds = 100, CanarySharePpm = 1_000_000,
        Tenure = [new(0, 1_000_000)], Presence = [new(1, 1_000_000)],
    };

    [Fact]
    public async Task A_listed_server_goes_on_where_it_is_until_its_new_place_is_proven_and_carries()
    {
        await using var registry = await StartAsync();
        var (before, after) = (registry.StartProxy(), registry.StartProxy());
        var id = await registry.ListAsync(Registry.Alice, before);
        var age = (await registry.ServerAsync(id)).FirstProvenAt;
        await registry.LiveAsync(Slots(3));

        var place = await MoveAsync(registry, id, after.Port);
        Assert.Equal(ServerState.Proven, (await registry.ServerAsync(id)).State);
        Assert.Equal(before.Port, (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Port);

        // It carries, but nobody has shown whose it is; then it is shown, but does not carry.
        Assert.IsType<ServerTestResult.Done>(await TestAsync(registry, place));
        after.Stop();
        Assert.Equal(HeartbeatResult.Held, await registry.CallHomeAsync(Registry.Alice, place));
        Assert.IsType<ServerTestResult.Done>(await TestAsync(registry, place));
        Assert.Equal(before.Port, (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Port);
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(place)).State);
        await registry.LiveAsync(Slots(2));

        var third = registry.StartProxy();
        place = await MoveAsync(registry, id, third.Port);
        Assert.Equal(HeartbeatResult.Held, await registry.CallHomeAsync(Registry.Alice, place));
        var token = (await registry.OpenAsync(Registry.Alice, place)).Challenge.HeartbeatToken(place);
        Assert.Equal(id, Assert.IsType<ServerTestResult.Arrived>(await TestAsync(registry, place)).Server);

        var server = await registry.ServerAsync(id);
        Assert.Equal((ServerState.Proven, age), (server.State, server.FirstProvenAt));
        Assert.Equal(third.Port, (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Port);
        Assert.Null(Assert.Single(await registry.AskAsync(db => db.Set<ListedSpell>().ToListAsync())).Until);
        Assert.Equal(id, Assert.Single(await registry.AskAsync(db => db.Set<AddressClaim>().ToListAsync())).ServerId);
        Assert.Empty(await registry.AskAsync(db => db.Set<MoveGap>().ToListAsync()));
        // The machine goes on calling home with the token that it was given there.
        Assert.Equal(HeartbeatResult.Listed, await registry.DoAsync((Heartbeat act) => act.AcceptAsync(token, IPAddress.Loopback, CancellationToken.None)));

        await registry.LiveAsync(Slots(8));
        before.Stop();
        await registry.LiveAsync(Slots(4));
        var slots = await SlotsAsync(registry, id);
        Assert.All(slots, s => Assert.Equal(SlotState.Ok, s.Record.State));
        Assert.InRange(slots.Count, 14, 18);
        Assert.Empty(await SlotsAsync(registry, place));
    }

    [Fact]
    public async Task What_failed_before_the_move_is_forgiven_and_the_server_keeps_its_score()
    {
        await using var registry = await StartAsync();
        var (before, after) = (registry.StartProxy(), registry.StartProxy());
        var id = await registry.ListAsync(Registry.Alice, before);
        await registry.LiveAsync(Slots(6));
        before.Stop();
        await registry.LiveAsync(Slots(6));
        Assert.InRange((await ScoreAsync(registry)).AvailabilityPpm, 1, 999_999);

        var place = await MoveAsync(registry, id, after.Port);
        await registry.CallHomeAsync(Registry.Alice, place);
        Assert.IsType<ServerTestResult.Arrived>(await TestAsync(registry, place));
        await registry.LiveAsync(Slots(8));

        var slots = await SlotsAsync(registry, id);
        var gap = Assert.Single(await registry.AskAsync(db => db.Set<MoveGap>().ToListAsync()));
        Assert.Equal(slots.Where(s => s.Record.State == SlotState.Fail).Min(s => s.At), gap.From);
        Assert.All(slots.Where(s => s.Record.State == SlotState.Fail), s => Assert.InRange(s.At, gap.From, gap.Until));
        var score = await ScoreAsync(registry);
        Assert.Equal(1_000_000, score.AvailabilityPpm);
        Assert.Equal(slots.Count(s => s.At < gap.From || s.At >= gap.Until), score.ValidSlots);
        Assert.Equal($"{gap.From.ToUnixTimeSeconds()}-{Presence.SecondsUp(gap.Until)}", score.Basis.Moved);
    }

    [Fact]
    public async Task Forty_eight_hours_are_forgiven_in_thirty_days_and_no_more()
    {
        await using var registry = await StartAsync();
        var (before, after) = (registry.StartProxy(), registry.StartProxy());
        var id = await registry.ListAsync(Registry.Alice, before);
        await registry.LiveAsync(Slots(3));
        before.Stop();
        await registry.LiveAsync(Slots(3));
        var now = registry.Time.GetUtcNow();
        await registry.AskAsync(async db =>
        {
            // Of the first one 5 hours lie within the last 30 days; together all but 30 seconds of what may be forgiven.
            db.Add(new MoveGap { ServerId = id, From = now.AddDays(-30).AddHours(-1), Until = now.AddDays(-30).AddHours(5) });
            db.Add(new MoveGap { ServerId = id, From = now.AddDays(-9), Until = now.AddDays(-9).AddHours(43).AddSeconds(-30) });
            return await db.SaveChangesAsync();
        });

        var place = await MoveAsync(registry, id, after.Port);
        await registry.CallHomeAsync(Registry.Alice, place);
        Assert.IsType<ServerTestResult.Arrived>(await TestAsync(registry, place));
        var gap = await registry.AskAsync(db => db.Set<MoveGap>().OrderByDescending(g => g.From).FirstAsync());
        Assert.Equal(TimeSpan.FromSeconds(30), gap.Until - gap.From);
    }

    [Fact]
    public async Task An_outage_of_more_than_forty_eight_hours_is_none_of_the_moves()
    {
        await using var registry = await StartAsync();
        var (before, after) = (registry.StartProxy(), registry.StartProxy());
        var id = await registry.ListAsync(Registry.Alice, before);
        await registry.LiveAsync(Slots(3));
        before.Stop();
        await registry.LiveAsync(Slots(3));
        registry.Time.Advance(TimeSpan.FromHours(47));
        await registry.RunAsync<SchedulePass>();
        await registry.LiveAsync(Slots(2));
        registry.Time.Advance(TimeSpan.FromHours(2));
        var place = await MoveAsync(registry, id, after.Port);
        await registry.CallHomeAsync(Registry.Alice, place);
        Assert.IsType<ServerTestResult.Arrived>(await TestAsync(registry, place));
        Assert.DoesNotContain(await registry.AskAsync(db => db.Set<MoveGap>().ToListAsync()), g => g.Until - g.From > MoveGaps.Most);
        Assert.All(await registry.AskAsync(db => db.Set<MoveGap>().ToListAsync()), g => Assert.True(registry.Time.GetUtcNow() - g.From <= MoveGaps.Most));
    }

    [Fact]
    public async Task A_new_secret_at_the_same_address_needs_no_proof_but_must_carry()
    {
        await using var registry = await StartAsync();
        var proxy = registry.StartProxy();
        var form = Registry.Form(proxy.Port, settings: [("auth", "password"), ("username", "u"), ("password", "p")]);
        var id = Assert.IsType<RegistrationResult.Registered>(await registry.DoAsync((ServerRegistration act) => act.RegisterAsync(Registry.Alice, form, CancellationToken.None))).Id;
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));

        var wrong = await MoveAsync(registry, id, proxy.Port, ("auth", "password"), ("username", "u"), ("password", "q"));
        Assert.IsType<ServerTestResult.Done>(await TestAsync(registry, wrong));
        Assert.Equal("p", (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Settings["password"]);

        var place = await MoveAsync(registry, id, proxy.Port, ("auth", "none"));
        Assert.IsType<ServerTestResult.Arrived>(await TestAsync(registry, place));
        Assert.Equal("none", (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Settings["auth"]);
        Assert.Single(await registry.AskAsync(db => db.Set<AddressClaim>().ToListAsync()));
    }

    [Fact]
    public async Task A_place_that_somebody_else_holds_is_waited_for_and_never_listed_by_itself()
    {
        await using var registry = await StartAsync();
        var (before, after) = (registry.StartProxy(), registry.StartProxy());
        var other = await registry.ListAsync(Registry.Bob, after);
        var id = await registry.ListAsync(Registry.Alice, before);
        var place = await MoveAsync(registry, id, after.Port);
        Assert.Equal(HeartbeatResult.Waiting, await registry.CallHomeAsync(Registry.Alice, place));
        Assert.IsType<ServerTestResult.Done>(await TestAsync(registry, place));

        registry.Time.Advance(TimeSpan.FromHours(73));
        await registry.RunAsync<TakeoverPass>();
        Assert.Equal((ServerState.Unproven, ServerState.Unproven, ServerState.Proven), ((await registry.ServerAsync(place)).State, (await registry.ServerAsync(other)).State, (await registry.ServerAsync(id)).State));
        Assert.Equal(2, await registry.AskAsync(db => db.Set<ListedSpell>().CountAsync()));
        Assert.IsType<ServerTestResult.Arrived>(await TestAsync(registry, place));
    }

    [Fact]
    public async Task A_move_is_given_up_by_retiring_the_place_and_ends_with_its_server()
    {
        await using var registry = await StartAsync();
        var (before, after) = (registry.StartProxy(), registry.StartProxy());
        var id = await registry.ListAsync(Registry.Alice, before);
        var place = await MoveAsync(registry, id, after.Port);
        Assert.True(await registry.DoAsync((ServerRetirement act) => act.RetireAsync(Registry.Alice, place, CancellationToken.None)));
        Assert.Equal(ServerState.Proven, (await registry.ServerAsync(id)).State);
        Assert.IsType<ServerTestResult.NotFound>(await TestAsync(registry, place));

        place = await MoveAsync(registry, id, after.Port);
        Assert.True(await registry.DoAsync((ServerRetirement act) => act.RetireAsync(Registry.Alice, id, CancellationToken.None)));
        var gone = await registry.ServerAsync(place);
        Assert.Equal((ServerState.Retired, 0), (gone.State, gone.SealedEndpoint.Length));
        await registry.RunAsync<KeyDestructionPass>();
        Assert.Null(registry.Services.GetRequiredService<ServerKeys>().Find(place));
    }

    [Fact]
    public async Task Of_two_arrivals_at_once_one_happens()
    {
        await using var registry = await StartAsync();
        var (before, after) = (registry.StartProxy(), registry.StartProxy());
        var id = await registry.ListAsync(Registry.Alice, before);
        var place = await MoveAsync(registry, id, after.Port);
        await registry.CallHomeAsync(Registry.Alice, place);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await TestAsync(registry, place) is ServerTestResult.Arrived;
            }
            catch (DbUpdateException)
            {
                return false; // what a form's own repetition would catch
            }
        })));
        Assert.Contains(true, results);
        Assert.Equal(after.Port, (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Port);
        Assert.Equal(id, Assert.Single(await registry.AskAsync(db => db.Set<AddressClaim>().ToListAsync())).ServerId);
        Assert.Single(await registry.AskAsync(db => db.Set<ListedSpell>().ToListAsync()));
    }

    private static TimeSpan Slots(int count) => TimeSpan.FromSeconds(Short.SlotSeconds * count);

    private static async Task<Registry> StartAsync()
    {
        var registry = await Registry.StartAsync(Short);
        await registry.RunAsync<SchedulePass>();
        return registry;
    }

    private static async Task<Guid> MoveAsync(Registry registry, Guid id, int port, params (string, string)[] settings)
    {
        var version = (await registry.ServerAsync(id)).Version;
        return Assert.IsType<EditResult.Moving>(await registry.DoAsync((ServerEdit act) => act.EditAsync(Registry.Alice, id, version, Registry.Form(port, settings: settings), CancellationToken.None))).NewPlace;
    }

    private static Task<ServerTestResult> TestAsync(Registry registry, Guid place) => registry.DoAsync((ServerTest test) => test.TestAsync(Registry.Alice, place, CancellationToken.None));

    private static async Task<ServerScore> ScoreAsync(Registry registry) =>
        Assert.Single(await registry.DoAsync((IScoreBook book) => book.ScoreAsync(Registry.Start, registry.Time.GetUtcNow(), Short, CancellationToken.None)));

    private static async Task<IReadOnlyList<PastSlot>> SlotsAsync(Registry registry, Guid id) =>
        [.. (await registry.DoAsync((SlotHistory history) => history.ReadAsync([id], Registry.Start.AddDays(-1), Registry.Start.AddDays(60), CancellationToken.None)))[id]];
}
