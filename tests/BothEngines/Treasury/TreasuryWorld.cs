using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Scoring;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Testing.Treasury;

/// <summary>A treasury on the sandbox chain with a database of its own, wired as the product wires it; each <c>Do</c> is a request of its own.</summary>
internal sealed class TreasuryWorld : IAsyncDisposable
{
    private readonly MoneyDatabase _database;
    private readonly (string Key, string Value)[] _settings;
    private readonly bool _isReplica;

    private TreasuryWorld(MoneyDatabase database, (string Key, string Value)[] settings, TreasuryWorld? first = null)
    {
        (_database, _settings, _isReplica) = (database, settings, first is not null);
        if (first is not null) Time = first.Time;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bitcoin:Network"] = "regtest", ["Bitcoin:Backend"] = "sandbox", ["Bitcoin:Confirmations"] = "2", ["Bitcoin:FinalConfirmations"] = "4", ["Bitcoin:LookAhead"] = "5",
        }).AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(Policy.Standard);
        services.AddScoped<MoneyDb>(_ => _database.Open());
        services.Configure<DatabaseOptions>(options => options.Folder = _database.Folder);
        services.AddPlatform(work: false).AddTreasury(configuration).AddLedger(configuration).AddPayouts(configuration).AddMoves(configuration);
        if (first is not null) services.AddSingleton(first.Chain);
        if (configuration["Bitcoin:Backend"] == "sandbox") services.AddSingleton<IChain>(provider => new FaultyChain(provider.GetRequiredService<SandboxChain>()));
        Provider = services.BuildServiceProvider(validateScopes: true);
        if (first is null) Provider.GetService<SandboxChain>()?.Mine(3);
    }

    /// <summary>An empty treasury on this project's engine; settings override the defaults of tests.</summary>
    public static async Task<TreasuryWorld> CreateAsync(params (string Key, string Value)[] settings) => new(await MoneyDatabase.CreateAsync(), settings);

    /// <summary>The same on a database of the test's choice.</summary>
    public static TreasuryWorld On(MoneyDatabase database, params (string Key, string Value)[] settings) => new(database, settings);

    /// <summary>Another process of the same registry: the same database, folder, clock and sandbox chain, and nothing else in common. To be disposed of first.</summary>
    public TreasuryWorld Join(params (string Key, string Value)[] settings) => new(_database, [.. _settings.ExceptBy(settings.Select(s => s.Key), s => s.Key), .. settings], this);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2018, 4, 30, 12, 0, 0, TimeSpan.Zero));

    public ServiceProvider Provider { get; }

    public FaultyChain Faults => (FaultyChain)Provider.GetRequiredService<IChain>();

    public SandboxChain Chain => Provider.GetRequiredService<SandboxChain>();

    public async Task<T> Do<TService, T>(Func<TService, Task<T>> act) where TService : notnull
    {
        await using var scope = Provider.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    public Task<T> Read<T>(Func<MoneyDb, Task<T>> query) => Do(query);

    public async Task AdoptAsync(string descriptor = TestTreasuries.TwoOfThree) =>
        Assert.IsType<AdoptionResult.Adopted>(await Do((TreasuryAdoption act) => act.AdoptAsync(descriptor, null, default)));

    public async Task<DonationReceipt> DonateAsync()
    {
        var token = Assert.IsType<DonationResult.Opened>(await Do((DonationOpening act) => act.OpenAsync(DonationOpening.NewToken(), default))).Token;
        return (await ReceiptAsync(token))!;
    }

    public Task<DonationReceipt?> ReceiptAsync(string token) => Do((DonationReceipts query) => query.FindAsync(token, default));

    public Task<int> FollowAsync() => Do((ChainPass pass) => pass.RunAsync(default));

    public Task<int> SealAsync() => Do((SealingPass pass) =>
    {
        if (Provider.GetRequiredService<IChain>() is FaultyChain { Outages: { } outages }) pass.BeforeStep = outages.Between;
        return pass.RunAsync(default);
    });

    public async Task<string[]> LedgerAsync() =>
        [.. (await Read(db => db.Set<LedgerEntry>().OrderBy(e => e.Id).ToListAsync())).Select(e => System.Text.Encoding.ASCII.GetString(e.Bytes))];

    public async Task<string[]> LedgerTypesAsync() => [.. await Read(db => db.Set<LedgerEntry>().OrderBy(e => e.Id).Select(e => e.Type).ToArrayAsync())];

    public async ValueTask DisposeAsync()
    {
        await Provider.DisposeAsync();
        if (!_isReplica) await _database.DisposeAsync();
    }
}
