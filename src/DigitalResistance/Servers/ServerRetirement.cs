using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>
/// Takes a server out for ever. Host, port, settings, label and the reservation of its address go at once; its key goes as soon as that is
/// committed, and with it every copy in a backup. What it earned until now is kept for the round under way.
/// </summary>
public sealed class ServerRetirement(MoneyDb db, TimeProvider time)
{
    /// <summary>Retires the server; retiring it again is the same. False where the account has no such server.</summary>
    public async Task<bool> RetireAsync(Guid owner, Guid id, CancellationToken cancellation)
    {
        if (await db.Set<Server>().SingleOrDefaultAsync(s => s.Id == id && s.OwnerId == owner, cancellation) is not { } server) return false;
        if (server.State == ServerState.Retired) return true;
        var now = time.GetUtcNow();
        await db.RetireAsync(server, now, cancellation);
        foreach (var place in await db.Set<Server>().Where(s => s.MovesFrom == id && s.State != ServerState.Retired).ToListAsync(cancellation)) await db.RetireAsync(place, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        return true;
    }
}

/// <summary>Destroys the keys of retired servers: a pass and not the act, because the act may still be undone with the transaction it is part of.</summary>
public sealed class KeyDestructionPass(MoneyDb db, ServerKeys keys, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var done = 0;
        foreach (var server in await db.Set<Server>().Where(s => s.State == ServerState.Retired && s.KeyDestroyedAt == null).ToListAsync(cancellation))
        {
            keys.Destroy(server.Id);
            server.KeyDestroyedAt = time.GetUtcNow();
            done++;
        }

        await db.SaveChangesAsync(cancellation);
        return done;
    }
}
