using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>
/// A server whose name began to lead to an address that was never proven: it is taken off the list until its owner proves that address
/// too. Otherwise anybody could prove a machine of his own and then point the name at somebody else's.
/// </summary>
public sealed class AddressMoves(MoneyDb db, TimeProvider time)
{
    /// <summary>Takes the servers off the list and tells their owners. May be repeated.</summary>
    public async Task RecordAsync(IReadOnlyCollection<Guid> servers, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var server in await db.Set<Server>().Where(s => servers.Contains(s.Id) && s.State == ServerState.Proven).ToListAsync(cancellation))
        {
            await db.UnlistAsync(server, ServerState.Unproven, now, cancellation);
            db.Add(new Notice { AccountId = server.OwnerId, Kind = NoticeKind.AddressMoved, ServerId = server.Id, At = now });
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Its owner changed it at this moment; the next probe will see whether it still leads astray.
            db.ChangeTracker.Clear();
        }
    }
}
