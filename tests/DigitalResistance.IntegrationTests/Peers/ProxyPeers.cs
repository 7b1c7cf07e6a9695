using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>A SOCKS5 server of strangers: <c>microsocks</c>, open or with a user and a password.</summary>
internal sealed class MicrosocksPeer : IProxyPeer
{
    private readonly PeerProcess _process;

    private MicrosocksPeer(PeerProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<MicrosocksPeer> StartAsync((string User, string Password)? credentials = null, int? port = null, string at = "127.0.0.1")
    {
        var chosen = port ?? PeerProcess.FreePort();
        string[] login = credentials is { } c ? ["-u", c.User, "-P", c.Password] : [];
        var process = PeerProcess.Start(Needs.Program("microsocks"), ["-i", at, "-p", $"{chosen}", .. login]);
        await process.WaitForPortAsync(chosen, at: at);
        return new MicrosocksPeer(process, chosen);
    }

    public Task FreezeAsync() => _process.FreezeAsync();

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

/// <summary>Another SOCKS5 server of strangers: <c>dante</c>, open, for loopback only.</summary>
internal sealed class DantePeer : IProxyPeer
{
    private readonly PeerProcess _process;
    private readonly string _folder;

    private DantePeer(PeerProcess process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <summary>Starts it; <paramref name="forbiddenPort"/> is a target port that its rules block.</summary>
    public static async Task<DantePeer> StartAsync(int? forbiddenPort = null)
    {
        var (port, folder) = (PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-dante-").FullName);
        var rule = forbiddenPort is { } forbidden ? $"socks block {{ from: 0.0.0.0/0 to: 127.0.0.0/8 port = {forbidden} }}\n" : "";
        await File.WriteAllTextAsync($"{folder}/danted.conf", $$"""
            logoutput: stderr
            internal: 127.0.0.1 port = {{port}}
            external: lo
            clientmethod: none
            socksmethod: none
            user.privileged: root
            user.unprivileged: nobody
            client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
            {{rule}}socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: bind connect udpassociate }
            socks pass { from: 0.0.0.0/0 to: 127.0.0.0/8 command: bindreply udpreply }

            """);
        var process = PeerProcess.Start(Needs.Program("danted"), ["-f", $"{folder}/danted.conf", "-N", "1", "-p", $"{folder}/danted.pid"]);
        await process.WaitForPortAsync(port);
        return new DantePeer(process, folder, port);
    }

    public Task FreezeAsync() => _process.FreezeAsync();

    /// <summary>Ends it and its children as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>An HTTP proxy of strangers: <c>tinyproxy</c>, with Basic authentication when credentials are given.</summary>
internal sealed class TinyproxyPeer : IProxyPeer
{
    private readonly PeerProcess _process;
    private readonly string _folder;

    private TinyproxyPeer(PeerProcess process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <summary>Starts it; with <paramref name="connectPort"/>, CONNECT is allowed to that port only.</summary>
    public static async Task<TinyproxyPeer> StartAsync((string User, string Password)? credentials = null, int? connectPort = null, int? port = null, string at = "127.0.0.1")
    {
        var (chosen, folder) = (port ?? PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-tinyproxy-").FullName);
        await File.WriteAllTextAsync($"{folder}/tinyproxy.conf",
            $"Port {chosen}\nListen {at}\nTimeout 60\nLogLevel Warning\n"
            + (credentials is { } c ? $"BasicAuth {c.User} {c.Password}\n" : "")
            + (connectPort is { } only ? $"ConnectPort {only}\n" : ""));
        var process = PeerProcess.Start(Needs.Program("tinyproxy"), ["-d", "-c", $"{folder}/tinyproxy.conf"]);
        await process.WaitForPortAsync(chosen, at: at);
        return new TinyproxyPeer(process, folder, chosen);
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

/// <summary>TLS in front of any port, by strangers: <c>stunnel</c> with a certificate that it signs itself.</summary>
internal sealed class StunnelPeer : IProxyPeer
{
    private readonly PeerProcess _process;
    private readonly string _folder;

    private StunnelPeer(PeerProcess process, string folder, int port, string fingerprint) => (_process, _folder, Port, Fingerprint) = (process, folder, port, fingerprint);

    public int Port { get; }

    /// <summary>SHA-256 of its certificate, in hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>Starts it in front of a port on loopback.</summary>
    public static async Task<StunnelPeer> StartAsync(int behind)
    {
        var (port, folder) = (PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-stunnel-").FullName);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=proxy.example.net", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        await File.WriteAllTextAsync($"{folder}/server.pem", $"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
        await File.WriteAllTextAsync($"{folder}/stunnel.conf",
            $"foreground = yes\npid =\nsyslog = no\n[front]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{behind}\ncert = {folder}/server.pem\n");
        var process = PeerProcess.Start(Needs.Program("stunnel4"), [$"{folder}/stunnel.conf"]);
        await process.WaitForPortAsync(port);
        return new StunnelPeer(process, folder, port, Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)));
    }

    /// <summary>The other end, for clients that speak no TLS: a port whose bytes come to the front inside of it, if it shows that very certificate.</summary>
    public async Task<StunnelPeer> ClientAsync()
    {
        var (port, folder) = (PeerProcess.FreePort(), Directory.CreateTempSubdirectory("dr-stunnel-").FullName);
        await File.WriteAllTextAsync($"{folder}/stunnel.conf",
            $"foreground = yes\npid =\nsyslog = no\n[back]\nclient = yes\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{Port}\nverifyPeer = yes\nCAfile = {_folder}/server.pem\n");
        var process = PeerProcess.Start(Needs.Program("stunnel4"), [$"{folder}/stunnel.conf"]);
        await process.WaitForPortAsync(port);
        return new StunnelPeer(process, folder, port, Fingerprint);
    }

    public Task FreezeAsync() => _process.FreezeAsync();

    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
