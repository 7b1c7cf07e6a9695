using DigitalResistance.Probing;
using DigitalResistance.Review;
using DigitalResistance.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Testing.Review;

/// <summary>What a real registry finds out for its reviewers: from what probes saw, and from what owners entered.</summary>
public sealed class TraitsBookTests
{
    [Fact]
    public async Task Machines_networks_systems_passwords_and_outages_are_known_by_tags()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "127.0.0.0\t127.255.255.255\t64500\tZZ\tLOOPBACK", TestContext.Current.CancellationToken);
        await using var registry = await Registry.StartAsync(settings: ("Review:AsnFile", file));
        File.Delete(file);
        await registry.RunAsync<SchedulePass>();
        var (one, two) = (await ListAsync(registry, Registry.Alice, 40_001, "same"), await ListAsync(registry, Registry.Bob, 40_002, "same"));
        await ListAsync(registry, Registry.Bob, 40_003, "other");
        var from = new DateTimeOffset(Registry.Start.Date.AddDays(1), TimeSpan.Zero);
        registry.Time.SetUtcNow(from.AddHours(-1));
        await registry.RunAsync<SchedulePass>();
        await RecordAsync(registry, from, one, two);
        registry.Time.SetUtcNow(from.AddDays(1));

        await using var scope = registry.Services.CreateAsyncScope();
        var traits = await ActivatorUtilities.CreateInstance<TraitsBook>(scope.ServiceProvider).OfAsync(from, from.AddDays(1), registry.Policy, TestContext.Current.CancellationToken);
        Assert.Equal(3, traits.Count);
        var alice = traits.Single(t => t.OwnerId == Registry.Alice);
        var bobs = traits.Where(t => t.OwnerId == Registry.Bob).ToLookup(t => t.Machines.Count > 0);
        var bob = bobs[true].Single();
        Assert.Equal((alice.Machines.Single(), alice.Networks.Single(), alice.Secrets.Single()), (bob.Machines.Single(), bob.Networks.Single(), bob.Secrets.Single()));
        Assert.NotEqual(alice.Secrets.Single(), bobs[false].Single().Secrets.Single());
        Assert.Equal(14, alice.Outages!.Slots.Count);
        Assert.Equal(3, alice.Outages.Outages);
        Assert.Null(bobs[false].Single().Outages);
        var groups = OperatorGroups.Of(new Dictionary<Guid, string> { [Registry.Alice] = "a", [Registry.Bob] = "b" }, traits, []);
        Assert.Equal([GroupKind.Machine, GroupKind.Network, GroupKind.Secret, GroupKind.Outages], groups.Select(g => g.Kind));
    }

    [Fact]
    public async Task What_a_probe_sees_is_tagged_with_its_autonomous_system_where_a_file_is_configured()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "127.0.0.0\t127.255.255.255\t64500\tZZ\tLOOPBACK", TestContext.Current.CancellationToken);
        foreach (var configured in new[] { true, false })
        {
            var policy = Scoring.Policy.Standard with { SlotSeconds = 20, WindowSeconds = 100, CanarySharePpm = 1_000_000 };
            await using var registry = await Registry.StartAsync(policy, configured ? [("Review:AsnFile", file)] : []);
            await registry.RunAsync<SchedulePass>();
            await registry.ListAsync(Registry.Alice, registry.StartProxy());
            await registry.LiveAsync(TimeSpan.FromSeconds(80));
            await using var scope = registry.Services.CreateAsyncScope();
            var traits = Assert.Single(await ActivatorUtilities.CreateInstance<TraitsBook>(scope.ServiceProvider).OfAsync(Registry.Start, registry.Time.GetUtcNow(), policy, TestContext.Current.CancellationToken));
            Assert.NotEmpty(traits.Machines);
            Assert.Equal(configured ? 1 : 0, traits.Asns.Count);
        }

        File.Delete(file);
    }

    /// <summary>A day in which both servers fail in the same three outages, seen at one address.</summary>
    private static async Task RecordAsync(Registry registry, DateTimeOffset from, params Guid[] servers)
    {
        var tags = registry.Services.GetRequiredService<KeyedTags>();
        var address = System.Net.IPAddress.Parse("192.0.2.1");
        (SightingKind, byte[])[] seen = [(SightingKind.Entrance, tags.Machine(address)), (SightingKind.Exit, tags.Machine(address)), (SightingKind.Network, tags.Network(address))];
        HashSet<int> failed = [.. Enumerable.Range(10, 5), .. Enumerable.Range(50, 5), .. Enumerable.Range(90, 4)];
        var results = servers.SelectMany(server => Enumerable.Range(0, 144).Select(slot => new SlotResult(
            server, from.ToUnixTimeSeconds() + (slot * 600L), 5, new SlotRecord(failed.Contains(slot) ? SlotState.Fail : SlotState.Ok, 3, true, 0, 0, 12), seen))).ToList();
        await registry.DoAsync((ResultRecorder recorder) => recorder.RecordAsync(new Unrecorded(Guid.NewGuid(), results), CancellationToken.None));
    }

    private static async Task<Guid> ListAsync(Registry registry, Guid owner, int port, string password)
    {
        var form = Registry.Form(port, settings: [("auth", "password"), ("username", "user"), ("password", password)]);
        var id = Assert.IsType<RegistrationResult.Registered>(await registry.DoAsync((ServerRegistration act) => act.RegisterAsync(owner, form, CancellationToken.None))).Id;
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(owner, id));
        return id;
    }
}
