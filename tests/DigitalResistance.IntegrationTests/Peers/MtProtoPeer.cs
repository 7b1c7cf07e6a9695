using System.Security.Cryptography;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>npm's <c>mtprotoproxy</c> (<c>mtproto/server.js</c>) with secrets of the kinds <c>dd</c> and <c>ee</c>, in front of a stand-in for Telegram's middle end.</summary>
internal sealed class MtProtoPeer : IProxyPeer
{
    private readonly PeerProcess _process;

    private MtProtoPeer(PeerProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>What the proxy and the middle end share.</summary>
    public static byte[] MiddleSecret { get; } = RandomNumberGenerator.GetBytes(128);

    /// <summary>Starts it; secrets are a prefix and 16 bytes, in hexadecimal.</summary>
    public static async Task<MtProtoPeer> StartAsync(int middlePort, params string[] secrets)
    {
        var here = Path.GetDirectoryName(Needs.Beside("tests/DigitalResistance.IntegrationTests/Peers/mtproto/server.js"))!;
        if (!Directory.Exists(Path.Combine(here, "node_modules"))) throw Needs.Missing($"mtprotoproxy is not installed (npm ci --ignore-scripts in {here})");
        var port = PeerProcess.FreePort();
        var process = PeerProcess.Start(Needs.Program("node"), [Path.Combine(here, "server.js"), $"{port}", $"{middlePort}", Convert.ToHexStringLower(MiddleSecret), .. secrets], here);
        await process.WaitForTextAsync("READY");
        return new MtProtoPeer(process, port);
    }

    public Task FreezeAsync() => _process.FreezeAsync();

    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
