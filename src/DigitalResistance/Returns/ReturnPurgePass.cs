using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Staff;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Returns;

/// <summary>Forgets requests, and who agreed, when they have been over for as long as they may wait.</summary>
public sealed class ReturnPurgePass(MoneyDb db, IOptions<ReturnOptions> options, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - AccountReturn.Lifetime - AccountReturn.Lifetime - options.Value.Wait - options.Value.Wait;
        var old = await db.Set<AccountReturn>().Where(r => r.AskedAt < before).Select(r => r.Id).ToListAsync(cancellation);
        await db.Set<StaffVote>().Where(v => old.Contains(v.SubjectId)).ExecuteDeleteAsync(cancellation);
        return await db.Set<AccountReturn>().Where(r => old.Contains(r.Id)).ExecuteDeleteAsync(cancellation);
    }
}
