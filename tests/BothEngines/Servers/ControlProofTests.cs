using System.Net;
using System.Net.Sockets;
using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Web.Demo.Proxies;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Servers;

/// <summary>The four ways to prove control, and what they must not let through.</summary>
public sealed class ControlProofTests
{
    private const string Name = "proxy.example.net";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Minted_credentials_prove_control_once_they_are_installed(bool http)
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy(http: http);
        proxy.Users.Add("own", "secret");
        var id = await registry.RegisterAsync(Registry.Alice, proxy.Port, protocol: proxy.Protocol);
        Assert.Equal(ProofFinding.MintedRefused, await NotShownAsync(registry, id, ProofWay.InProtocol));
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);

        var minted = (await registry.OpenAsync(Registry.Alice, id)).Challenge.Minted;
        proxy.Users.Add(minted["username"], minted["password"]);
        var shown = Assert.IsType<ProofResult.Shown>(await ProveAsync(registry, id, ProofWay.InProtocol, keepMinted: true));
        Assert.IsType<ClaimResult.Listed>(shown.Then);
        Assert.Equal(ServerState.Proven, (await registry.ServerAsync(id)).State);
        Assert.Equal(minted, (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Settings);
    }

    [Fact]
    public async Task An_open_server_is_nobodys_inside_the_protocol()
    {
        await using var registry = await Registry.StartAsync();
        var id = await registry.RegisterAsync(Registry.Alice, registry.StartProxy().Port);
        await NotShownAsync(registry, id, ProofWay.InProtocol);
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
    }

    [Fact]
    public async Task A_call_home_proves_the_address_that_it_comes_from()
    {
        await using var registry = await Registry.StartAsync();
        registry.Names.Addresses[Name] = ["93.184.216.34"];
        var id = await registry.RegisterAsync(Registry.Alice, 1080, Name);
        Assert.Equal(HeartbeatResult.OtherSource, await registry.CallHomeAsync(Registry.Alice, id, "93.184.216.35"));
        Assert.Equal(HeartbeatResult.HiddenSource, await registry.CallHomeAsync(Registry.Alice, id, "10.0.0.1"));
        var found = await registry.AskAsync(db => db.Set<ProofAttempt>().SingleAsync());
        Assert.Equal((ProofWay.CallHome, ProofFinding.HiddenSource), (found.Way, found.Finding));
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id, "::ffff:93.184.216.34"));
        Assert.Equal(ServerState.Proven, (await registry.ServerAsync(id)).State);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("00000000000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_token_of_nobody_is_unknown(string token)
    {
        await using var registry = await Registry.StartAsync();
        await registry.RegisterAsync(Registry.Alice, 1080);
        Assert.Equal(HeartbeatResult.UnknownToken, await registry.DoAsync((Heartbeat act) => act.AcceptAsync(token, IPAddress.Loopback, CancellationToken.None)));
    }

    [Fact]
    public async Task The_right_server_with_the_wrong_secret_is_unknown_too()
    {
        await using var registry = await Registry.StartAsync();
        var id = await registry.RegisterAsync(Registry.Alice, 1080);
        var token = id.ToString("N") + new string('a', 32);
        Assert.Equal(HeartbeatResult.UnknownToken, await registry.DoAsync((Heartbeat act) => act.AcceptAsync(token, IPAddress.Loopback, CancellationToken.None)));
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
    }

    [Fact]
    public async Task A_token_on_a_web_server_proves_control()
    {
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        var port = ((IPEndPoint)web.LocalEndpoint).Port;
        await using var registry = await Registry.StartAsync(null, ("Servers:HttpProofPort", port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var id = await registry.RegisterAsync(Registry.Alice, 1080);
        var challenge = (await registry.OpenAsync(Registry.Alice, id)).Challenge;

        var answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        var asked = new List<string>();
        var serving = ServeAsync();
        Assert.Equal(ProofFinding.OtherStatus, await NotShownAsync(registry, id, ProofWay.HttpToken));
        answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        Assert.Equal(ProofFinding.OtherContent, await NotShownAsync(registry, id, ProofWay.HttpToken));
        answer = $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        Assert.Equal(ProofFinding.OtherStatus, await NotShownAsync(registry, id, ProofWay.HttpToken));
        answer = $"HTTP/1.1 200 OK\r\nContent-Length: {challenge.HttpToken.Length + 1}\r\nConnection: close\r\n\r\n{challenge.HttpToken}\n";
        Assert.IsType<ClaimResult.Listed>(Assert.IsType<ProofResult.Shown>(await ProveAsync(registry, id, ProofWay.HttpToken)).Then);
        web.Stop();
        await serving;
        Assert.All(asked, line => Assert.Equal($"GET {challenge.HttpPath} HTTP/1.1", line));

        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await web.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
                    asked.Add((await reader.ReadLineAsync())!);
                    while (await reader.ReadLineAsync() is { Length: > 0 })
                    {
                    }

                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
            }
        }
    }

    [Fact]
    public async Task A_record_proves_control_only_where_the_address_leads_back_to_the_name()
    {
        await using var registry = await Registry.StartAsync();
        registry.Names.Addresses[Name] = ["127.0.0.1"];
        var id = await registry.RegisterAsync(Registry.Alice, 1080, Name);
        var challenge = (await registry.OpenAsync(Registry.Alice, id)).Challenge;
        Assert.Equal(ProofFinding.NoRecord, await NotShownAsync(registry, id, ProofWay.DnsRecord));
        registry.Names.Texts[$"{challenge.DnsLabel}.{Name}"] = ["something"];
        Assert.Equal(ProofFinding.OtherRecord, await NotShownAsync(registry, id, ProofWay.DnsRecord));
        registry.Names.Texts[$"{challenge.DnsLabel}.{Name}"] = ["something", challenge.DnsValue];
        // Anybody may point a name at anybody's machine: so far only the name is proven.
        Assert.Equal(ProofFinding.NoReverseName, await NotShownAsync(registry, id, ProofWay.DnsRecord));
        registry.Names.Reverse["127.0.0.1"] = ["other.example.net"];
        Assert.Equal(ProofFinding.NoReverseName, await NotShownAsync(registry, id, ProofWay.DnsRecord));
        registry.Names.Reverse["127.0.0.1"] = [Name];
        Assert.IsType<ClaimResult.Listed>(Assert.IsType<ProofResult.Shown>(await ProveAsync(registry, id, ProofWay.DnsRecord)).Then);
    }

    [Fact]
    public async Task A_server_given_by_address_has_no_name_to_put_a_record_below()
    {
        await using var registry = await Registry.StartAsync();
        Assert.Equal(ProofFinding.NoName, await NotShownAsync(registry, await registry.RegisterAsync(Registry.Alice, 1080), ProofWay.DnsRecord));
    }

    [Fact]
    public async Task Every_address_of_a_name_must_be_proven()
    {
        await using var registry = await Registry.StartAsync();
        registry.Names.Addresses[Name] = ["127.0.0.1", "127.0.0.2"];
        var id = await registry.RegisterAsync(Registry.Alice, 1080, Name);
        Assert.Equal(HeartbeatResult.More, await registry.CallHomeAsync(Registry.Alice, id, "127.0.0.1"));
        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id, "127.0.0.2"));
    }

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("169.254.169.254")]
    public async Task A_name_that_leads_to_a_private_address_is_not_contacted(string address)
    {
        await using var registry = await Registry.StartAsync();
        registry.Names.Addresses[Name] = ["127.0.0.1", address];
        var id = await registry.RegisterAsync(Registry.Alice, 1080, Name);
        Assert.Equal(ProofFinding.NameFailed, await NotShownAsync(registry, id, ProofWay.InProtocol));
        Assert.Equal("address_forbidden", (await registry.AskAsync(db => db.Set<ProofAttempt>().SingleAsync())).Failure);
    }

    [Fact]
    public async Task A_name_that_is_pointed_elsewhere_after_the_proof_takes_the_server_off_the_list()
    {
        await using var registry = await Registry.StartAsync(Policy.Standard with { SlotSeconds = 20, WindowSeconds = 100, CanarySharePpm = 1_000_000 });
        await registry.RunAsync<SchedulePass>();
        registry.Names.Addresses[Name] = ["127.0.0.1"];
        var id = await registry.RegisterAsync(Registry.Alice, registry.StartProxy().Port, Name);
        await registry.CallHomeAsync(Registry.Alice, id);
        registry.Names.Addresses[Name] = ["127.0.0.2"];
        await registry.LiveAsync(TimeSpan.FromSeconds(100));

        Assert.Equal(ServerState.Unproven, (await registry.ServerAsync(id)).State);
        Assert.Equal(NoticeKind.AddressMoved, (await registry.AskAsync(db => db.Set<Notice>().SingleAsync())).Kind);
        Assert.NotNull((await registry.AskAsync(db => db.Set<ListedSpell>().SingleAsync())).Until);
        var slots = (await registry.DoAsync((SlotHistory history) => history.ReadAsync([id], Registry.Start, Registry.Start.AddHours(1), CancellationToken.None)))[id];
        Assert.Contains(slots, s => Reasons.Code(s.Record.Reason) == Reasons.AddressUnproven);
        Assert.DoesNotContain(slots, s => s.Record.State == SlotState.Ok);
    }

    [Fact]
    public async Task A_held_address_passes_over_after_its_time_unless_its_holder_answers()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy();
        var first = await registry.ListAsync(Registry.Alice, proxy);
        var second = await registry.RegisterAsync(Registry.Bob, proxy.Port);
        Assert.Equal(HeartbeatResult.Waiting, await registry.CallHomeAsync(Registry.Bob, second));
        Assert.Equal(HeartbeatResult.Waiting, await registry.CallHomeAsync(Registry.Bob, second));
        Assert.Equal((ServerState.Proven, ServerState.Contesting), await StatesAsync(registry, first, second));
        var notice = await registry.AskAsync(db => db.Set<Notice>().SingleAsync()); // told once
        Assert.Equal((Registry.Alice, NoticeKind.AddressContested, (DateTimeOffset?)Registry.Start.AddHours(72)), (notice.AccountId, notice.Kind, notice.DueAt));

        registry.Time.Advance(TimeSpan.FromHours(71));
        Assert.Equal(0, await registry.RunAsync<TakeoverPass>());
        registry.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await Task.WhenAll(registry.RunAsync<TakeoverPass>(), registry.RunAsync<TakeoverPass>())).Sum());
        Assert.Equal((ServerState.Unproven, ServerState.Proven), await StatesAsync(registry, first, second));
        Assert.Equal(
            [(Registry.Alice, NoticeKind.AddressContested), (Registry.Alice, NoticeKind.AddressLost), (Registry.Bob, NoticeKind.AddressWon)],
            (await registry.AskAsync(db => db.Set<Notice>().ToListAsync())).Select(n => (n.AccountId, n.Kind)).OrderBy(n => n.AccountId).ThenBy(n => n.Kind));
    }

    [Fact]
    public async Task A_holder_who_proves_again_keeps_the_address()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy();
        var first = await registry.ListAsync(Registry.Alice, proxy);
        var second = await registry.RegisterAsync(Registry.Bob, proxy.Port);
        await registry.CallHomeAsync(Registry.Bob, second);
        registry.Time.Advance(TimeSpan.FromHours(70));
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, first));
        registry.Time.Advance(TimeSpan.FromHours(10));
        Assert.Equal(0, await registry.RunAsync<TakeoverPass>());
        Assert.Equal((ServerState.Proven, ServerState.Unproven), await StatesAsync(registry, first, second));
        Assert.Equal(1, await registry.AskAsync(db => db.Set<Notice>().CountAsync(n => n.AccountId == Registry.Bob && n.Kind == NoticeKind.AddressKeptByHolder)));
        Assert.Equal(1, await registry.AskAsync(db => db.Set<ListedSpell>().CountAsync()));
    }

    [Fact]
    public async Task An_owner_who_registers_his_address_anew_waits_for_nobody()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy();
        var first = await registry.ListAsync(Registry.Alice, proxy);
        var second = await registry.ListAsync(Registry.Alice, proxy);
        Assert.Equal((ServerState.Unproven, ServerState.Proven), await StatesAsync(registry, first, second));
        Assert.Equal(0, await registry.AskAsync(db => db.Set<Notice>().CountAsync()));
    }

    [Fact]
    public async Task Of_many_proofs_at_once_one_server_gets_the_address()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy();
        var (first, second) = (await registry.RegisterAsync(Registry.Alice, proxy.Port), await registry.RegisterAsync(Registry.Bob, proxy.Port));
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? registry.CallHomeAsync(Registry.Alice, first) : registry.CallHomeAsync(Registry.Bob, second)));
        Assert.All(results, r => Assert.True(r is HeartbeatResult.Listed or HeartbeatResult.Waiting));
        Assert.Equal(1, await registry.AskAsync(db => db.Set<AddressClaim>().CountAsync(c => c.PassesAt == null)));
        Assert.Equal(1, await registry.AskAsync(db => db.Set<Server>().CountAsync(s => s.State == ServerState.Proven)));
        Assert.Equal(1, await registry.AskAsync(db => db.Set<ListedSpell>().CountAsync(s => s.Until == null)));
    }

    [Fact]
    public async Task An_unproven_address_is_contacted_a_few_times_a_day_whoever_asks()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy(ProxyTemper.Good);
        proxy.Users.Add("own", "secret");
        var owners = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToList();
        var granted = 0;
        foreach (var owner in owners)
        {
            var id = await registry.RegisterAsync(owner, proxy.Port);
            for (var i = 0; i < 5; i++)
            {
                var result = i % 2 == 0
                    ? await registry.DoAsync((ControlProofs act) => act.ProveAsync(owner, id, ProofWay.InProtocol, false, CancellationToken.None)) is ProofResult.NotShown
                    : await registry.DoAsync((ServerTest act) => act.TestAsync(owner, id, CancellationToken.None)) is ServerTestResult.Done;
                if (result) granted++;
            }
        }

        Assert.InRange(granted, 8, 12);
        registry.Time.Advance(TimeSpan.FromDays(1));
        var again = await registry.RegisterAsync(Registry.Bob, proxy.Port);
        Assert.IsType<ProofResult.NotShown>(await registry.DoAsync((ControlProofs act) => act.ProveAsync(Registry.Bob, again, ProofWay.InProtocol, false, CancellationToken.None)));
    }

    [Fact]
    public async Task Limits_hold_when_many_ask_at_once()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:TestsPerHour", "5"));
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => registry.DoAsync((ServerTest act) => act.TestAsync(Registry.Alice, id, CancellationToken.None))));
        Assert.Equal(5, results.Count(r => r is ServerTestResult.Done { Record.State: SlotState.Ok }));
        Assert.Equal(7, results.Count(r => r is ServerTestResult.Limited { Limit: LimitResult.Yours }));
        Assert.Equal(5, await registry.DoAsync((ProbesDb db) => db.Set<ExtraProbe>().CountAsync()));
    }

    [Fact]
    public async Task A_megabyte_goes_through_proven_servers_only_and_a_few_times_a_day()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:DownloadsPerAccountAndDay", "2"), ("Servers:DownloadsPerDay", "3"));
        var unproven = await registry.RegisterAsync(Registry.Alice, registry.StartProxy().Port);
        Assert.IsType<ServerTestResult.NotProven>(await MeasureAsync(Registry.Alice, unproven));
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        Assert.IsType<ServerTestResult.NotFound>(await MeasureAsync(Registry.Bob, id));

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => MeasureAsync(Registry.Alice, id)));
        var done = results.OfType<ServerTestResult.Done>().ToList();
        Assert.Equal(2, done.Count);
        Assert.All(done, d => Assert.Equal((SlotState.Ok, true), (d.Record.State, d.Sight.Throughput > 0)));
        Assert.Equal(4, results.Count(r => r is ServerTestResult.Limited { Limit: LimitResult.Yours }));

        var other = await registry.ListAsync(Registry.Bob, registry.StartProxy());
        Assert.IsType<ServerTestResult.Done>(await MeasureAsync(Registry.Bob, other));
        Assert.Equal(LimitResult.Shared, Assert.IsType<ServerTestResult.Limited>(await MeasureAsync(Registry.Bob, other)).Limit);
        registry.Time.Advance(TimeSpan.FromDays(1));
        Assert.IsType<ServerTestResult.Done>(await MeasureAsync(Registry.Bob, other));

        Task<ServerTestResult> MeasureAsync(Guid owner, Guid server) => registry.DoAsync((ServerTest act) => act.MeasureAsync(owner, server, CancellationToken.None));
    }

    [Fact]
    public async Task Where_a_registry_can_spare_nothing_no_megabyte_is_offered()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:DownloadsPerDay", "0"));
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy());
        Assert.IsType<ServerTestResult.NoTargets>(await registry.DoAsync((ServerTest act) => act.MeasureAsync(Registry.Alice, id, CancellationToken.None)));
    }

    [Fact]
    public async Task The_whole_registry_makes_so_many_attempts_a_minute()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:AttemptsPerMinute", "2"));
        var id = await registry.ListAsync(Registry.Alice, registry.StartProxy()); // a call home contacts nobody and takes none
        for (var i = 0; i < 2; i++) Assert.IsType<ServerTestResult.Done>(await TestAsync());
        Assert.Equal(LimitResult.Shared, Assert.IsType<ServerTestResult.Limited>(await TestAsync()).Limit);
        registry.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<ServerTestResult.Done>(await TestAsync());

        Task<ServerTestResult> TestAsync() => registry.DoAsync((ServerTest act) => act.TestAsync(Registry.Alice, id, CancellationToken.None));
    }

    [Fact]
    public async Task Old_instructions_prove_nothing_and_new_ones_replace_them()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy();
        var id = await registry.RegisterAsync(Registry.Alice, proxy.Port);
        var old = (await registry.OpenAsync(Registry.Alice, id)).Challenge;
        registry.Time.Advance(TimeSpan.FromDays(7));
        Assert.IsType<ProofResult.Expired>(await ProveAsync(registry, id, ProofWay.InProtocol));
        Assert.Equal(HeartbeatResult.Expired, await registry.CallHomeAsync(Registry.Alice, id));
        Assert.False(await registry.DoAsync((ChallengeRenewal act) => act.RenewAsync(Registry.Bob, id, CancellationToken.None)));
        Assert.True(await registry.DoAsync((ChallengeRenewal act) => act.RenewAsync(Registry.Alice, id, CancellationToken.None)));
        Assert.Equal(HeartbeatResult.UnknownToken, await registry.DoAsync((Heartbeat act) => act.AcceptAsync(old.HeartbeatToken(id), IPAddress.Loopback, CancellationToken.None)));
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Alice, id));
    }

    [Theory]
    [InlineData(ProofWay.InProtocol)]
    [InlineData(ProofWay.HttpToken)]
    [InlineData(ProofWay.DnsRecord)]
    public async Task Somebody_elses_server_is_no_server(ProofWay way)
    {
        await using var registry = await Registry.StartAsync();
        var id = await registry.RegisterAsync(Registry.Alice, 1080);
        Assert.IsType<ProofResult.NotFound>(await registry.DoAsync((ControlProofs act) => act.ProveAsync(Registry.Bob, id, way, false, CancellationToken.None)));
        Assert.IsType<ServerTestResult.NotFound>(await registry.DoAsync((ServerTest act) => act.TestAsync(Registry.Bob, id, CancellationToken.None)));
        Assert.Equal(0, await registry.AskAsync(db => db.Set<UsageCount>().CountAsync()));
    }

    private static Task<ProofResult> ProveAsync(Registry registry, Guid id, ProofWay way, bool keepMinted = false) =>
        registry.DoAsync((ControlProofs act) => act.ProveAsync(Registry.Alice, id, way, keepMinted, CancellationToken.None));

    private static async Task<ProofFinding> NotShownAsync(Registry registry, Guid id, ProofWay way)
    {
        var finding = Assert.IsType<ProofResult.NotShown>(await ProveAsync(registry, id, way)).Finding.What;
        Assert.Equal(finding, await registry.AskAsync(db => db.Set<ProofAttempt>().Where(a => a.ServerId == id && a.Way == way).Select(a => a.Finding).SingleAsync()));
        return finding;
    }

    private static async Task<(ServerState, ServerState)> StatesAsync(Registry registry, Guid first, Guid second) =>
        ((await registry.ServerAsync(first)).State, (await registry.ServerAsync(second)).State);
}
