using DigitalResistance.Data;
using DigitalResistance.Prober.Protocols;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>Makes new instructions for a proof of control; the old ones prove nothing any more.</summary>
public sealed class ChallengeRenewal(MoneyDb db, OwnServers servers, TimeProvider time)
{
    /// <summary>Renews the challenge; false where the account has no such server.</summary>
    public async Task<bool> RenewAsync(Guid owner, Guid id, CancellationToken cancellation)
    {
        if (await servers.FindAsync(owner, id, cancellation) is not { } own) return false;
        if (own.Protocol.Parse(own.Endpoint.Settings) is not SettingsParse.Accepted accepted) return false;
        own.Server.SealedChallenge = ControlChallenge.Create(own.Protocol, accepted.Settings).Seal(own.Key);
        own.Server.ChallengedAt = time.GetUtcNow();
        own.Server.Version++;
        await db.Set<ProofAttempt>().Where(a => a.ServerId == id).ForEachAsync(a => db.Remove(a), cancellation);
        await db.SaveChangesAsync(cancellation);
        return true;
    }
}
