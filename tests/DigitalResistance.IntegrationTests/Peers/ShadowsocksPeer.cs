using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>A Shadowsocks server of strangers: <c>ss-server</c> of shadowsocks-libev.</summary>
internal sealed class ShadowsocksPeer : IProxyPeer
{
    private readonly PeerProcess _process;

    private ShadowsocksPeer(PeerProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<ShadowsocksPeer> StartAsync(string method, string password, string at = "127.0.0.1", IReadOnlyList<string>? more = null)
    {
        var port = PeerProcess.FreePort();
        var process = PeerProcess.Start(Needs.Program("ss-server"), ["-s", at, "-p", $"{port}", "-k", password, "-m", method, .. more ?? []]);
        await process.WaitForPortAsync(port, at: at);
        return new ShadowsocksPeer(process, port);
    }

    /// <summary>Waits until a condition holds.</summary>
    public Task WaitAsync(Func<Task<bool>> condition) => _process.WaitAsync(condition, "what a test waits for");

    public Task FreezeAsync() => _process.FreezeAsync();

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

/// <summary>A client of strangers: <c>ss-local</c>, a SOCKS5 port that leads through a Shadowsocks server.</summary>
internal sealed class ShadowsocksClient : IAsyncDisposable
{
    private readonly PeerProcess _process;

    private ShadowsocksClient(PeerProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<ShadowsocksClient> StartAsync(int server, string method, string password, params string[] more)
    {
        var port = PeerProcess.FreePort();
        var process = PeerProcess.Start(
            Needs.Program("ss-local"), ["-s", "127.0.0.1", "-p", $"{server}", "-b", "127.0.0.1", "-l", $"{port}", "-k", password, "-m", method, .. more]);
        await process.WaitForPortAsync(port);
        return new ShadowsocksClient(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
