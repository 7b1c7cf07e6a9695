using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>
/// Registers a server. Every well-formed public address is accepted and answered alike, whoever else has it: nothing is looked up and
/// nothing is reserved before control is proven, so that the registry cannot be asked which addresses it knows.
/// </summary>
public sealed class ServerRegistration(MoneyDb db, ServerFormCheck check, ServerKeys keys, IOptions<ServersOptions> options, TimeProvider time)
{
    /// <summary>Registers what the form says for an account.</summary>
    public async Task<RegistrationResult> RegisterAsync(Guid owner, ServerForm form, CancellationToken cancellation)
    {
        var problems = check.Check(form, out var good);
        if (good is null) return new RegistrationResult.Rejected(problems);
        var own = await db.Set<Server>().Where(s => s.OwnerId == owner && s.State != ServerState.Retired).GroupBy(s => s.State)
            .Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellation);
        if (own.Sum(s => s.Count) >= options.Value.MostPerAccount) return new RegistrationResult.TooMany(options.Value.MostPerAccount);
        if (own.Where(s => s.Key != ServerState.Proven).Sum(s => s.Count) >= options.Value.MostUnprovenPerAccount)
        {
            return new RegistrationResult.TooManyUnproven(options.Value.MostUnprovenPerAccount);
        }

        var (now, id) = (time.GetUtcNow(), Guid.CreateVersion7(time.GetUtcNow()));
        // The key first: a key without a server is a file too many, a server without its key is lost.
        var key = keys.Create(id);
        db.Add(new Server
        {
            Id = id, OwnerId = owner, Protocol = good.Protocol.Id, Label = good.Label, SealedEndpoint = good.Endpoint.Seal(key),
            SealedChallenge = ControlChallenge.Create(good.Protocol, good.Settings).Seal(key), ChallengedAt = now, RegisteredAt = now,
        });
        await db.SaveChangesAsync(cancellation);
        return new RegistrationResult.Registered(id);
    }
}

/// <summary>How a registration ended.</summary>
public abstract record RegistrationResult
{
    private RegistrationResult()
    {
    }

    /// <summary>It is registered, and waits for a proof of control.</summary>
    public sealed record Registered(Guid Id) : RegistrationResult;

    /// <summary>The form has mistakes; here are all of them.</summary>
    public sealed record Rejected(IReadOnlyList<FormProblem> Problems) : RegistrationResult;

    /// <summary>The account has as many servers as it may.</summary>
    public sealed record TooMany(int Limit) : RegistrationResult;

    /// <summary>Too many of the account's servers are without a proof.</summary>
    public sealed record TooManyUnproven(int Limit) : RegistrationResult;
}
