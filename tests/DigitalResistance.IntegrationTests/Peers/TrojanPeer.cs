using System.Text.Json;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>A Trojan server of strangers: <c>trojan</c>, which hands whoever has another password to a web site.</summary>
internal sealed class TrojanPeer : IProxyPeer
{
    private readonly PeerProcess _process;
    private readonly string _folder;

    private TrojanPeer(PeerProcess process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    public static async Task<TrojanPeer> StartAsync(string password, PeerCertificate certificate, int webSite, string at = "127.0.0.1")
    {
        var (port, folder) = (PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-trojan-").FullName);
        var config = new
        {
            run_type = "server", local_addr = at, local_port = port, remote_addr = "127.0.0.1", remote_port = webSite, password = new[] { password }, log_level = 2,
            ssl = new { cert = certificate.CertificateFile, key = certificate.KeyFile, alpn = new[] { "http/1.1" }, prefer_server_cipher = true, reuse_session = false, session_ticket = false },
            tcp = new { no_delay = true },
        };
        await File.WriteAllTextAsync($"{folder}/config.json", JsonSerializer.Serialize(config));
        var process = PeerProcess.Start(Needs.Program("trojan"), ["-c", $"{folder}/config.json"]);
        await process.WaitForPortAsync(port, at: at);
        return new TrojanPeer(process, folder, port);
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
