using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DigitalResistance.Payouts;

/// <summary>
/// Takes a booked foreign spend back where the best chain no longer has it: the coins are the treasury's again, and the books say so at once,
/// because their balance must equal the chain. It was deeper than final, so this is an alarm for people too.
/// </summary>
public sealed partial class ForeignSpendReverting(MoneyDb db, ILogger<ForeignSpendReverting> log)
{
    /// <summary>Takes back what is due. Gives the number of bookings.</summary>
    public async Task<int> RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var gone = await db.ForeignSpendsGone().Select(s => s.Txid).ToListAsync(cancellation);
        var reverted = 0;
        foreach (var txid in gone)
        {
            var spend = await db.Set<ForeignSpend>().SingleAsync(s => s.Txid == txid, cancellation);
            if (!spend.IsBooked) continue;
            (spend.IsBooked, spend.Version) = (false, spend.Version + 1);
            db.Append(new TreasurySpentReverted(spend.Spent, spend.Returned, txid), now);
            // Lost to another process: it did the same.
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved)
            {
                LogReverted(txid, spend.Height);
                reverted++;
            }

            db.ChangeTracker.Clear();
        }

        return reverted;
    }

    [LoggerMessage(1, LogLevel.Critical, "The foreign spend {Txid}, booked at height {Height}, is no longer in the best chain: it was taken back in the books")]
    private partial void LogReverted(string txid, int height);
}
