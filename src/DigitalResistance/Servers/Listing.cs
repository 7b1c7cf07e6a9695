using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>On the list and off it: the state of a server and its spells change together, within the caller's save.</summary>
internal static class Listing
{
    /// <summary>The server is proven and holds its addresses: from now on it is probed and paid.</summary>
    public static async Task ListAsync(this MoneyDb db, Server server, DateTimeOffset now, CancellationToken cancellation)
    {
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

    private static Task<ListedSpell?> OpenSpellAsync(this MoneyDb db, Server server, CancellationToken cancellation) =>
        db.Set<ListedSpell>().SingleOrDefaultAsync(s => s.ServerId == server.Id && s.Until == null, cancellation);
}
