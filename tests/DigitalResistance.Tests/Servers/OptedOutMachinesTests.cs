using DigitalResistance.Data;
using DigitalResistance.Servers;
using DigitalResistance.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DigitalResistance.Tests.Servers;

/// <summary>What a process knows of machines that asked to be left alone, and what it does while it cannot know.</summary>
public sealed class OptedOutMachinesTests
{
    private static readonly byte[] One = [.. Enumerable.Repeat((byte)1, 16)], Two = [.. Enumerable.Repeat((byte)2, 16)];

    [Fact]
    public async Task It_is_read_again_after_seconds_and_at_once_when_told_to_forget()
    {
        await using var registry = await Registry.StartAsync();
        var machines = new OptedOutMachines(registry.Services.GetRequiredService<IServiceScopeFactory>(), registry.Time, NullLogger<OptedOutMachines>.Instance);
        Assert.False(await machines.HasAsync(One, default));
        await AddAsync(registry, One);
        Assert.False(await machines.HasAsync(One, default));
        registry.Time.Advance(OptedOutMachines.Fresh);
        Assert.True(await machines.HasAsync(One, default));
        await AddAsync(registry, Two);
        machines.Forget();
        Assert.True(await machines.HasAsync(Two, default));
        Assert.True(OptedOutMachines.Fresh < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task While_the_database_is_away_what_was_known_counts_and_nothing_is_guessed()
    {
        await using var registry = await Registry.StartAsync();
        var scopes = new Breakable(registry.Services.GetRequiredService<IServiceScopeFactory>()) { IsBroken = true };
        var machines = new OptedOutMachines(scopes, registry.Time, NullLogger<OptedOutMachines>.Instance);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await machines.HasAsync(One, default));

        scopes.IsBroken = false;
        await AddAsync(registry, One);
        Assert.True(await machines.HasAsync(One, default));
        scopes.IsBroken = true;
        await AddAsync(registry, Two);
        registry.Time.Advance(TimeSpan.FromHours(1));
        Assert.True(await machines.HasAsync(One, default));
        Assert.False(await machines.HasAsync(Two, default));
        scopes.IsBroken = false;
        registry.Time.Advance(OptedOutMachines.Fresh);
        Assert.True(await machines.HasAsync(Two, default));
    }

    [Fact]
    public async Task Many_who_ask_at_once_read_once()
    {
        await using var registry = await Registry.StartAsync();
        var scopes = new Breakable(registry.Services.GetRequiredService<IServiceScopeFactory>());
        var machines = new OptedOutMachines(scopes, registry.Time, NullLogger<OptedOutMachines>.Instance);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => machines.HasAsync(One, default).AsTask()));
        Assert.Equal(1, scopes.Opened);
    }

    /// <summary>Every contact with a server starts from the addresses that may be contacted.</summary>
    [Fact]
    public void Whoever_contacts_a_server_asks_first_where_it_may_be_contacted()
    {
        var source = new DirectoryInfo(Needs.Beside("src/DigitalResistance"));
        var contacts = source.EnumerateFiles("*.cs", SearchOption.AllDirectories).Select(f => (f.Name, Text: File.ReadAllText(f.FullName)))
            .Where(f => f.Text.Contains("runner.ProbeAsync(", StringComparison.Ordinal) || f.Text.Contains("inProtocol.ProveAsync(", StringComparison.Ordinal)
                || f.Text.Contains("http.GetAsync(", StringComparison.Ordinal) || f.Text.Contains(".DialAsync(", StringComparison.Ordinal)).ToList();
        Assert.Equal(["ControlProofs.cs", "ProvenProbe.cs", "ServerTest.cs"], contacts.Select(f => f.Name).Order(StringComparer.Ordinal));
        Assert.All(contacts, f => Assert.Contains("addresses.OfAsync(", f.Text, StringComparison.Ordinal));
    }

    private static Task AddAsync(Registry registry, byte[] machine) => registry.DoAsync((MoneyDb db) =>
    {
        db.Add(new OptOut { Machine = machine, At = registry.Time.GetUtcNow() });
        return db.SaveChangesAsync();
    });

    private sealed class Breakable(IServiceScopeFactory scopes) : IServiceScopeFactory
    {
        private int _opened;

        public bool IsBroken { get; set; }

        public int Opened => Volatile.Read(ref _opened);

        public IServiceScope CreateScope()
        {
            if (IsBroken) throw new InvalidOperationException("The database is away.");
            Interlocked.Increment(ref _opened);
            return scopes.CreateScope();
        }
    }
}
