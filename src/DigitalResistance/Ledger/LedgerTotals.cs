using DigitalResistance.Data;
using DigitalResistance.Platform;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Ledger;

/// <summary>What the published entries say of money that rounds did not pay out, added up as any reader of the log would.</summary>
/// <param name="CreditOwed">What operators earned and were not paid yet.</param>
/// <param name="Carry">What no round gave to anybody; it stayed in the treasury.</param>
public sealed record LedgerTotals(Sats CreditOwed, Sats Carry)
{
    private static readonly string[] Added = ["credit.added", "credit.paid", "credit.expired", "carry.recorded"];

    // What a round said before one of these counts no more.
    private static readonly string[] Voiding = ["round.revised", "round.withdrawn", "round.cancelled"];

    /// <summary>Of the first <paramref name="size"/> entries.</summary>
    public static async Task<LedgerTotals> ReadAsync(MoneyDb db, long size, CancellationToken cancellation)
    {
        // A handful a round: they are added here, in checked satoshi.
        var lines = db.Set<LedgerLine>().AsNoTracking().Where(l => l.Index < size);
        var counted = await lines.Where(l => Added.Contains(l.Type) && !lines.Any(v => Voiding.Contains(v.Type) && v.Round == l.Round && v.Index > l.Index))
            .Select(l => new { l.Type, l.Amount }).ToListAsync(cancellation);
        Sats Sum(string type) => Sats.Sum(counted.Where(l => l.Type == type).Select(l => l.Amount!.Value));
        return new(Sum("credit.added") - Sum("credit.paid") - Sum("credit.expired"), Sum("carry.recorded"));
    }
}
