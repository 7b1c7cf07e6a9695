using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>The SOCKS server that everybody has: <c>ssh -D</c> to an <c>sshd</c>, both of this machine and with keys made for the test.</summary>
internal sealed class SshProxyPeer : IProxyPeer
{
    private readonly PeerProcess _server;
    private readonly PeerProcess _client;
    private readonly string _folder;

    private SshProxyPeer(PeerProcess server, PeerProcess client, string folder, int port) => (_server, _client, _folder, Port) = (server, client, folder, port);

    public int Port { get; }

    public static async Task<SshProxyPeer> StartAsync()
    {
        var (inner, port, folder) = (PeerProcess.FreePort(), PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-sshd-").FullName);
        foreach (var key in new[] { "host", "user" }) await PeerProcess.RunAsync(Needs.Program("ssh-keygen"), ["-q", "-t", "ed25519", "-N", "", "-f", $"{folder}/{key}"]);
        await File.WriteAllTextAsync($"{folder}/sshd_config", $"""
            ListenAddress 127.0.0.1:{inner}
            HostKey {folder}/host
            PidFile none
            AuthorizedKeysFile {folder}/user.pub
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin prohibit-password

            """);
        if (Environment.UserName == "root") Directory.CreateDirectory("/run/sshd"); // where it locks itself in; only the init system would have made it
        var server = PeerProcess.Start(Needs.Program("sshd"), ["-D", "-e", "-f", $"{folder}/sshd_config"]);
        await server.WaitForPortAsync(inner);
        var client = PeerProcess.Start(Needs.Program("ssh"),
        [
            "-N", "-D", $"127.0.0.1:{port}", "-p", $"{inner}", "-i", $"{folder}/user", "-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ExitOnForwardFailure=yes", $"{Environment.UserName}@127.0.0.1",
        ]);
        await client.WaitForPortAsync(port);
        return new SshProxyPeer(server, client, folder, port);
    }

    public Task FreezeAsync() => _client.FreezeAsync();

    /// <summary>Ends the near end, which speaks SOCKS.</summary>
    public Task KillAsync() => _client.KillAsync();

    /// <summary>Ends the far end as a power cut would; the near one, which speaks SOCKS, lives on.</summary>
    public Task KillServerAsync() => _server.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
