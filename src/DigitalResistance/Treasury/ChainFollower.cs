using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>Keeps <see cref="ChainBlock"/> equal to the backend's best chain, and the heights of coins and transactions with it.</summary>
public sealed partial class ChainFollower(MoneyDb db, IChain chain, TreasuryWallet wallet, ILogger<ChainFollower> log)
{
    /// <summary>So many blocks are read in one pass, so that bookings keep up during a long synchronisation.</summary>
    private const int BlocksPerPass = 200;

    private readonly WatchSet _watch = new();
    // What transactions spent that paid us and are out of the best chain: whoever spends the same is their rival.
    private readonly Dictionary<OutPoint, List<string>> _outside = [];

    /// <summary>Reads what is new. Gives the number of blocks and the backend's tip; no tip where there is no treasury to watch for.</summary>
    public async Task<(int Blocks, ChainTip? Tip)> FollowAsync(CancellationToken cancellation)
    {
        var start = await db.Set<TreasuryDescriptor>().MinAsync(d => (int?)d.StartHeight, cancellation);
        if (start is null) return (0, null);

        var tip = await chain.GetTipAsync(cancellation);
        var last = await LeaveLostBranchAsync(cancellation);
        var next = last is null ? start.Value : last.Height + 1;
        if (next > tip.Height) return (0, tip);

        await WatchCoinsAsync(cancellation);
        var read = 0;
        while (next + read <= tip.Height && read < BlocksPerPass)
        {
            last = await ConnectAsync(next + read, last?.Hash, cancellation);
            if (last is null) break;
            read++;
        }

        return (read, tip);
    }

    // Goes back to the last block that the backend still has, and forgets the heights of everything above it.
    private async Task<ChainBlock?> LeaveLostBranchAsync(CancellationToken cancellation)
    {
        var blocks = db.Set<ChainBlock>().AsNoTracking();
        var kept = await blocks.OrderByDescending(b => b.Height).FirstOrDefaultAsync(cancellation);
        ChainBlock? lost = null;
        while (kept is not null && await chain.GetBlockHashAsync(kept.Height, cancellation) != uint256.Parse(kept.Hash))
        {
            lost = kept;
            kept = await blocks.SingleOrDefaultAsync(b => b.Height == kept.Height - 1, cancellation);
        }

        if (lost is null) return kept;
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        // Only while the lost block is still there: another process may have left the branch already and be further on the new one.
        var deleted = await db.Set<ChainBlock>()
            .Where(b => b.Height >= lost.Height && db.Set<ChainBlock>().Any(l => l.Hash == lost.Hash))
            .ExecuteDeleteAsync(cancellation);
        if (deleted == 0) return await blocks.OrderByDescending(b => b.Height).FirstOrDefaultAsync(cancellation);
        await db.Set<TreasuryTransaction>().Where(t => t.Height >= lost.Height)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.Height, (int?)null), cancellation);
        await db.Set<TreasuryCoin>().Where(c => c.SpentHeight >= lost.Height)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.SpentHeight, (int?)null).SetProperty(c => c.SpentBy, (string?)null).SetProperty(c => c.Version, c => c.Version + 1), cancellation);
        await db.Set<TreasuryCoin>().Where(c => c.Height >= lost.Height)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Height, (int?)null).SetProperty(c => c.Version, c => c.Version + 1), cancellation);
        await db.Set<CoinRival>().Where(r => r.Height >= lost.Height).ExecuteDeleteAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        LogBranchLeft(lost.Height, deleted);
        return kept;
    }

    private async Task<ChainBlock?> ConnectAsync(int height, string? previous, CancellationToken cancellation)
    {
        if (await chain.GetBlockHashAsync(height, cancellation) is not { } hash) return null;
        if (await chain.GetBlockAsync(hash, cancellation) is not { } bytes)
        {
            throw new ChainUnavailableException($"The bitcoin node has pruned block {height}, which was not read yet. A node that goes back that far is needed once.");
        }

        if (previous is not null && BlockScan.PreviousOf(bytes) != uint256.Parse(previous)) return null;
        // After the block was fetched: whatever it pays to was given out before, and so is among these rows.
        await WatchScriptsAsync(cancellation);
        var block = new ChainBlock { Height = height, Hash = hash.ToString(), Previous = previous };
        var found = BlockScan.Find(bytes, _watch, wallet.Network);
        try
        {
            await using var transaction = await db.JoinTransactionAsync(cancellation);
            foreach (var ours in found) await RecordAsync(ours, height, cancellation);
            db.Add(block);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return block;
        }
        catch (DbUpdateException conflict)
        {
            // Another process read this block first, or left the branch it is on.
            LogConnectedElsewhere(conflict, height);
            return null;
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    private async Task RecordAsync(Transaction transaction, int height, CancellationToken cancellation)
    {
        var txid = transaction.GetHash().ToString();
        var spentIds = transaction.Inputs.Select(i => i.PrevOut.Hash.ToString()).Distinct().ToArray();
        var inputs = transaction.Inputs.Select(i => (i.PrevOut.Hash.ToString(), (int)i.PrevOut.N)).ToHashSet();
        var spent = (await db.Set<TreasuryCoin>().Where(c => spentIds.Contains(c.Txid)).ToListAsync(cancellation))
            .Where(c => inputs.Contains((c.Txid, c.Vout))).ToList();
        foreach (var coin in spent) (coin.SpentBy, coin.SpentHeight, coin.Version) = (txid, height, coin.Version + 1);
        await RecordRivalryAsync(transaction, txid, height, cancellation);
        // A stranger's, found only because it spends what another stranger's transaction spent.
        if (spent.Count == 0 && !transaction.Outputs.Any(output => _watch.HasScript(output.ScriptPubKey.ToBytes()))) return;

        if (await db.Set<TreasuryTransaction>().FindAsync([txid], cancellation) is { } known) (known.Height, known.Bytes) = (height, transaction.ToBytes());
        else db.Add(new TreasuryTransaction { Txid = txid, Bytes = transaction.ToBytes(), Height = height });

        var coins = await db.Set<TreasuryCoin>().Where(c => c.Txid == txid).ToDictionaryAsync(c => c.Vout, cancellation);
        for (var vout = 0; vout < transaction.Outputs.Count; vout++)
        {
            if (!_watch.TryFindAddress(transaction.Outputs[vout].ScriptPubKey.ToBytes(), out var addressId)) continue;
            if (coins.TryGetValue(vout, out var coin)) (coin.Height, coin.IsLost, coin.Version) = (height, false, coin.Version + 1);
            else await AddCoinAsync(transaction.Outputs[vout], txid, vout, addressId, height, isOurPayment: spent.Count > 0, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
    }

    private async Task RecordRivalryAsync(Transaction transaction, string txid, int height, CancellationToken cancellation)
    {
        await db.Set<CoinRival>().Where(r => r.Txid == txid).ExecuteDeleteAsync(cancellation);
        foreach (var input in transaction.Inputs.Select(i => i.PrevOut).Where(_outside.ContainsKey))
        {
            var (inputTxid, vout) = (input.Hash.ToString(), (int)input.N);
            foreach (var other in _outside[input].Where(other => other != txid))
            {
                if (await db.Set<CoinRival>().FindAsync([other, inputTxid, vout], cancellation) is null)
                    db.Add(new CoinRival { Txid = other, InputTxid = inputTxid, InputVout = vout, SpentBy = txid, Height = height });
            }
        }

        await db.SaveChangesAsync(cancellation);
    }

    private async Task AddCoinAsync(TxOut output, string txid, int vout, long addressId, int height, bool isOurPayment, CancellationToken cancellation)
    {
        // Only our keys spend our coins, so that what comes back from such a transaction is change.
        var origin = await ToldCoins.OriginAsync(db, txid, vout, cancellation) is { } told ? told
            : isOurPayment ? CoinOrigin.Change
            : await db.Set<Donation>().AnyAsync(d => d.AddressId == addressId, cancellation) ? CoinOrigin.Donation : CoinOrigin.Deposit;
        db.Add(new TreasuryCoin { Txid = txid, Vout = vout, Amount = output.Value.ToSats(), AddressId = addressId, Origin = origin, Height = height });
        await db.Set<TreasuryAddress>().Where(a => a.Id == addressId).ExecuteUpdateAsync(set => set.SetProperty(a => a.IsUsed, true), cancellation);
    }

    private async Task WatchCoinsAsync(CancellationToken cancellation)
    {
        var coins = await db.Set<TreasuryCoin>().Where(c => c.SpentHeight == null).Select(c => new { c.Txid, c.Vout }).ToListAsync(cancellation);
        foreach (var coin in coins) _watch.AddCoin(new OutPoint(uint256.Parse(coin.Txid), (uint)coin.Vout));
        var outside = await db.Set<TreasuryTransaction>().AsNoTracking().Where(t => t.Height == null && db.Set<TreasuryCoin>().Any(c => c.Txid == t.Txid && !c.IsLost)).ToListAsync(cancellation);
        foreach (var transaction in outside)
        {
            foreach (var input in Transaction.Load(transaction.Bytes, wallet.Network).Inputs.Select(i => i.PrevOut))
            {
                _watch.AddCoin(input);
                if (!_outside.TryGetValue(input, out var spenders)) _outside[input] = spenders = [];
                spenders.Add(transaction.Txid);
            }
        }
    }

    // Rows are never deleted: an equal count means the same rows, whatever order their ids were committed in.
    private async Task WatchScriptsAsync(CancellationToken cancellation)
    {
        if (await db.Set<TreasuryAddress>().CountAsync(cancellation) == _watch.ScriptCount) return;
        await foreach (var row in db.Set<TreasuryAddress>().Select(a => new { a.Id, a.Script }).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            _watch.AddScript(row.Id, row.Script);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The best chain changed from height {Height} on: {Blocks} blocks were left")]
    private partial void LogBranchLeft(int height, int blocks);

    [LoggerMessage(2, LogLevel.Debug, "Block {Height} was recorded by another process")]
    private partial void LogConnectedElsewhere(Exception conflict, int height);
}
