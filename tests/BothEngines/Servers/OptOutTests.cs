using System.Net;
using DigitalResistance.Data;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Web.Demo.Proxies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace DigitalResistance.Testing.Servers;

/// <summary>A machine that asks to be left alone is left alone, its operator can take that back, and neither side gains by it.</summary>
public sealed class OptOutTests
{
    private const string Name = "proxy.example.net";

    // Slots of twenty seconds: longer than a process may be behind.
    private static readonly Policy Short = Policy.Standard with { SlotSeconds = 20, WindowSeconds = 100, CanarySharePpm = 1_000_000, Tenure = [new(0, 1_000_000)], Presence = [new(1, 1_000_000)] };

    [Fact]
    public async Task Within_a_slot_the_machine_is_not_contacted_any_more_and_its_server_is_off_the_list()
    {
        await using var registry = await StartAsync();
        await using var web = await registry.JoinAsync(); // the call comes to another process than the one that probes
        await using var proxy = new CountedProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy.Proxy);
        await registry.LiveAsync(Slots(4));
        Assert.True(proxy.Contacts > 1);

        Assert.Equal(OptingOutResult.Noted, await AskAsync(web));
        await registry.LiveAsync(OptedOutMachines.Fresh + TimeSpan.FromSeconds(1));
        var before = proxy.Contacts;
        await registry.LiveAsync(Slots(5));
        Assert.Equal(before, proxy.Contacts);

        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
        var notice = await registry.AskAsync(db => db.Set<Notice>().SingleAsync());
        Assert.Equal((Registry.Alice, NoticeKind.MachineOptedOut, id), (notice.AccountId, notice.Kind, notice.ServerId));
        Assert.Equal(notice.At, (await registry.AskAsync(db => db.Set<ListedSpell>().SingleAsync())).Until);
        var refused = (await SlotsAsync(registry, id)).Where(s => Reasons.Code(s.Record.Reason) == Reasons.OptedOut).ToList();
        Assert.InRange(refused.Count, 1, 3); // what was claimed ahead: two minutes, which here are several slots
        Assert.All(refused, s => Assert.Equal((SlotState.Fail, Prober.Stage.Resolve), (s.Record.State, s.Record.FailedStage)));
    }

    [Fact]
    public async Task A_call_home_takes_it_back_and_probes_go_on()
    {
        await using var registry = await StartAsync();
        await using var proxy = new CountedProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy.Proxy);
        await AskAsync(registry);
        await registry.LiveAsync(Slots(5));
        Assert.Equal((ServerState.Unproven, 0), ((await registry.ServerAsync(id)).State, proxy.Contacts));
        // A token alone does not: the call must come from the machine.
        Assert.Equal(HeartbeatResult.OtherSource, await registry.CallHomeAsync(Registry.Alice, id, "127.0.0.2"));
        Assert.Equal(1, await registry.AskAsync(db => db.Set<OptOut>().CountAsync()));

        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));
        Assert.Equal(0, await registry.AskAsync(db => db.Set<OptOut>().CountAsync()));
        var from = registry.Time.GetUtcNow();
        await registry.LiveAsync(Slots(4));
        Assert.Contains(await SlotsAsync(registry, id), s => s.At > from && s.Record.State == SlotState.Ok);
        Assert.Equal(ServerState.Proven, (await registry.ServerAsync(id)).State);
        Assert.Equal(1, await registry.AskAsync(db => db.Set<Notice>().CountAsync()));
    }

    [Fact]
    public async Task Who_calls_home_before_the_next_slot_loses_nothing()
    {
        await using var registry = await StartAsync();
        await using var proxy = new CountedProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy.Proxy);
        await AskAsync(registry);
        await registry.CallHomeAsync(Registry.Alice, id);
        // What a probe met in between, recorded late: the wish is gone, so nothing follows from it.
        await UnlistAsync(registry, id);
        await registry.LiveAsync(Slots(4));
        Assert.All(await SlotsAsync(registry, id), s => Assert.Equal(SlotState.Ok, s.Record.State));
        Assert.Equal((1, 0), (await registry.AskAsync(db => db.Set<ListedSpell>().CountAsync()), await registry.AskAsync(db => db.Set<Notice>().CountAsync())));
    }

    [Fact]
    public async Task An_outage_of_an_open_round_is_not_hidden_by_it()
    {
        await using var registry = await StartAsync();
        await using var proxy = new CountedProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy.Proxy);
        await registry.LiveAsync(Slots(5));
        proxy.Proxy.Stop();
        await registry.LiveAsync(Slots(5));
        var (now, failed) = (registry.Time.GetUtcNow(), (await SlotsAsync(registry, id)).Count(s => s.Record.State == SlotState.Fail));
        Assert.True(failed > 1);

        await AskAsync(registry);
        await registry.LiveAsync(Slots(6));
        proxy.Proxy.Start();
        await registry.CallHomeAsync(Registry.Alice, id);
        await registry.LiveAsync(Slots(4));

        Assert.True((await SlotsAsync(registry, id)).Count(s => s.At < now && s.Record.State == SlotState.Fail) >= failed);
        Assert.DoesNotContain(await SlotsAsync(registry, id), s => s.Record.State == SlotState.Invalid);
        // Every slot of the time away is missing from presence, and what failed before counts.
        var spells = await registry.AskAsync(db => db.Set<ListedSpell>().OrderBy(s => s.From).ToListAsync());
        Assert.Equal(2, spells.Count);
        var away = spells[1].From - spells[0].Until!.Value;
        Assert.True(away > Slots(3));
        var to = registry.Time.GetUtcNow();
        var standing = Assert.Single(await registry.DoAsync((ScoreBook book) => book.StandingsAsync(Registry.Start, to, Short with { WindowSeconds = 20 }, Registry.Alice, CancellationToken.None)));
        var begun = (await registry.AskAsync(db => db.Set<ScheduleDay>().OrderBy(d => d.Day).FirstAsync())).StartsAt;
        var slots = Enumerable.Range(0, 1000).Select(n => begun + Slots(n)).TakeWhile(at => at < to).ToList();
        var listed = slots.Count(at => spells.Exists(s => s.From <= at && (s.Until is null || at < s.Until)));
        Assert.InRange(slots.Count - listed, 3, 6);
        Assert.Equal(listed * 1_000_000 / slots.Count, standing.PresencePpm);
        Assert.Equal((await SlotsAsync(registry, id)).Count(s => s.Record.State == SlotState.Fail), standing.Availability.Windows.Sum(w => w.Fail));
    }

    [Fact]
    public async Task Proofs_and_tests_do_not_contact_it_and_say_what_to_do()
    {
        await using var registry = await Registry.StartAsync();
        await using var proxy = new CountedProxy();
        proxy.Proxy.Users.Add("own", "secret");
        var id = await registry.RegisterAsync(Registry.Alice, proxy.Proxy.Port);
        await AskAsync(registry);
        foreach (var way in new[] { ProofWay.InProtocol, ProofWay.HttpToken })
        {
            Assert.Equal(ProofFinding.OptedOut, Assert.IsType<ProofResult.NotShown>(await ProveAsync(registry, id, way)).Finding.What);
            Assert.Equal(ProofFinding.OptedOut, (await registry.AskAsync(db => db.Set<ProofAttempt>().SingleAsync(a => a.Way == way))).Finding);
        }

        Assert.IsType<ServerTestResult.OptedOut>(await TestAsync(registry, id));
        Assert.Equal((0, ServerState.Unproven), (proxy.Contacts, (await registry.ServerAsync(id)).State));
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));
        Assert.IsType<ServerTestResult.Done>(await TestAsync(registry, id));
        Assert.Equal(1, proxy.Contacts);
    }

    [Fact]
    public async Task Nobody_may_ask_address_by_address_who_asked_to_be_left_alone()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:AttemptsPerAccountAndDay", "4"));
        var id = await registry.RegisterAsync(Registry.Alice, 1080);
        await AskAsync(registry);
        for (var i = 0; i < 2; i++)
        {
            Assert.IsType<ProofResult.NotShown>(await ProveAsync(registry, id, ProofWay.InProtocol));
            Assert.IsType<ServerTestResult.OptedOut>(await TestAsync(registry, id));
        }

        Assert.IsType<ProofResult.Limited>(await ProveAsync(registry, id, ProofWay.InProtocol));
        Assert.IsType<ServerTestResult.Limited>(await TestAsync(registry, id));
    }

    [Fact]
    public async Task Every_machine_of_a_name_speaks_for_itself()
    {
        await using var registry = await StartAsync();
        registry.Names.Addresses[Name] = ["127.0.0.1", "127.0.0.2"];
        var id = await registry.RegisterAsync(Registry.Alice, 1080, Name);
        await registry.CallHomeAsync(Registry.Alice, id, "127.0.0.1");
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id, "127.0.0.2"));
        await AskAsync(registry, "127.0.0.2");
        await registry.LiveAsync(Slots(4));
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
        Assert.Equal(HeartbeatResult.More, await registry.CallHomeAsync(Registry.Alice, id, "127.0.0.1"));
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id, "127.0.0.2"));
    }

    [Theory]
    [InlineData("::ffff:93.184.216.34", "93.184.216.34", "93.184.216.35")]
    [InlineData("2606:2800:220:1::1", "2606:2800:220:1::1", "2606:2800:220:1::2")] // one customer of a /64 does not speak for the others
    public async Task It_is_for_one_address_in_whatever_spelling(string from, string same, string other)
    {
        await using var registry = await Registry.StartAsync();
        Assert.Equal(OptingOutResult.Noted, await AskAsync(registry, from));
        Assert.IsType<ServerLookup.OptedOut>(await LookUpAsync(registry, same));
        Assert.IsType<ServerLookup.Found>(await LookUpAsync(registry, other));
        var row = await registry.AskAsync(db => db.Set<OptOut>().SingleAsync());
        Assert.Equal((16, registry.Time.GetUtcNow()), (row.Machine.Length, row.At));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.1")]
    [InlineData("::ffff:192.168.1.1")]
    [InlineData("fe80::1")]
    public async Task A_source_that_says_nothing_proves_nothing(string? from)
    {
        await using var registry = await Registry.StartAsync();
        Assert.Equal(OptingOutResult.HiddenSource, await AskAsync(registry, from));
        Assert.Equal(0, await registry.AskAsync(db => db.Set<OptOut>().CountAsync()));
    }

    [Fact]
    public async Task An_address_asks_once_a_day_whatever_came_of_it()
    {
        await using var registry = await Registry.StartAsync();
        var id = await registry.RegisterAsync(Registry.Alice, 1080);
        var calls = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(registry)));
        Assert.Equal((1, 7), (calls.Count(c => c == OptingOutResult.Noted), calls.Count(c => c == OptingOutResult.CalledAlready)));
        // Taken back or not, the answer is the same: it does not tell whether there is an operator.
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));
        Assert.Equal(OptingOutResult.CalledAlready, await AskAsync(registry));
        Assert.Equal(0, await registry.AskAsync(db => db.Set<OptOut>().CountAsync()));
        registry.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(OptingOutResult.Noted, await AskAsync(registry));
    }

    [Theory]
    [InlineData("Servers:OptOutsPerNetworkAndHour", "93.184.216.3", "93.184.217.1")]
    [InlineData("Servers:OptOutsPerMinute", "8.8.8.8", null)]
    public async Task Too_many_calls_are_refused_and_cost_the_refused_nothing(string limit, string refused, string? free)
    {
        await using var registry = await Registry.StartAsync(null, (limit, "2"));
        Assert.Equal(OptingOutResult.Noted, await AskAsync(registry, "93.184.216.1"));
        Assert.Equal(OptingOutResult.Noted, await AskAsync(registry, "93.184.216.2"));
        Assert.Equal(OptingOutResult.Limited, await AskAsync(registry, refused));
        if (free is not null) Assert.Equal(OptingOutResult.Noted, await AskAsync(registry, free));
        registry.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OptingOutResult.Noted, await AskAsync(registry, refused));
    }

    [Fact]
    public async Task A_server_may_call_home_often_and_not_without_end()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:CallsHomePerHour", "3"), ("Servers:AttemptsPerAccountAndDay", "1"));
        var id = await registry.RegisterAsync(Registry.Alice, 1080);
        for (var i = 0; i < 3; i++) Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));
        Assert.Equal(HeartbeatResult.Limited, await registry.CallHomeAsync(Registry.Alice, id));
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, await registry.RegisterAsync(Registry.Alice, 1081)));
        registry.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));
    }

    [Fact]
    public async Task Several_processes_that_met_it_at_once_take_the_server_off_once()
    {
        await using var registry = await Registry.StartAsync();
        await using var other = await registry.JoinAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await AskAsync(registry);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => UnlistAsync(i % 2 == 0 ? registry : other, id)));
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
        Assert.Equal(1, await registry.AskAsync(db => db.Set<Notice>().CountAsync()));
    }

    [Fact]
    public async Task Results_that_were_stored_by_a_process_that_died_then_are_still_acted_on()
    {
        await using var registry = await Registry.StartAsync();
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await AskAsync(registry);
        var machine = await registry.DoAsync((KeyedTags tags) => Task.FromResult(tags.Machine(IPAddress.Loopback)));
        var record = new SlotRecord(SlotState.Fail, (byte)Prober.Stage.Resolve, true, Reasons.Number(Reasons.OptedOut), 0, 0);
        var batch = new Unrecorded(Guid.CreateVersion7(), [new(id, Registry.Start.ToUnixTimeSeconds(), 0, record, []) { OptedOut = machine }]);
        var number = (await registry.DoAsync((ProbesDb probes) => registry.DoAsync((ServerNumbers numbers) => numbers.OfAsync(probes, [id], CancellationToken.None))))[id];
        await registry.DoAsync((ProbesDb probes) => RawResults.Of(probes).SaveAsync(
            new(batch.Id, [new RawResult(number, LocalVantage.Number, Registry.Start.ToUnixTimeSeconds(), 0, record)], []), Registry.Start, CancellationToken.None));
        Assert.Equal(ServerState.Proven, (await registry.ServerAsync(id)).State);

        for (var i = 0; i < 2; i++) await registry.DoAsync((ResultRecorder recorder) => recorder.RecordAsync(batch, CancellationToken.None));
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
        Assert.Equal(1, await registry.AskAsync(db => db.Set<Notice>().CountAsync()));
    }

    [Fact]
    public async Task Of_calls_at_the_same_moment_one_is_the_last_and_the_server_stands_as_it_says()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:OptOutsPerAddressAndDay", "100"));
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            if (i % 3 == 0) await AskAsync(registry);
            else if (i % 3 == 1) await UnlistAsync(registry, id);
            else Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));
        })));
        Assert.Equal((await registry.ServerAsync(id)).State == ServerState.Proven ? 1 : 0, await registry.AskAsync(db => db.Set<ListedSpell>().CountAsync(s => s.Until == null)));
        await registry.CallHomeAsync(Registry.Alice, id);
        await UnlistAsync(registry, id);
        Assert.Equal((ServerState.Proven, 0), ((await registry.ServerAsync(id)).State, await registry.AskAsync(db => db.Set<OptOut>().CountAsync())));
    }

    private static async Task<Registry> StartAsync()
    {
        var registry = await Registry.StartAsync(Short);
        await registry.RunAsync<SchedulePass>();
        return registry;
    }

    private static TimeSpan Slots(int count) => TimeSpan.FromSeconds(20 * count);

    private static Task<OptingOutResult> AskAsync(Registry registry, string? from = "127.0.0.1") =>
        registry.DoAsync((OptingOut act) => act.AcceptAsync(from is null ? null : IPAddress.Parse(from), CancellationToken.None));

    private static Task UnlistAsync(Registry registry, Guid id) => registry.DoAsync((OptedOutServers act) =>
        registry.DoAsync((KeyedTags tags) => act.RecordAsync([(id, tags.Machine(IPAddress.Loopback))], CancellationToken.None)));

    private static Task<ProofResult> ProveAsync(Registry registry, Guid id, ProofWay way) =>
        registry.DoAsync((ControlProofs act) => act.ProveAsync(Registry.Alice, id, way, false, CancellationToken.None));

    private static Task<ServerTestResult> TestAsync(Registry registry, Guid id) => registry.DoAsync((ServerTest act) => act.TestAsync(Registry.Alice, id, CancellationToken.None));

    private static Task<ServerLookup> LookUpAsync(Registry registry, string host) =>
        registry.DoAsync((ServerAddresses addresses) => addresses.OfAsync(new ServerEndpoint(host, 1080, new Dictionary<string, string>(StringComparer.Ordinal)), CancellationToken.None));

    private static async Task<IReadOnlyList<PastSlot>> SlotsAsync(Registry registry, Guid id) =>
        [.. (await registry.DoAsync((SlotHistory history) => history.ReadAsync([id], Registry.Start, Registry.Start.AddHours(1), CancellationToken.None)))[id]];

    /// <summary>A real proxy that counts who connects to it.</summary>
    private sealed class CountedProxy : IProxyHandshake, IAsyncDisposable
    {
        private readonly Socks5Handshake _handshake = new();
        private int _contacts;

        public CountedProxy() => Proxy = new DemoProxy(this, TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger.Instance);

        public DemoProxy Proxy { get; }

        public int Contacts => Volatile.Read(ref _contacts);

        public string Protocol => _handshake.Protocol;

        public Task<ProxyRequest?> ReadAsync(Stream client, ProxyUsers users, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _contacts);
            return _handshake.ReadAsync(client, users, cancellation);
        }

        public Task AnswerAsync(Stream client, bool reached, CancellationToken cancellation) => _handshake.AnswerAsync(client, reached, cancellation);

        public ValueTask DisposeAsync() => Proxy.DisposeAsync();
    }
}
