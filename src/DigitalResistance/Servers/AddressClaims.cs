using System.Net;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>
/// What follows from a proof. A server is listed when every address that it leads to is proven and held by it: otherwise one proven machine
/// would vouch for strangers' machines behind the same name. An address that another owner's server holds passes over after a time,
/// unless its holder proves it again.
/// </summary>
public sealed class AddressClaims(MoneyDb db, KeyedTags tags, OptedOutMachines optedOut, IOptions<ServersOptions> options, TimeProvider time)
{
    /// <summary>Records that control of some of a server's addresses was proven now.</summary>
    /// <param name="server">The server.</param>
    /// <param name="proven">The addresses that were proven.</param>
    /// <param name="all">All addresses that the server leads to.</param>
    /// <param name="caller">Where the proof is a call home: its source, whose wish to be left alone is taken back.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ClaimResult> RecordAsync(
        Guid server, IReadOnlyCollection<IPEndPoint> proven, IReadOnlyCollection<IPEndPoint> all, IPAddress? caller, CancellationToken cancellation)
    {
        for (var left = 5; ; left--)
        {
            try
            {
                return await TryAsync(server, TagsOf(proven), all, caller, cancellation);
            }
            catch (DbUpdateException) when (left > 0)
            {
                // Two proofs of one address at once: the unique index let one through, the other looks again at what there is now.
                db.ChangeTracker.Clear();
            }
        }
    }

    private async Task<ClaimResult> TryAsync(Guid id, List<byte[]> proven, IReadOnlyCollection<IPEndPoint> all, IPAddress? caller, CancellationToken cancellation)
    {
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        var server = await db.Set<Server>().SingleAsync(s => s.Id == id, cancellation);
        if (server.State == ServerState.Retired) return new ClaimResult.Retired();
        var (now, tagged) = (time.GetUtcNow(), TagsOf(all));
        var claims = await db.Set<AddressClaim>().Where(c => tagged.Contains(c.Tag) || c.ServerId == id).ToListAsync(cancellation);
        foreach (var old in claims.Where(c => c.ServerId == id && !tagged.Exists(t => Same(t, c.Tag))).ToList()) Drop(old, claims);
        foreach (var tag in proven) await ClaimAsync(server, tag, claims, now, cancellation);

        var mine = claims.Where(c => c.ServerId == id || IsHeldBefore(server, c)).ToList();
        var usable = Math.Min(mine.Count, all.Count - await OptedOutAsync(all, caller, cancellation));
        ClaimResult result;
        if (usable < all.Count)
        {
            result = new ClaimResult.More(usable, all.Count);
            server.Version++;
        }
        else if (mine.Max(c => c.PassesAt) is { } passes)
        {
            result = new ClaimResult.Waiting(passes);
            await db.UnlistAsync(server, ServerState.Contesting, now, cancellation);
        }
        else
        {
            result = server.MovesFrom is null ? new ClaimResult.Listed() : new ClaimResult.Held();
            await db.ListAsync(server, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        if (caller is not null) optedOut.Forget();
        return result;
    }

    // The last call counts. What takes a wish back lists the server in the same transaction; other machines of the name speak for themselves.
    private async Task<int> OptedOutAsync(IEnumerable<IPEndPoint> all, IPAddress? caller, CancellationToken cancellation)
    {
        if (caller is not null && tags.Machine(caller) is var machine) await db.Set<OptOut>().Where(o => o.Machine == machine).ExecuteDeleteAsync(cancellation);
        var machines = all.Where(a => !a.Address.Equals(caller)).Select(a => tags.Machine(a.Address)).ToList();
        return await db.Set<OptOut>().CountAsync(o => machines.Contains(o.Machine), cancellation);
    }

    private List<byte[]> TagsOf(IEnumerable<IPEndPoint> addresses) => [.. addresses.Select(a => tags.Endpoint(a.Address, a.Port))];

    private async Task ClaimAsync(Server server, byte[] tag, List<AddressClaim> claims, DateTimeOffset now, CancellationToken cancellation)
    {
        var others = claims.Where(c => c.ServerId != server.Id && Same(c.Tag, tag)).ToList();
        var holder = others.Find(c => c.PassesAt is null);
        if (holder is not null && IsHeldBefore(server, holder)) return;
        if (claims.Find(c => c.ServerId == server.Id && Same(c.Tag, tag)) is { } mine)
        {
            mine.ProvenAt = now;
            if (mine.PassesAt is null) await KeepAsync(others, claims, now, cancellation);
            else if (holder is null) mine.PassesAt = null;
            return;
        }

        if (holder is not null && await ServerOf(holder, cancellation) is { } held && held.OwnerId == server.OwnerId)
        {
            // The same owner registered the address anew: nobody has to be asked.
            Drop(holder, claims);
            await db.UnlistAsync(held, ServerState.Unproven, now, cancellation);
            await db.SaveChangesAsync(cancellation); // before the new holder's row, or the unique index sees two
            holder = null;
        }

        var claim = new AddressClaim { Tag = tag, ServerId = server.Id, ProvenAt = now, PassesAt = holder is null ? null : now + options.Value.TakeoverAfter };
        db.Add(claim);
        claims.Add(claim);
        if (holder is not null) Tell(await ServerOf(holder, cancellation), now, claim.PassesAt);
        else foreach (var waiting in others.Where(c => c.PassesAt is not null))
        {
            // They waited for a holder who left meanwhile; the new one has his time to answer too.
            waiting.PassesAt = now + options.Value.TakeoverAfter;
            Tell(server, now, waiting.PassesAt);
        }
    }

    // The holder proved it again: whoever waited for it waits no longer.
    private async Task KeepAsync(List<AddressClaim> others, List<AddressClaim> claims, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var waiting in others)
        {
            Drop(waiting, claims);
            var challenger = await ServerOf(waiting, cancellation);
            if (challenger.State == ServerState.Contesting) await db.UnlistAsync(challenger, ServerState.Unproven, now, cancellation);
            db.Add(new Notice { AccountId = challenger.OwnerId, Kind = NoticeKind.AddressKeptByHolder, ServerId = challenger.Id, At = now });
        }
    }

    private void Tell(Server holder, DateTimeOffset now, DateTimeOffset? due) =>
        db.Add(new Notice { AccountId = holder.OwnerId, Kind = NoticeKind.AddressContested, ServerId = holder.Id, At = now, DueAt = due });

    private void Drop(AddressClaim claim, List<AddressClaim> claims)
    {
        db.Remove(claim);
        claims.Remove(claim);
    }

    private Task<Server> ServerOf(AddressClaim claim, CancellationToken cancellation) => db.Set<Server>().SingleAsync(s => s.Id == claim.ServerId, cancellation);

    // A server that moves holds what it held, in its new place too.
    private static bool IsHeldBefore(Server server, AddressClaim claim) => claim.PassesAt is null && claim.ServerId == server.MovesFrom;

    private static bool Same(byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b);
}

/// <summary>What followed from a proof.</summary>
public abstract record ClaimResult
{
    private ClaimResult()
    {
    }

    /// <summary>The server is on the list: it is probed from the next slots on.</summary>
    public sealed record Listed : ClaimResult;

    /// <summary>The new place of a server is proven; the server arrives there once it carries traffic.</summary>
    public sealed record Held : ClaimResult;

    /// <summary>Another owner's server holds an address until then.</summary>
    public sealed record Waiting(DateTimeOffset PassesAt) : ClaimResult;

    /// <summary>The name leads to more addresses, which have to be proven too.</summary>
    public sealed record More(int Proven, int All) : ClaimResult;

    /// <summary>The server was retired meanwhile.</summary>
    public sealed record Retired : ClaimResult;
}
