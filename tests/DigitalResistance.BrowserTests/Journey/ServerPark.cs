using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>Five servers of three operators, registered and proven in the browser: three that carry, one that will die, one that only says yes.</summary>
internal sealed class ServerPark : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _all = [];

    private ServerPark(MicrosocksPeer dying) => Dying = dying;

    public MicrosocksPeer Dying { get; }

    public Liar Lying { get; } = new();

    public static async Task<ServerPark> StartAsync(Member honest, Member unlucky, Member liar, TokenServer tokens)
    {
        var park = new ServerPark(await MicrosocksPeer.StartAsync());
        park._all.AddRange([park.Dying, park.Lying]);

        // microsocks with the user that the registry chose.
        var port = PeerProcess.FreePort();
        var server = await honest.RegisterAsync("socks5", "my first", port);
        park._all.Add(await MicrosocksPeer.StartAsync(await honest.MintedAsync(server), port));
        await honest.ProveInProtocolAsync(server);

        // tinyproxy with Basic authentication, likewise.
        port = PeerProcess.FreePort();
        server = await honest.RegisterAsync("http-connect", "my second", port);
        park._all.Add(await TinyproxyPeer.StartAsync(await honest.MintedAsync(server), port: port));
        await honest.ProveInProtocolAsync(server);

        // dante and an open microsocks cannot tell users apart; a token on the machine's web server proves them.
        var dante = await DantePeer.StartAsync();
        park._all.Add(dante);
        await unlucky.ProveByTokenAsync(await unlucky.RegisterAsync("socks5", "первый", dante.Port), tokens);
        await unlucky.ProveByTokenAsync(await unlucky.RegisterAsync("socks5", "второй", park.Dying.Port), tokens);
        await liar.ProveByTokenAsync(await liar.RegisterAsync("http-connect", "trust me", park.Lying.Port), tokens);
        return park;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _all) await server.DisposeAsync();
    }
}
