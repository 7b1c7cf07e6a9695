using DigitalResistance.Data;
using DigitalResistance.Prober.Protocols;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>
/// Changes a server. What is listed goes on where it is, and the new host, port or settings are entered beside it (<see cref="ServerMoves"/>); what is
/// not is changed in place, and a new address has to be proven. The protocol cannot be changed.
/// </summary>
public sealed class ServerEdit(MoneyDb db, OwnServers servers, ServerMoves moves, ServerFormCheck check, TimeProvider time)
{
    /// <summary>Stores what the form says. A secret that is left empty stays as it was.</summary>
    /// <param name="owner">The account.</param>
    /// <param name="id">The server.</param>
    /// <param name="version">The version that the form was made from.</param>
    /// <param name="form">The form; its protocol is ignored.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<EditResult> EditAsync(Guid owner, Guid id, long version, ServerForm form, CancellationToken cancellation)
    {
        if (await servers.FindAsync(owner, id, cancellation) is not { } own) return new EditResult.NotFound();
        var (server, now) = (own.Server, time.GetUtcNow());
        var problems = check.Check(form with { Protocol = server.Protocol, Settings = WithKeptSecrets(own, form.Settings) }, out var good);
        if (good is null) return new EditResult.Rejected(problems);
        if (server.Version != version) return new EditResult.Conflict();

        var moved = good.Endpoint.Host != own.Endpoint.Host || good.Endpoint.Port != own.Endpoint.Port;
        server.Label = good.Label;
        server.Version++;
        if (server.State == ServerState.Proven && (moved || !Same(good.Endpoint.Settings, own.Endpoint.Settings))) return await MoveAsync(own, good, cancellation);
        server.SealedEndpoint = good.Endpoint.Seal(own.Key);
        if (moved)
        {
            server.SealedChallenge = ControlChallenge.Create(good.Protocol, good.Settings).Seal(own.Key);
            server.ChallengedAt = now;
            await db.UnlistAsync(server, ServerState.Unproven, now, cancellation);
            await db.Set<AddressClaim>().Where(c => c.ServerId == id).ForEachAsync(c => db.Remove(c), cancellation);
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return new EditResult.Conflict();
        }

        return moved ? new EditResult.Moved() : new EditResult.Edited();
    }

    private async Task<EditResult> MoveAsync(OwnServer own, CheckedForm good, CancellationToken cancellation)
    {
        try
        {
            return new EditResult.Moving(await moves.BeginAsync(own, good, cancellation));
        }
        catch (DbUpdateException)
        {
            // Edited, or moved by another form, at this moment.
            db.ChangeTracker.Clear();
            return new EditResult.Conflict();
        }
    }

    private static bool Same(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(s => b.GetValueOrDefault(s.Key) == s.Value);

    private static Dictionary<string, string> WithKeptSecrets(OwnServer own, IReadOnlyDictionary<string, string> typed)
    {
        var settings = new Dictionary<string, string>(typed, StringComparer.Ordinal);
        foreach (var secret in own.Protocol.Settings.Where(s => s.IsSecret && settings.GetValueOrDefault(s.Name, "").Length == 0))
        {
            if (Applies(secret, settings) && own.Endpoint.Settings.TryGetValue(secret.Name, out var kept)) settings[secret.Name] = kept;
        }

        return settings;
    }

    private static bool Applies(Setting setting, Dictionary<string, string> settings) =>
        setting.When is not { } when || settings.GetValueOrDefault(when.Setting) == when.Value;
}

/// <summary>How an edit ended.</summary>
public abstract record EditResult
{
    private EditResult()
    {
    }

    /// <summary>It is stored; the address is the same, so nothing has to be proven.</summary>
    public sealed record Edited : EditResult;

    /// <summary>It is stored, and control of the new address must be proven.</summary>
    public sealed record Moved : EditResult;

    /// <summary>The server goes on where it is; this is its new place, which has to be proven and to carry traffic.</summary>
    public sealed record Moving(Guid NewPlace) : EditResult;

    /// <summary>The form has mistakes; here are all of them.</summary>
    public sealed record Rejected(IReadOnlyList<FormProblem> Problems) : EditResult;

    /// <summary>The server changed since the form was made.</summary>
    public sealed record Conflict : EditResult;

    /// <summary>The account has no such server.</summary>
    public sealed record NotFound : EditResult;
}
