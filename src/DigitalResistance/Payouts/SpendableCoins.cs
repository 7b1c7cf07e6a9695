using DigitalResistance.Data;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>The coins that a batch may spend: booked, in the best chain, unspent, and in no batch.</summary>
internal sealed class SpendableCoins(MoneyDb db, TreasuryWallet wallet)
{
    // Scripts, keys and paths of the largest multisig, its signatures, and what stands once in a PSBT.
    private const long BytesAroundAnInput = 3_500;
    private const long BytesOfAPayment = 50;

    private readonly Dictionary<int, AdoptedTreasury> _treasuries = [];
    private readonly Dictionary<long, int> _descriptors = [];

    /// <summary>
    /// All of them with what spending each weighs, by the treasury they were paid to: the one in force first, then the others, newest first.
    /// No transaction mixes them: other people sign for other keys.
    /// </summary>
    public async Task<IReadOnlyList<Purse>> FreeAsync(CancellationToken cancellation)
    {
        var free = await ListAsync(
            db.Set<TreasuryCoin>().Where(c => c.IsBooked && c.Height != null && c.SpentHeight == null && !db.Set<BatchInput>().Any(i => i.CoinId == c.Id)), cancellation);
        var byTreasury = free.ToLookup(coin => _descriptors[coin.Id]);
        return [.. _treasuries.Keys.OrderByDescending(id => id).Select(id => new Purse(_treasuries[id], [.. byTreasury[id]]))];
    }

    /// <summary>The free coins that may be spent together with these: those of the same treasury; of the one in force where there are none of these.</summary>
    public async Task<IReadOnlyList<SelectableCoin>> FreeBesideAsync(IReadOnlyList<SelectableCoin> held, CancellationToken cancellation)
    {
        var purses = await FreeAsync(cancellation);
        return (held.Count == 0 ? purses[0] : purses.Single(p => p.Treasury.Id == _descriptors[held[0].Id])).Coins;
    }

    /// <summary>The coins that a batch holds and nobody has spent.</summary>
    public Task<IReadOnlyList<SelectableCoin>> HeldByAsync(Guid batch, CancellationToken cancellation) => ListAsync(
        db.Set<TreasuryCoin>().Where(c => c.Height != null && c.SpentHeight == null && db.Set<BatchInput>().Any(i => i.BatchId == batch && i.CoinId == c.Id)), cancellation);

    /// <summary>The coins of these outpoints, wherever the chain has them now; fewer where some were never seen.</summary>
    public async Task<IReadOnlyList<SelectableCoin>> FindAsync(IReadOnlyCollection<OutPoint> outpoints, CancellationToken cancellation)
    {
        var txids = outpoints.Select(outpoint => outpoint.Hash.ToString()).Distinct().ToArray();
        var wanted = outpoints.Select(outpoint => (outpoint.Hash.ToString(), (int)outpoint.N)).ToHashSet();
        var seen = await db.Set<TreasuryCoin>().Where(c => txids.Contains(c.Txid)).Select(c => new { c.Id, c.Txid, c.Vout }).ToListAsync(cancellation);
        var ids = seen.Where(c => wanted.Contains((c.Txid, c.Vout))).Select(c => c.Id).ToArray();
        return await ListAsync(db.Set<TreasuryCoin>().Where(c => ids.Contains(c.Id)), cancellation);
    }

    /// <summary>
    /// Of the coins of one transaction the one with the largest previous transaction, where these, each carried whole, make a PSBT larger than every
    /// signing device can hold; null where it fits.
    /// </summary>
    public async Task<SelectableCoin?> TooHeavyAsync(IReadOnlyCollection<SelectableCoin> coins, int payments, int mostBytes, CancellationToken cancellation)
    {
        if (mostBytes == int.MaxValue || coins.Count == 0) return null;
        var ids = coins.Select(coin => coin.Id).ToArray();
        var sizes = await (
            from coin in db.Set<TreasuryCoin>()
            where ids.Contains(coin.Id)
            join previous in db.Set<TreasuryTransaction>() on coin.Txid equals previous.Txid
            select new { coin.Id, previous.Bytes.Length }).ToListAsync(cancellation);
        var bytes = sizes.Sum(s => (long)s.Length) + ((coins.Count + 1L) * BytesAroundAnInput) + (payments * BytesOfAPayment);
        return bytes <= mostBytes ? null : coins.Single(coin => coin.Id == sizes.MaxBy(s => s.Length)!.Id);
    }

    /// <summary>
    /// Chosen coins with everything needed to spend them, proven against each other: the script is derived again, and amount and script
    /// are those of the stored previous transaction. A row that was changed behind the program's back throws.
    /// </summary>
    public async Task<IReadOnlyList<SpentCoin>> TakeAsync(IEnumerable<SelectableCoin> coins, CancellationToken cancellation)
    {
        var ids = coins.Select(coin => coin.Id).ToArray();
        var rows = await (
            from coin in db.Set<TreasuryCoin>()
            where ids.Contains(coin.Id)
            join address in db.Set<TreasuryAddress>() on coin.AddressId equals address.Id
            join previous in db.Set<TreasuryTransaction>() on coin.Txid equals previous.Txid
            select new { coin, address, previous.Bytes }).AsNoTracking().ToListAsync(cancellation);
        return [.. rows.Select(row =>
        {
            var script = _treasuries[row.address.DescriptorId].Descriptor.Derive(row.address.Branch, (uint)row.address.Index);
            var spent = new SpentCoin(row.coin.Id, row.coin.Txid, row.coin.Vout, row.coin.Amount, script, row.Bytes);
            var previous = Transaction.Load(row.Bytes, wallet.Network);
            var output = previous.Outputs[row.coin.Vout];
            return previous.GetHash().ToString() == row.coin.Txid && output.ScriptPubKey == script.ScriptPubKey && output.Value.ToSats() == row.coin.Amount
                ? spent : throw new InvalidOperationException($"Coin {row.coin.Id} is not what its previous transaction and the descriptor say.");
        })];
    }

    /// <summary>The descriptors that these coins were paid to.</summary>
    public IEnumerable<Descriptor> DescriptorsOf(IEnumerable<SpentCoin> coins) =>
        _treasuries.Values.Select(t => t.Descriptor).Where(d => coins.Any(coin => d.Derive(coin.Script.Branch, coin.Script.Index).ScriptPubKey == coin.Script.ScriptPubKey));

    private async Task<IReadOnlyList<SelectableCoin>> ListAsync(IQueryable<TreasuryCoin> coins, CancellationToken cancellation)
    {
        await LoadTreasuriesAsync(cancellation);
        var rows = await coins.Join(db.Set<TreasuryAddress>(), c => c.AddressId, a => a.Id, (c, a) => new { c.Id, c.Amount, a.DescriptorId }).ToListAsync(cancellation);
        foreach (var row in rows) _descriptors[row.Id] = row.DescriptorId;
        return [.. rows.Select(row => new SelectableCoin(row.Id, row.Amount, _treasuries[row.DescriptorId].Descriptor.InputWeight()))];
    }

    private async Task LoadTreasuriesAsync(CancellationToken cancellation)
    {
        foreach (var row in await db.Set<TreasuryDescriptor>().AsNoTracking().ToListAsync(cancellation)) _treasuries[row.Id] = wallet.Open(row);
    }
}

/// <summary>The free coins that were paid to one treasury.</summary>
internal sealed record Purse(AdoptedTreasury Treasury, IReadOnlyList<SelectableCoin> Coins)
{
    /// <summary>The same without one coin.</summary>
    public Purse Without(SelectableCoin coin) => this with { Coins = [.. Coins.Where(c => c.Id != coin.Id)] };
}
