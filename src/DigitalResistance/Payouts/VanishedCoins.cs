using DigitalResistance.Data;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Coins of a forgotten payment that the chain had when it was built, and does not have since before the tables were restored: they are made known from the
/// transaction that made them, a payment of ours or one that somebody's copy carries. Its id proves it. The chain may bring them back, or show that they are lost.
/// </summary>
internal sealed class VanishedCoins(MoneyDb db, TreasuryWallet wallet, RivalSearch search)
{
    /// <summary>Makes known what can be. <paramref name="carried"/> are previous transactions of a copy.</summary>
    public async Task AddAsync(IEnumerable<OutPoint> inputs, IReadOnlyCollection<Transaction> carried, CancellationToken cancellation)
    {
        foreach (var group in inputs.GroupBy(input => input.Hash))
        {
            var txid = group.Key.ToString();
            if (await db.Set<TreasuryTransaction>().AnyAsync(t => t.Txid == txid, cancellation)) continue;
            if (await FindAsync(group.Key, carried, cancellation) is not { } previous) continue;
            var coins = new List<TreasuryCoin>();
            foreach (var output in previous.Outputs.AsIndexedOutputs())
            {
                var script = output.TxOut.ScriptPubKey.ToBytes();
                if (await db.Set<TreasuryAddress>().AsNoTracking().SingleOrDefaultAsync(a => a.Script == script, cancellation) is not { } address) continue;
                var origin = await ToldCoins.LastOriginAsync(db, txid, (int)output.N, cancellation) ?? CoinOrigin.Change;
                coins.Add(new TreasuryCoin { Txid = txid, Vout = (int)output.N, Amount = output.TxOut.Value.ToSats(), AddressId = address.Id, Origin = origin });
            }

            if (coins.Count == 0) continue;
            IEnumerable<CoinRival> rivals;
            try
            {
                rivals = await RivalsAsync(previous, txid, cancellation);
            }
            catch (ChainUnavailableException)
            {
                // Without its rivals it would wait for ever: it is made known when the node answers.
                continue;
            }

            db.Add(new TreasuryTransaction { Txid = txid, Bytes = previous.ToBytes() });
            db.AddRange(coins);
            db.AddRange(rivals);
            // Lost to another process: it did the same.
            await db.TrySaveAsync(cancellation);
        }
    }

    private async Task<Transaction?> FindAsync(uint256 id, IEnumerable<Transaction> carried, CancellationToken cancellation)
    {
        if (carried.FirstOrDefault(transaction => transaction.GetHash() == id) is { } copy) return copy;
        var txid = id.ToString();
        var psbt = await db.Set<BatchTransaction>().AsNoTracking().Where(t => t.Txid == txid).Select(t => t.Psbt).SingleOrDefaultAsync(cancellation);
        return psbt is null ? null : PSBT.Load(psbt, wallet.Network).GetGlobalTransaction();
    }

    // Our own coins tell who spent them; of what strangers spent there only blocks tell.
    private async Task<IEnumerable<CoinRival>> RivalsAsync(Transaction previous, string txid, CancellationToken cancellation)
    {
        var rivals = new List<CoinRival>();
        foreach (var input in previous.Inputs.Select(i => i.PrevOut))
        {
            var (from, vout) = (input.Hash.ToString(), (int)input.N);
            var spent = await db.Set<TreasuryCoin>().AsNoTracking().SingleOrDefaultAsync(c => c.Txid == from && c.Vout == vout && c.SpentBy != null && c.SpentBy != txid, cancellation);
            if (spent is not null) rivals.Add(new CoinRival { Txid = txid, InputTxid = from, InputVout = vout, SpentBy = spent.SpentBy!, Height = spent.SpentHeight!.Value });
        }

        return rivals.Concat(await search.FindAsync(previous, cancellation)).DistinctBy(r => (r.InputTxid, r.InputVout));
    }
}
