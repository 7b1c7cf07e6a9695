using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>
/// Servers that were not contacted because their machine asked to be left alone: they are taken off the list as after a change of address, and
/// their owners are told. Time off the list lowers presence, and what was measured before stays: no outage can be hidden so.
/// </summary>
public sealed class OptedOutServers(MoneyDb db, TimeProvider time)
{
    /// <summary>Takes them off the list, each with its notice. May be repeated.</summary>
    /// <param name="refused">Servers, and the tag of the machine that asked.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task RecordAsync(IReadOnlyCollection<(Guid Server, byte[] Machine)> refused, CancellationToken cancellation)
    {
        foreach (var (id, machine) in refused)
        {
            await using var transaction = await db.JoinTransactionAsync(cancellation);
            // The server first: an owner who calls home after this read raises its version, and the save below comes to nothing.
            if (await db.Set<Server>().SingleOrDefaultAsync(s => s.Id == id && s.State == ServerState.Proven, cancellation) is not { } server) continue;
            if (!await db.Set<OptOut>().AnyAsync(o => o.Machine == machine, cancellation)) continue;
            var now = time.GetUtcNow();
            await db.UnlistAsync(server, ServerState.Unproven, now, cancellation);
            db.Add(new Notice { AccountId = server.OwnerId, Kind = NoticeKind.MachineOptedOut, ServerId = id, At = now });
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved) await transaction.CommitAsync(cancellation);
            db.ChangeTracker.Clear();
        }
    }
}
