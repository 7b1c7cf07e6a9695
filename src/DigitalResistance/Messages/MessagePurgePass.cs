using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Messages;

/// <summary>Deletes what was written 90 days ago.</summary>
public sealed class MessagePurgePass(MoneyDb db, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public Task<int> RunAsync(CancellationToken cancellation)
    {
        var until = time.GetUtcNow() - Message.Lifetime;
        return db.Set<Message>().Where(m => m.At <= until).ExecuteDeleteAsync(cancellation);
    }
}
