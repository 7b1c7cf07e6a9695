using DigitalResistance.Data;
using DigitalResistance.Prober;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Servers;

/// <summary>Keeps the last attempt of each way.</summary>
public sealed class ProofLog(MoneyDb db, TimeProvider time)
{
    /// <summary>Writes what was found, in place of what was found before.</summary>
    public Task WriteAsync(Guid server, ProofWay way, Finding finding, CancellationToken cancellation)
    {
        var (at, name, what, failure) = (db.Database.Stored(time.GetUtcNow()), way.ToString(), finding.What.ToString(), finding.Failure?.Code());
        // One statement: two attempts at once are no reason for either to fail.
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO proof_attempts (server_id, way, at, finding, failure, number) VALUES ({server}, {name}, {at}, {what}, {failure}, {finding.Number})
            ON CONFLICT (server_id, way) DO UPDATE SET at = excluded.at, finding = excluded.finding, failure = excluded.failure, number = excluded.number
            """, cancellation);
    }
}
