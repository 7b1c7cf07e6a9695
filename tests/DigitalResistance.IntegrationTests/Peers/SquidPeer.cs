using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>The best known HTTP proxy of strangers: <c>squid</c>, with Basic authentication.</summary>
internal sealed class SquidPeer : IProxyPeer
{
    private readonly PeerProcess _process;
    private readonly string _folder;

    private SquidPeer(PeerProcess process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <summary>Starts it; <paramref name="forbiddenPort"/> is a target port that its rules block.</summary>
    public static async Task<SquidPeer> StartAsync((string User, string Password) credentials, int forbiddenPort, string at = "127.0.0.1")
    {
        var (port, folder) = (PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-squid-").FullName);
        var hash = await PeerProcess.RunAsync(Needs.Program("openssl"), ["passwd", "-apr1", credentials.Password]);
        await File.WriteAllTextAsync($"{folder}/users", $"{credentials.User}:{hash.Trim()}\n");
        await File.WriteAllTextAsync($"{folder}/squid.conf", $"""
            http_port {(at.Contains(':') ? $"[{at}]" : at)}:{port}
            auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/users
            acl authed proxy_auth REQUIRED
            acl blocked port {forbiddenPort}
            http_access deny blocked
            http_access allow authed
            http_access deny all
            cache deny all
            cache_log {folder}/cache.log
            access_log none
            pid_filename {folder}/squid.pid
            coredump_dir {folder}
            pinger_enable off
            shutdown_lifetime 0 seconds

            """);
        // Started as root it becomes its own user, who must read and write here.
        if (Environment.UserName == "root") await PeerProcess.RunAsync(Needs.Program("chown"), ["-R", "proxy:", folder]);
        var process = PeerProcess.Start(Needs.Program("squid"), ["-N", "-f", $"{folder}/squid.conf"]);
        await process.WaitForPortAsync(port, at: at);
        return new SquidPeer(process, folder, port);
    }

    public Task FreezeAsync() => _process.FreezeAsync();

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
