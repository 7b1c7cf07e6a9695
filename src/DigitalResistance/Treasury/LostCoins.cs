using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// Coins that a reorganisation took out and that can never come back: what made them, or what that one spent, lost a coin of its own to a transaction which is
/// final. The log is told, so that a payment that counted on such a coin may be built anew without it, and outsiders can follow.
/// </summary>
public sealed partial class LostCoins(MoneyDb db, TreasuryWallet wallet, IOptions<BitcoinOptions> options, TimeProvider time, ILogger<LostCoins> log)
{
    /// <summary>Tells what is due. Gives the number of coins.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var gone = await db.Set<TreasuryCoin>().Where(c => c.Height == null && !c.IsBooked && !c.IsLost).OrderBy(c => c.Id).ToListAsync(cancellation);
        if (gone.Count == 0) return 0;
        var final = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation) - options.Value.FinalConfirmations + 1;
        var rivals = await db.Set<CoinRival>().AsNoTracking().Where(r => r.Height <= final).OrderBy(r => r.Height).ToListAsync(cancellation);
        var lost = 0;
        foreach (var coin in gone)
        {
            if (await RivalOfAsync(coin.Txid, rivals, cancellation) is not { } rival) continue;
            (coin.IsLost, coin.Version) = (true, coin.Version + 1);
            db.Append(new TreasuryCoinLost(coin.Amount, coin.Txid, coin.Vout, rival.InputTxid, rival.InputVout, rival.SpentBy, rival.Height), time.GetUtcNow());
            LogLost(coin.Txid, coin.Vout, rival.SpentBy);
            lost++;
        }

        // Lost to another process: it did the same.
        if (lost > 0 && await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) lost = 0;
        db.ChangeTracker.Clear();
        return lost;
    }

    // A transaction that spends from one that can never be mined can never be mined itself. Of strangers' transactions only those that paid us are known.
    private async Task<CoinRival?> RivalOfAsync(string txid, List<CoinRival> rivals, CancellationToken cancellation)
    {
        var (open, seen) = (new Queue<string>([txid]), new HashSet<string>(StringComparer.Ordinal));
        while (open.TryDequeue(out var at))
        {
            if (!seen.Add(at) || await db.Set<TreasuryTransaction>().AsNoTracking().Where(t => t.Txid == at && t.Height == null).Select(t => t.Bytes).SingleOrDefaultAsync(cancellation) is not { } bytes) continue;
            if (rivals.Find(r => r.Txid == at) is { } rival) return rival;
            foreach (var input in Transaction.Load(bytes, wallet.Network).Inputs) open.Enqueue(input.PrevOut.Hash.ToString());
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "The coin {Txid}:{Vout}, which a reorganisation took out, can never come back: {Rival} spent what it came from")]
    private partial void LogLost(string txid, int vout, string rival);
}
