using DigitalResistance.Data;
using DigitalResistance.Prober.Protocols;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>The one way to a server by its id: through its owner. Somebody else's server and no server at all are the same nothing.</summary>
public sealed class OwnServers(MoneyDb db, ServerKeys keys, ProbeCatalog catalog)
{
    /// <summary>The owner's server with everything it hides, tracked for changes; null where it is not his, is retired, or its key is lost.</summary>
    public async Task<OwnServer?> FindAsync(Guid owner, Guid id, CancellationToken cancellation)
    {
        var server = await db.Set<Server>().SingleOrDefaultAsync(s => s.Id == id && s.OwnerId == owner && s.State != ServerState.Retired, cancellation);
        return server is null ? null : Open(server);
    }

    /// <summary>Opens a server that the caller has a right to; null where its key is lost.</summary>
    public OwnServer? Open(Server server) => keys.Find(server.Id) is { } key && catalog.Find(server.Protocol) is { } probe
        ? new(server, key, ServerEndpoint.Open(key, server.SealedEndpoint), ControlChallenge.Open(key, server.SealedChallenge), probe)
        : null;
}

/// <summary>A server, opened for its owner.</summary>
public sealed record OwnServer(Server Server, ServerKey Key, ServerEndpoint Endpoint, ControlChallenge Challenge, IProbe Protocol);
