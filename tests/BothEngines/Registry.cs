using System.Net;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Probing;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Web.Demo.Proxies;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Testing;

/// <summary>
/// A whole registry without its web pages, on this project's engine, with a clock of its own: what the features register, an own data
/// folder, a canary on loopback, and names that a test gives out.
/// </summary>
internal sealed class Registry : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 10, 0, 0, TimeSpan.Zero);

    private readonly List<IAsyncDisposable> _proxies = [];
    private CanaryHost? _canary;
    private bool _hangs;

    private Registry(ServiceProvider services, string folder, FakeTimeProvider time, Names names) => (Services, Folder, Time, Names) = (services, folder, time, names);

    public ServiceProvider Services { get; }

    public string Folder { get; }

    public FakeTimeProvider Time { get; }

    public Names Names { get; }

    public Policy Policy => Services.GetRequiredService<Policy>();

    /// <summary>An operator.</summary>
    public static Guid Alice { get; } = Guid.Parse("a11ce000-0000-4000-8000-000000000001");

    /// <summary>Another one.</summary>
    public static Guid Bob { get; } = Guid.Parse("b0b00000-0000-4000-8000-000000000002");

    /// <summary>Starts an empty registry; settings override the defaults of tests.</summary>
    public static async Task<Registry> StartAsync(Policy? policy = null, params (string Key, string Value)[] settings)
    {
        var registry = await OpenAsync(await Engine.CreateAsync(), Directory.CreateTempSubdirectory("dr-registry-").FullName, new FakeTimeProvider(Start), new Names(), policy, settings);
        await DataServices.MigrateAsync(registry.Services);
        await registry.DoAsync((MoneyDb db) => MoneyDatabase.OpenSiteAsync(db, MoneyDatabase.OpenedAt));
        await registry.DoAsync((KeyFolderCheck check) => check.RunAsync());
        await registry.StartCanaryAsync();
        return registry;
    }

    /// <summary>Another process of the same registry: the same database, keys and clock.</summary>
    public async Task<Registry> JoinAsync(params (string Key, string Value)[] settings)
    {
        var database = Services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        var other = await OpenAsync(database.ConnectionString, Folder, Time, Names, Policy, settings);
        other.Services.GetRequiredService<Targets>().AddLocalCanary(CanaryAddress!);
        return other;
    }

    public HostPort? CanaryAddress { get; private set; }

    /// <summary>Does something with a service in a scope of its own, as a request or a pass would.</summary>
    public async Task<TResult> DoAsync<TService, TResult>(Func<TService, Task<TResult>> work) where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <inheritdoc cref="DoAsync{TService,TResult}"/>
    public async Task DoAsync<TService>(Func<TService, Task> work) where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>One turn of a pass.</summary>
    public Task<int> RunAsync<TPass>() where TPass : class, IPass => DoAsync((TPass pass) => pass.RunAsync(CancellationToken.None));

    /// <summary>Reads from the money database.</summary>
    public Task<TResult> AskAsync<TResult>(Func<MoneyDb, Task<TResult>> question) => DoAsync(question);

    /// <summary>The server as it is stored.</summary>
    public Task<Server> ServerAsync(Guid id) => AskAsync(db => db.Set<Server>().AsNoTracking().SingleAsync(s => s.Id == id));

    /// <summary>A real proxy on loopback.</summary>
    public DemoProxy StartProxy(ProxyTemper temper = ProxyTemper.Good, bool http = false)
    {
        var proxy = new DemoProxy(http ? new ConnectHandshake() : new Socks5Handshake(), TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger.Instance) { Temper = temper };
        _proxies.Add(proxy);
        return proxy;
    }

    /// <summary>Registers a server for an owner.</summary>
    public async Task<Guid> RegisterAsync(Guid owner, int port, string host = "127.0.0.1", string protocol = "socks5") =>
        Assert.IsType<RegistrationResult.Registered>(await DoAsync((ServerRegistration act) =>
            act.RegisterAsync(owner, Form(port, host, protocol), CancellationToken.None))).Id;

    public static ServerForm Form(int port, string host = "127.0.0.1", string protocol = "socks5", params (string Name, string Value)[] settings) => new(
        protocol, "mine", host, port.ToString(System.Globalization.CultureInfo.InvariantCulture), settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal));

    /// <summary>What the owner of a server is told to show.</summary>
    public Task<OwnServer> OpenAsync(Guid owner, Guid id) => DoAsync(async (OwnServers servers) => (await servers.FindAsync(owner, id, CancellationToken.None))!);

    /// <summary>Proves control the short way: a call home from the server's own address.</summary>
    public async Task<HeartbeatResult> CallHomeAsync(Guid owner, Guid id, string from = "127.0.0.1")
    {
        var token = (await OpenAsync(owner, id)).Challenge.HeartbeatToken(id);
        return await DoAsync((Heartbeat act) => act.AcceptAsync(token, IPAddress.Parse(from), CancellationToken.None));
    }

    /// <summary>Registers a server at a proxy and proves control of it.</summary>
    public async Task<Guid> ListAsync(Guid owner, DemoProxy proxy)
    {
        var id = await RegisterAsync(owner, proxy.Port, protocol: proxy.Protocol);
        Assert.Equal(HeartbeatResult.Listed, await CallHomeAsync(owner, id));
        return id;
    }

    /// <summary>
    /// Lets time pass in small steps, with turns of the passes as the scheduler would give them, and then until nothing is under way.
    /// </summary>
    public async Task LiveAsync(TimeSpan duration, params Registry[] others)
    {
        Registry[] all = [this, .. others];
        var turn = 0;
        for (var until = Time.GetUtcNow() + duration; Time.GetUtcNow() < until; turn++)
        {
            if (turn % 4 == 0) foreach (var registry in all) await registry.RunAsync<ProbingPass>();
            await StepAsync(TimeSpan.FromSeconds(1), all);
        }

        await SettleAsync(all);
    }

    /// <summary>Until what has begun is recorded. Nothing new is claimed.</summary>
    public static async Task SettleAsync(params Registry[] all)
    {
        foreach (var registry in all)
        {
            var vantage = registry.Services.GetRequiredService<LocalVantage>();
            for (var patience = 0; vantage.Finishing > 0 && patience < 600; patience++)
            {
                await StepAsync(TimeSpan.FromSeconds(0.5), all);
                while (vantage.NextBatch() is { } batch)
                {
                    await registry.DoAsync((ResultRecorder recorder) => recorder.RecordAsync(batch, CancellationToken.None));
                    vantage.Recorded(batch);
                }
            }
        }
    }

    /// <summary>
    /// A step of the test's clock. Sockets live in real time: a conversation gets enough of it to come to its end before the clock goes on,
    /// also on a busy machine; one that hangs is waited for once.
    /// </summary>
    public static async Task StepAsync(TimeSpan step, params Registry[] all)
    {
        all[0].Time.Advance(step);
        await Task.Delay(1);
        var (limit, waited) = (all[0]._hangs ? 20 : 400, 0);
        for (; waited < limit && all.Any(r => r.IsTalking); waited++) await Task.Delay(1);
        all[0]._hangs = waited == limit;
    }

    private bool IsTalking => Services.GetRequiredService<LocalVantage>().Talking > 0 || Services.GetRequiredService<ControlChecks>().Talking > 0;

    /// <summary>The world goes dark: nothing that the vantage could ask answers any more.</summary>
    public Task StopCanaryAsync() => _canary!.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
        if (_canary is not null) await _canary.DisposeAsync();
        await Services.DisposeAsync();
        if (_canary is null) return; // of a second process, the first one owns the folder
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    private static Task<Registry> OpenAsync(
        string? connection, string folder, FakeTimeProvider time, Names names, Policy? policy, (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Database:Provider"] = Engine.Name, ["Database:ConnectionString"] = connection, ["Database:Folder"] = folder,
            ["Dialing:AllowLoopback"] = "true", ["Probing:TlsTargets"] = "none", ["Canary:Listen"] = "127.0.0.1:0", ["Probing:Telegram"] = "none",
        }.Concat(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).GroupBy(s => s.Key).Select(g => g.Last())).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(time).AddSingleton<INameResolver>(names);
        services.AddData(configuration).AddPlatform(work: false).AddServers(configuration).AddProbing(configuration, work: false).AddScoring(configuration).AddLedger(configuration).AddReview(configuration).AddRounds(configuration);
        services.AddSingleton<ITreasuryFacts>(new FullTreasury());
        if (policy is not null) services.AddSingleton(policy);
        return Task.FromResult(new Registry(services.BuildServiceProvider(validateScopes: true), folder, time, names));
    }

    private async Task StartCanaryAsync()
    {
        _canary = ActivatorUtilities.CreateInstance<CanaryHost>(Services);
        await _canary.StartAsync(CancellationToken.None);
        CanaryAddress = ((DigitalResistance.Prober.Carriage.ProbeTarget.Canary)Services.GetRequiredService<Targets>().ForCheck(DigitalResistance.Prober.Carriage.TargetKind.Anywhere, LocalVantage.Name)[0]).Address;
    }
}

/// <summary>More than any round of these tests needs.</summary>
internal sealed class FullTreasury : ITreasuryFacts
{
    public Task<TreasuryFacts?> ReadAsync(CancellationToken cancellation) => Task.FromResult<TreasuryFacts?>(new("regtest", new string('d', 64), new Sats(100_000_000), 100));

    public Task<Sats?> EstimateFeeAsync(int recipients, Sats paid, int maxRate, CancellationToken cancellation) => Task.FromResult<Sats?>(null);
}

/// <summary>The name system of a test.</summary>
internal sealed class Names : INameResolver
{
    public Dictionary<string, string[]> Addresses { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string[]> Texts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string[]> Reverse { get; } = new(StringComparer.Ordinal);

    public ValueTask<NameLookup> LookUpAsync(HostName host, CancellationToken cancellation) => new(Addresses.TryGetValue(host.Text, out var found)
        ? new NameLookup.Found([.. found.Select(IPAddress.Parse)])
        : new NameLookup.Missing(DigitalResistance.Prober.Failure.NameNotFound));

    public ValueTask<TextLookup> LookUpTextAsync(HostName host, CancellationToken cancellation) => Find(Texts, host.Text);

    public ValueTask<TextLookup> LookUpNamesAsync(IPAddress address, CancellationToken cancellation) => Find(Reverse, address.ToString());

    private static ValueTask<TextLookup> Find(Dictionary<string, string[]> records, string name) => new(records.TryGetValue(name, out var found)
        ? new TextLookup.Found(found)
        : new TextLookup.Missing(DigitalResistance.Prober.Failure.NameNotFound));
}
