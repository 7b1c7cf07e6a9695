using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Testing.Servers;

public sealed class ServerRegistrationTests
{
    [Fact]
    public async Task What_was_typed_is_sealed_and_only_its_key_opens_it()
    {
        await using var registry = await Registry.StartAsync();
        var id = Assert.IsType<RegistrationResult.Registered>(await RegisterAsync(registry, Registry.Alice, Registry.Form(
            1080, "proxy.example.net", settings: [("auth", "password"), ("username", "canary-user"), ("password", "canary-secret")]))).Id;

        var server = await registry.ServerAsync(id);
        Assert.Equal(ServerState.Unproven, server.State);
        var stored = System.Text.Encoding.Latin1.GetString([.. server.SealedEndpoint, .. server.SealedChallenge]);
        foreach (var secret in new[] { "proxy.example", "canary-user", "canary-secret", "1080" }) Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);

        var own = await registry.OpenAsync(Registry.Alice, id);
        Assert.Equal(("proxy.example.net", 1080, "canary-secret"), (own.Endpoint.Host, own.Endpoint.Port, own.Endpoint.Settings["password"]));
        File.Delete(Directory.GetFiles(registry.Folder, $"{id:N}.key", SearchOption.AllDirectories).Single());
        Assert.Null(await registry.DoAsync((OwnServers servers) => servers.FindAsync(Registry.Alice, id, CancellationToken.None)));
    }

    [Fact]
    public async Task Keys_are_for_the_owner_of_the_process_only()
    {
        await using var registry = await Registry.StartAsync();
        await RegisterAsync(registry, Registry.Alice, Registry.Form(1080, "proxy.example.net"));
        var files = Directory.GetFiles(Path.Combine(registry.Folder, "keys"), "*", SearchOption.AllDirectories);
        Assert.True(files.Length >= 2);
        foreach (var file in files)
        {
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.All(files, f => Assert.Equal(32, new FileInfo(f).Length));
    }

    [Fact]
    public async Task A_registry_with_servers_but_without_its_key_refuses_to_start()
    {
        await using var registry = await Registry.StartAsync();
        await RegisterAsync(registry, Registry.Alice, Registry.Form(1080, "proxy.example.net"));
        File.Delete(Path.Combine(registry.Folder, "keys", "registry.key"));
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => registry.DoAsync((KeyFolderCheck check) => check.RunAsync()));
        Assert.Contains("Servers:KeyFolder", refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> BadForms => new()
    {
        { "", "1080", "Host { Refusal = Empty }" },
        { "localhost", "1080", "Host { Refusal = NoDot }" },
        { "proxy.local", "1080", "Host { Refusal = NotPublic }" },
        { "exa mple.net", "1080", "Host { Refusal = BadCharacter }" },
        { "192.168.1", "1080", "Host { Refusal = NotCanonicalAddress }" },
        { "127.1", "1080", "Host { Refusal = NotCanonicalAddress }" },
        { "127.0.0.1", "1080", "Address { Refusal = SpecialPurpose }" },
        { "10.1.2.3", "1080", "Address { Refusal = SpecialPurpose }" },
        { "100.64.0.1", "1080", "Address { Refusal = SpecialPurpose }" },
        { "169.254.169.254", "1080", "Address { Refusal = Metadata }" },
        { "::1", "1080", "Address { Refusal = SpecialPurpose }" },
        { "::ffff:8.8.8.8", "1080", "Address { Refusal = EmbeddedIPv4 }" },
        { "fe80::1", "1080", "Address { Refusal = SpecialPurpose }" },
        { "proxy.example.net", "", "Port { Refusal = NotANumber }" },
        { "proxy.example.net", "0", "Port { Refusal = NotANumber }" },
        { "proxy.example.net", "65536", "Port { Refusal = OutOfRange }" },
        { "proxy.example.net", "-1", "Port { Refusal = NotANumber }" },
        { "proxy.example.net", "22", "Port { Refusal = Forbidden }" },
        { "proxy.example.net", "25", "Port { Refusal = Forbidden }" },
    };

    [Fact]
    public async Task Bad_addresses_are_refused_with_their_reason()
    {
        await using var registry = await Registry.StartAsync(null, ("Dialing:AllowLoopback", "false"));
        foreach (var (host, port, problem) in BadForms.Select(row => row.Data))
        {
            var result = Assert.IsType<RegistrationResult.Rejected>(await RegisterAsync(registry, Registry.Alice, new ServerForm("socks5", "x", host, port, new Dictionary<string, string>())));
            Assert.Equal(problem, Assert.Single(result.Problems).ToString());
        }

        Assert.Equal(0, await registry.AskAsync(db => db.Set<Server>().CountAsync()));
    }

    [Fact]
    public async Task Every_mistake_of_a_form_is_told_at_once()
    {
        await using var registry = await Registry.StartAsync();
        var result = Assert.IsType<RegistrationResult.Rejected>(await RegisterAsync(registry, Registry.Alice, new ServerForm(
            "socks5", " ", "localhost", "99999", new Dictionary<string, string> { ["auth"] = "password" })));
        Assert.Equal(
            [new FormProblem.Label(), new FormProblem.Host(HostRefusal.NoDot), new FormProblem.Port(PortRefusal.OutOfRange), new FormProblem.Setting("username", SettingProblem.Missing)],
            result.Problems);
    }

    [Fact]
    public async Task An_account_has_so_many_servers_and_no_more()
    {
        await using var registry = await Registry.StartAsync(null, ("Servers:MostPerAccount", "3"), ("Servers:MostUnprovenPerAccount", "2"));
        await registry.ListAsync(Registry.Alice, registry.StartProxy());
        for (var i = 0; i < 2; i++) await registry.RegisterAsync(Registry.Alice, 2000 + i);
        Assert.Equal(3, Assert.IsType<RegistrationResult.TooMany>(await RegisterAsync(registry, Registry.Alice, Registry.Form(3000))).Limit);
        for (var i = 0; i < 2; i++) await registry.RegisterAsync(Registry.Bob, 2000 + i);
        Assert.Equal(2, Assert.IsType<RegistrationResult.TooManyUnproven>(await RegisterAsync(registry, Registry.Bob, Registry.Form(3000))).Limit);
    }

    [Fact]
    public async Task Retiring_destroys_the_key_and_everything_that_told_the_address()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy();
        var id = await registry.ListAsync(Registry.Alice, proxy);
        Assert.False(await RetireAsync(registry, Registry.Bob, id));
        Assert.True(await RetireAsync(registry, Registry.Alice, id));
        Assert.True(await RetireAsync(registry, Registry.Alice, id));
        Assert.Equal(1, await registry.RunAsync<KeyDestructionPass>());
        Assert.Equal(0, await registry.RunAsync<KeyDestructionPass>());

        var server = await registry.ServerAsync(id);
        Assert.Equal(ServerState.Retired, server.State);
        Assert.Empty(server.SealedEndpoint);
        Assert.Empty(server.SealedChallenge);
        Assert.Empty(server.Label);
        Assert.Null(registry.Services.GetRequiredService<ServerKeys>().Find(id));
        Assert.Equal(0, await registry.AskAsync(db => db.Set<AddressClaim>().CountAsync()));
        Assert.Equal(registry.Time.GetUtcNow(), (await registry.AskAsync(db => db.Set<ListedSpell>().SingleAsync())).Until);
        Assert.Null(await registry.DoAsync((OwnServers servers) => servers.FindAsync(Registry.Alice, id, CancellationToken.None)));
        await registry.ListAsync(Registry.Bob, proxy); // the address is free again
    }

    [Fact]
    public async Task A_secret_left_empty_stays_and_a_new_address_must_be_proven()
    {
        await using var registry = await Registry.StartAsync();
        var proxy = registry.StartProxy();
        var id = await registry.RegisterAsync(Registry.Alice, proxy.Port);
        Assert.IsType<EditResult.Edited>(await EditAsync(registry, id, Registry.Form(proxy.Port, settings: [("auth", "password"), ("username", "u"), ("password", "p1")])));
        Assert.IsType<EditResult.Edited>(await EditAsync(registry, id, Registry.Form(proxy.Port, settings: [("auth", "password"), ("username", "u2"), ("password", "")])));
        Assert.Equal(("u2", "p1"), await SettingsAsync());

        var challenge = (await registry.OpenAsync(Registry.Alice, id)).Challenge.HeartbeatSecret;
        Assert.IsType<EditResult.Moved>(await EditAsync(registry, id, Registry.Form(proxy.Port + 1, settings: [("auth", "none"), ("username", ""), ("password", "")])));
        Assert.NotEqual(challenge, (await registry.OpenAsync(Registry.Alice, id)).Challenge.HeartbeatSecret);
        Assert.Equal(0, await registry.AskAsync(db => db.Set<ListedSpell>().CountAsync()));

        async Task<(string, string)> SettingsAsync()
        {
            var settings = (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Settings;
            return (settings["username"], settings["password"]);
        }
    }

    [Fact]
    public async Task An_edit_of_somebody_elses_or_of_an_older_server_changes_nothing()
    {
        await using var registry = await Registry.StartAsync();
        var id = await registry.RegisterAsync(Registry.Alice, 1080);
        var version = (await registry.ServerAsync(id)).Version;
        var form = Registry.Form(1081);
        Assert.IsType<EditResult.NotFound>(await registry.DoAsync((ServerEdit act) => act.EditAsync(Registry.Bob, id, version, form, CancellationToken.None)));
        Assert.IsType<EditResult.NotFound>(await registry.DoAsync((ServerEdit act) => act.EditAsync(Registry.Alice, Guid.NewGuid(), version, form, CancellationToken.None)));
        Assert.IsType<EditResult.Conflict>(await registry.DoAsync((ServerEdit act) => act.EditAsync(Registry.Alice, id, version + 1, form, CancellationToken.None)));
        Assert.Equal(1080, (await registry.OpenAsync(Registry.Alice, id)).Endpoint.Port);
    }

    private static Task<RegistrationResult> RegisterAsync(Registry registry, Guid owner, ServerForm form) =>
        registry.DoAsync((ServerRegistration act) => act.RegisterAsync(owner, form, CancellationToken.None));

    private static Task<bool> RetireAsync(Registry registry, Guid owner, Guid id) =>
        registry.DoAsync((ServerRetirement act) => act.RetireAsync(owner, id, CancellationToken.None));

    private static async Task<EditResult> EditAsync(Registry registry, Guid id, ServerForm form)
    {
        var version = (await registry.ServerAsync(id)).Version;
        return await registry.DoAsync((ServerEdit act) => act.EditAsync(Registry.Alice, id, version, form, CancellationToken.None));
    }
}
