using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>
/// A move is not a failure. A new host, port or secret is entered beside the old one, as a place of its own: a <see cref="Server"/> that
/// <see cref="Server.MovesFrom"/> the first, with its own key and proofs. The server goes on being probed where it is, until the new place is
/// proven and has carried traffic; then the new place becomes the server's, in one transaction. History, age and presence stay.
/// </summary>
public sealed class ServerMoves(MoneyDb db, ServerKeys keys, MoveGaps gaps, TimeProvider time)
{
    /// <summary>Enters the new place, or changes the one that was entered. Saves what the caller changed as well.</summary>
    /// <returns>Id of the new place.</returns>
    public async Task<Guid> BeginAsync(OwnServer own, CheckedForm form, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        // One at a time: what was entered before was never more than a wish.
        foreach (var earlier in await db.Set<Server>().Where(s => s.MovesFrom == own.Server.Id && s.State != ServerState.Retired).ToListAsync(cancellation)) await db.RetireAsync(earlier, now, cancellation);
        await db.SaveChangesAsync(cancellation); // before the new one, or the unique index sees two
        var id = Guid.CreateVersion7(now);
        var key = keys.Create(id);
        db.Add(new Server
        {
            Id = id, OwnerId = own.Server.OwnerId, MovesFrom = own.Server.Id, Protocol = own.Server.Protocol, Label = form.Label, SealedEndpoint = form.Endpoint.Seal(key),
            SealedChallenge = ControlChallenge.Create(form.Protocol, form.Settings).Seal(key), ChallengedAt = now, RegisteredAt = now,
        });
        await db.SaveChangesAsync(cancellation);
        return id;
    }

    /// <summary>The new place has just carried traffic at all of its addresses: the server is there from now on, if they are proven.</summary>
    /// <param name="place">The new place, opened.</param>
    /// <param name="tags">Tags of the addresses that it leads to.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ArrivalResult> ArriveAsync(OwnServer place, IReadOnlyCollection<byte[]> tags, CancellationToken cancellation)
    {
        var (now, wanted) = (time.GetUtcNow(), tags.ToList());
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        var server = await db.Set<Server>().SingleAsync(s => s.Id == place.Server.MovesFrom, cancellation);
        if (server.State == ServerState.Retired || keys.Find(server.Id) is not { } key) return new ArrivalResult.Gone();
        var claims = await db.Set<AddressClaim>().Where(c => c.ServerId == server.Id || c.ServerId == place.Server.Id).ToListAsync(cancellation);
        if (!wanted.TrueForAll(tag => claims.Exists(c => c.PassesAt is null && c.Tag.AsSpan().SequenceEqual(tag)))) return new ArrivalResult.Unproven();

        server.SealedEndpoint = place.Endpoint.Seal(key);
        (server.SealedChallenge, server.ChallengedAt) = (place.Challenge.Seal(key), place.Server.ChallengedAt);
        db.RemoveRange(claims);
        await db.RetireAsync(place.Server, now, cancellation);
        await db.SaveChangesAsync(cancellation); // before the new rows, or the unique index sees two
        db.AddRange(wanted.Select(tag => new AddressClaim { Tag = tag, ServerId = server.Id, ProvenAt = now }));
        await gaps.CloseAsync(server.Id, now, cancellation);
        await db.ListAsync(server, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new ArrivalResult.Arrived(server.Id);
    }
}

/// <summary>How an arrival ended.</summary>
public abstract record ArrivalResult
{
    private ArrivalResult()
    {
    }

    /// <summary>The server is in its new place.</summary>
    public sealed record Arrived(Guid Server) : ArrivalResult;

    /// <summary>Control of the new place is not proven yet.</summary>
    public sealed record Unproven : ArrivalResult;

    /// <summary>The server was retired meanwhile.</summary>
    public sealed record Gone : ArrivalResult;
}
