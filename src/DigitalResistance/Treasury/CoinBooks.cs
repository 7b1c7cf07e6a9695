using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>
/// Tells the public log what came in: each coin once when it is deep enough, and once more if the chain takes it back. The flag on the
/// coin and the entry are one save, so that two processes at once book once.
/// </summary>
public sealed class CoinBooks(MoneyDb db, IOptions<BitcoinOptions> options, TimeProvider time)
{
    private const int CoinsPerPass = 500;

    /// <summary>Books and takes back what is due. Gives the number of coins.</summary>
    public async Task<int> BookAsync(CancellationToken cancellation)
    {
        if (await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation) is not { } top) return 0;
        var deepEnough = top - options.Value.Confirmations + 1;
        var due = await (
            from coin in db.Set<TreasuryCoin>()
            join address in db.Set<TreasuryAddress>() on coin.AddressId equals address.Id
            where coin.IsBooked ? coin.Height == null : coin.Height <= deepEnough
            orderby coin.Id
            select new { coin, address.Branch, address.Index }).Take(CoinsPerPass).ToListAsync(cancellation);

        var told = await ToldAsync(due.ConvertAll(row => row.coin.Txid), cancellation);
        foreach (var row in due)
        {
            row.coin.IsBooked = !row.coin.IsBooked;
            row.coin.Version++;
            var fact = told.Find(f => (f.Txid, f.Vout) == (row.coin.Txid, row.coin.Vout));
            if (fact is not null)
            {
                // The log told it before the database was restored. In another block it is told anew.
                db.Remove(fact);
                if (fact.Read().Integer("height") == row.coin.Height) continue;
                db.Append(ToldCoins.Reverted(fact), time.GetUtcNow());
            }

            if (EntryOf(row.coin, row.Branch, row.Index) is { } entry) db.Append(entry, time.GetUtcNow());
        }

        try
        {
            await db.SaveChangesAsync(cancellation);
            return due.Count;
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another process booked some of them at this moment; the rest is due again at the next turn.
            return 0;
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    private async Task<List<ToldFact>> ToldAsync(List<string> txids, CancellationToken cancellation) =>
        txids.Count == 0 ? [] : await db.Set<ToldFact>().Where(f => f.Vout >= 0 && txids.Contains(f.Txid)).ToListAsync(cancellation);

    // Change needs no entry of its own: it is what a confirmed payment leaves.
    private static Entry? EntryOf(TreasuryCoin coin, Branch branch, int index) => (coin.Origin, coin.IsBooked) switch
    {
        (CoinOrigin.Donation, true) => new DonationConfirmed(coin.Amount, coin.Txid, coin.Vout, coin.Height!.Value, index),
        (CoinOrigin.Donation, false) => new DonationReverted(coin.Amount, coin.Txid, coin.Vout),
        (CoinOrigin.Deposit, true) => new TreasuryReceived(coin.Amount, coin.Txid, coin.Vout, coin.Height!.Value, (int)branch, index),
        (CoinOrigin.Deposit, false) => new TreasuryReverted(coin.Amount, coin.Txid, coin.Vout),
        _ => null,
    };
}
