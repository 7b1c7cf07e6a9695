using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Rounds;

/// <summary>Returns credits that were kept their full time to the pool. Waits while a round is allocated: that round counts on the balances.</summary>
public sealed class CreditExpiryPass(MoneyDb db, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var book = await RoundBook.ReadAsync(db, cancellation);
        if (await db.Set<Round>().AnyAsync(r => r.State == RoundState.Allocated, cancellation)) return 0;

        var now = time.GetUtcNow();
        var due = await Credits.DueAsync(db, now, cancellation);
        if (due.Count == 0) return 0;

        db.AddRange(due.Select(d => new CreditExpiry { AccountId = d.Key, Amount = d.Value, At = now }));
        db.Append(new CreditExpired(Sats.Sum(due.Values), due.Count), now);
        book.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? due.Count : 0;
    }
}
