using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>Passes contested addresses over when their holders did not prove them again in time.</summary>
public sealed class TakeoverPass(MoneyDb db, IOptions<ServersOptions> options, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var due = await db.Set<AddressClaim>().AsNoTracking().Where(c => c.PassesAt != null && c.PassesAt <= now).OrderBy(c => c.PassesAt).ToListAsync(cancellation);
        var done = 0;
        foreach (var claim in due)
        {
            try
            {
                done += await PassAsync(claim, now, cancellation);
            }
            catch (DbUpdateException)
            {
                // The holder proved it again, or another replica was first, at this very moment. The next turn sees how it stands.
            }

            db.ChangeTracker.Clear();
        }

        return done;
    }

    private async Task<int> PassAsync(AddressClaim due, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        var claims = await db.Set<AddressClaim>().Where(c => c.Tag == due.Tag).ToListAsync(cancellation);
        if (claims.Find(c => c.ServerId == due.ServerId) is not { PassesAt: { } at } claim || at > now) return 0;
        var winner = await db.Set<Server>().SingleAsync(s => s.Id == claim.ServerId, cancellation);
        if (claims.Find(c => c.PassesAt is null) is { } held)
        {
            var loser = await db.Set<Server>().SingleAsync(s => s.Id == held.ServerId, cancellation);
            await db.UnlistAsync(loser, ServerState.Unproven, now, cancellation);
            db.Add(new Notice { AccountId = loser.OwnerId, Kind = NoticeKind.AddressLost, ServerId = loser.Id, At = now });
            db.Remove(held);
            await db.SaveChangesAsync(cancellation); // before the new holder's row, or the unique index sees two
        }

        claim.PassesAt = null;
        // Whoever else waits now waits for the new holder, who has not been told of him.
        foreach (var other in claims.Where(c => c.ServerId != claim.ServerId && c.PassesAt is not null))
        {
            other.PassesAt = now + options.Value.TakeoverAfter;
            db.Add(new Notice { AccountId = winner.OwnerId, Kind = NoticeKind.AddressContested, ServerId = winner.Id, At = now, DueAt = other.PassesAt });
        }

        var waits = await db.Set<AddressClaim>().AnyAsync(c => c.ServerId == winner.Id && c.Tag != due.Tag && c.PassesAt != null, cancellation);
        if (winner.State == ServerState.Contesting && !waits)
        {
            await db.ListAsync(winner, now, cancellation);
            db.Add(new Notice { AccountId = winner.OwnerId, Kind = NoticeKind.AddressWon, ServerId = winner.Id, At = now });
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return 1;
    }
}
