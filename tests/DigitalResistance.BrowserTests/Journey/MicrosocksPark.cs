using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>Servers that always carry, each proven by the user that the registry chose for it.</summary>
internal sealed class MicrosocksPark : IAsyncDisposable
{
    private readonly List<MicrosocksPeer> _all = [];

    /// <summary>Registers one for an operator, starts it as the page says, and proves it.</summary>
    public async Task ServeAsync(Member member)
    {
        var port = PeerProcess.FreePort();
        var server = await member.RegisterAsync("socks5", "мой сервер", port);
        _all.Add(await MicrosocksPeer.StartAsync(await member.MintedAsync(server), port));
        await member.ProveInProtocolAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _all) await server.DisposeAsync();
    }
}
