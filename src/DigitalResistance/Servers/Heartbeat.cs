using System.Net;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Prober.Dialing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>
/// A server calls home with its token: whoever can send from its address controls it. The source address is compared in memory and stored
/// nowhere. Servers may call again and again: each call proves the address of that moment, and takes back what others said in its name
/// (<see cref="OptOut"/>).
/// </summary>
public sealed class Heartbeat(
    MoneyDb db, OwnServers servers, ServerAddresses addresses, Dialer dialer, Limits limits, AddressClaims claims, ProofLog log,
    IOptions<ServersOptions> options, TimeProvider time)
{
    private const int Attempts = 20;

    /// <summary>Accepts a call with a token from an address.</summary>
    public async Task<HeartbeatResult> AcceptAsync(string token, IPAddress? source, CancellationToken cancellation)
    {
        if (!ControlChallenge.TryReadHeartbeat(token, out var id, out var secret)) return HeartbeatResult.UnknownToken;
        var server = await FindAsync(id, cancellation);
        if (server is null || servers.Open(server) is not { } own) return HeartbeatResult.UnknownToken;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(secret), Encoding.ASCII.GetBytes(own.Challenge.HeartbeatSecret))) return HeartbeatResult.UnknownToken;
        id = server.Id;
        // A listed server may go on calling with its old token: that is how one whose address changes stays listed.
        if (server.FirstProvenAt is null && server.ChallengedAt + options.Value.ChallengeLifetime <= time.GetUtcNow()) return HeartbeatResult.Expired;
        if (!await limits.TakeCallHomeAsync(id, cancellation)) return HeartbeatResult.Limited;

        if (CallSource.Of(source, dialer) is not { } caller) return await RefuseAsync(id, new(ProofFinding.HiddenSource), cancellation);
        // Nothing is sent there, so a machine that asked to be left alone may speak.
        var lookup = await addresses.LookUpAsync(own.Endpoint, cancellation);
        if (lookup is not ServerLookup.Found { Addresses: var all })
            return await RefuseAsync(id, new(ProofFinding.NameFailed, (lookup as ServerLookup.Missing)?.Failure), cancellation);
        var proven = all.Where(a => a.Address.Equals(caller)).ToList();
        if (proven.Count == 0) return await RefuseAsync(id, new(ProofFinding.OtherSource), cancellation);

        return await RecordAsync(id, proven, all, caller, cancellation) switch
        {
            ClaimResult.Listed => HeartbeatResult.Listed,
            ClaimResult.Held => HeartbeatResult.Held,
            ClaimResult.Waiting => HeartbeatResult.Waiting,
            ClaimResult.More => HeartbeatResult.More,
            _ => HeartbeatResult.UnknownToken,
        };
    }

    // A new place goes on calling with its token after the server has arrived there.
    private async Task<Server?> FindAsync(Guid id, CancellationToken cancellation)
    {
        var server = await db.Set<Server>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellation);
        if (server is { State: ServerState.Retired, MovesFrom: { } before }) server = await db.Set<Server>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == before, cancellation);
        return server is { State: ServerState.Retired } ? null : server;
    }

    // Of calls at the same moment one comes first; the others prove the same once more.
    private async Task<ClaimResult> RecordAsync(Guid id, IReadOnlyList<IPEndPoint> proven, IReadOnlyList<IPEndPoint> all, IPAddress caller, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await log.WriteAsync(id, ProofWay.CallHome, new(ProofFinding.Shown), cancellation);
                return await claims.RecordAsync(id, proven, all, caller, cancellation);
            }
            catch (DbUpdateException) when (attempt < Attempts)
            {
                db.ChangeTracker.Clear();
            }
        }
    }

    private async Task<HeartbeatResult> RefuseAsync(Guid server, Finding finding, CancellationToken cancellation)
    {
        await log.WriteAsync(server, ProofWay.CallHome, finding, cancellation);
        return finding.What switch
        {
            ProofFinding.HiddenSource => HeartbeatResult.HiddenSource,
            ProofFinding.OtherSource => HeartbeatResult.OtherSource,
            _ => HeartbeatResult.NameFailed,
        };
    }
}

/// <summary>How a call home ended.</summary>
public enum HeartbeatResult
{
    /// <summary>Proven; the server is listed.</summary>
    Listed,

    /// <summary>Proven; the server whose new place this is arrives once it carries traffic.</summary>
    Held,

    /// <summary>Proven; another server holds the address for now.</summary>
    Waiting,

    /// <summary>Proven; the name leads to more addresses.</summary>
    More,

    /// <summary>There is no such token.</summary>
    UnknownToken,

    /// <summary>The token is too old.</summary>
    Expired,

    /// <summary>A limit is reached.</summary>
    Limited,

    /// <summary>The call came from another address than the server's.</summary>
    OtherSource,

    /// <summary>The source address cannot be seen.</summary>
    HiddenSource,

    /// <summary>The server's name leads nowhere.</summary>
    NameFailed,
}
