using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// Searches blocks that were read already for whoever spends what a transaction spends that restored tables have just learnt of. The chain lost it, so that the search begins where it
/// stood, less the depth from which on nothing is expected to be taken back.
/// </summary>
public sealed class RivalSearch(MoneyDb db, IChain chain, TreasuryWallet wallet, IOptions<BitcoinOptions> options)
{
    private static readonly string[] Booking = ["donation.confirmed", "treasury.received", "tx.confirmed"];

    /// <summary>Its rivals in blocks up to the last one that was read. None where the log never told of it, or where the node has pruned the blocks. Throws <see cref="ChainUnavailableException"/>.</summary>
    public async Task<IReadOnlyList<CoinRival>> FindAsync(Transaction lost, CancellationToken cancellation)
    {
        var txid = lost.GetHash().ToString();
        if (await ToldHeightAsync(txid, cancellation) is not { } told) return [];
        var (watch, inputs) = (new WatchSet(), lost.Inputs.Select(input => input.PrevOut).ToHashSet());
        foreach (var input in inputs) watch.AddCoin(input);
        var rivals = new List<CoinRival>();
        var from = told - options.Value.FinalConfirmations;
        foreach (var block in await db.Set<ChainBlock>().AsNoTracking().Where(b => b.Height >= from).OrderBy(b => b.Height).ToListAsync(cancellation))
        {
            if (await chain.GetBlockAsync(uint256.Parse(block.Hash), cancellation) is not { } bytes) continue;
            foreach (var spender in BlockScan.Find(bytes, watch, wallet.Network))
            {
                var by = spender.GetHash().ToString();
                if (by == txid) continue;
                rivals.AddRange(spender.Inputs.Select(input => input.PrevOut).Where(inputs.Contains)
                    .Select(input => new CoinRival { Txid = txid, InputTxid = input.Hash.ToString(), InputVout = (int)input.N, SpentBy = by, Height = block.Height }));
            }
        }

        return rivals;
    }

    // Where the log first said that it stands.
    private async Task<int?> ToldHeightAsync(string txid, CancellationToken cancellation)
    {
        var told = await (
            from line in db.Set<LedgerLine>()
            where line.Txid == txid && Booking.Contains(line.Type)
            join entry in db.Set<LedgerEntry>() on (long?)line.Index equals entry.Index
            select entry.Bytes).ToListAsync(cancellation);
        return told.Count == 0 ? null : told.Min(bytes => (int)CanonicalObject.Parse(bytes).Integer("height"));
    }
}
