using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>On the list and off it: the state of a server and its spells change together, within the caller's save.</summary>
internal static class Listing
{
    /// <summary>The server is proven and holds its addresses: from now on it is probed and paid. The new place of a server only waits for its arrival.</summary>
    public static async Task ListAsync(this MoneyDb db, Server server, DateTimeOffset now, CancellationToken cancellation)
    {
        if (server.MovesFrom is not null)
        {
            (server.State, server.ProvenAt) = (ServerState.Unproven, now);
            server.Version++;
            return;
        }

        server.State = ServerState.Proven;
        server.FirstProvenAt ??= now;
        server.ProvenAt = now;
        server.Version++;
        if (await db.OpenSpellAsync(server, cancellation) is null) db.Add(new ListedSpell { ServerId = server.Id, From = now });
    }

    /// <summary>The server is not listed any more.</summary>
    public static async Task UnlistAsync(this MoneyDb db, Server server, ServerState state, DateTimeOffset now, CancellationToken cancellation)
    {
        server.State = state;
        server.Version++;
        if (await db.OpenSpellAsync(server, cancellation) is { } spell) spell.Until = now;
    }

    /// <summary>The server is out for ever, and what it hid is gone from the row; its key goes later (<see cref="KeyDestructionPass"/>).</summary>
    public static async Task RetireAsync(this MoneyDb db, Server server, DateTimeOffset now, CancellationToken cancellation)
    {
        await db.UnlistAsync(server, ServerState.Retired, now, cancellation);
        (server.SealedEndpoint, server.SealedChallenge, server.Label, server.RetiredAt) = ([], [], "", now);
        db.RemoveRange(await db.Set<AddressClaim>().Where(c => c.ServerId == server.Id).ToListAsync(cancellation));
        db.RemoveRange(await db.Set<ProofAttempt>().Where(a => a.ServerId == server.Id).ToListAsync(cancellation));
        db.RemoveRange(await db.Set<Notice>().Where(n => n.ServerId == server.Id).ToListAsync(cancellation));
    }

    private static Task<ListedSpell?> OpenSpellAsync(this MoneyDb db, Server server, CancellationToken cancellation) =>
        db.Set<ListedSpell>().SingleOrDefaultAsync(s => s.ServerId == server.Id && s.Until == null, cancellation);
}
