using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Bitcoin;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Verify.Chain;

/// <summary>
/// Compares what the log says with the chain: every coin is at the address that follows from the published descriptor, every payment has
/// the inputs, the fee, the recipients and the commitment that the log says, and the coins that are left are the balance.
/// </summary>
internal sealed class ChainCheck(IChainReader chain, LedgerBooks books, Func<long, CancellationToken, Task<Checkpoint>> checkpointAt)
{
    private const int UnspentGap = 20;
    private readonly Dictionary<string, long> _coins = new(StringComparer.Ordinal);
    private readonly Dictionary<(long? Round, long? Move), List<long>> _paid = [];
    private readonly List<string> _notChecked = [];
    private TreasuryAddresses _addresses = new([]);
    private bool _isPrivate;
    private long _tip;

    /// <summary>Throws <see cref="BookFaultException"/> at the first thing that is not so, <see cref="ChainSilentException"/> where the chain does not answer.</summary>
    public async Task<ChainFound> RunAsync(CancellationToken cancellation)
    {
        if (books.Descriptors.Count == 0)
        {
            // Nothing can be compared, and a log that speaks of coins all the same is not one that holds.
            BookFaultException.Need(!books.Coins.Booked.Any() && !books.Coins.Outside.Any() && books.Payments.All.Count == 0, "the log speaks of coins and never named a treasury");
            return new ChainFound(chain.Name, 0, 0, []);
        }

        var network = books.Descriptors[^1].Network;
        _tip = await chain.OpenAsync(network, cancellation);
        ReadDescriptors(network);

        var work = books.Coins.Booked.Select(c => (c.Coin.Height, c.Coin.Index, Check: (Func<Task>)(() => CheckCoinAsync(c.Txid.ToString(), c.Vout, c.Coin, cancellation))))
            .Concat(books.Coins.Outside.Select(o => (o.Height, o.Index, Check: (Func<Task>)(() => CheckOutsideAsync(o, cancellation)))))
            .Concat(books.Coins.Lost.Select(l => (l.Height, l.Index, Check: (Func<Task>)(() => CheckLostAsync(l, cancellation)))))
            .Concat(books.Payments.All.Where(p => p.IsBooked).Select(p => (p.Height, Index: p.ConfirmedAt, Check: (Func<Task>)(() => CheckPaymentAsync(p, cancellation)))))
            // By block: a coin is made before it is spent, and a block need be read once only.
            .OrderBy(w => w.Height).ThenBy(w => w.Index).ToList();
        for (var i = 0; i < work.Count; i++)
        {
            Progress.Show("transactions", i, work.Count);
            await work[i].Check();
        }

        CheckGrants();
        if (_addresses.IsBeyondReach) _notChecked.Add($"addresses beyond number {TreasuryAddresses.Reachable}");
        if (_isPrivate) _notChecked.Add("the treasury's addresses, as its descriptor is not published");
        else await CheckBalanceAsync(cancellation);
        return new ChainFound(chain.Name, _tip, work.Count, _notChecked);
    }

    private void ReadDescriptors(string network)
    {
        var read = new List<WatchedDescriptor>();
        foreach (var descriptor in books.Descriptors)
        {
            if (descriptor.Text is null || descriptor.Network != network)
            {
                _isPrivate = true;
                continue;
            }

            try
            {
                read.Add(WatchedDescriptor.Parse(descriptor.Text, network));
            }
            catch (FormatException unknown)
            {
                throw new BookFaultException($"entry {descriptor.Index}: {unknown.Message}");
            }
        }

        _addresses = new TreasuryAddresses(read);
    }

    private async Task CheckCoinAsync(string txid, long vout, BookedCoin coin, CancellationToken cancellation)
    {
        var transaction = (await FindAsync(coin.Index, txid, coin.Height, cancellation)).Transaction;
        Need(coin.Index, vout < transaction.Outputs.Count && transaction.Outputs[(int)vout].Value == coin.Amount, $"the chain's transaction {txid} has no output {vout} of {coin.Amount} sat");
        if (!_isPrivate) Need(coin.Index, coin.Branch is 0 or 1 && _addresses.IsAt((int)coin.Branch, coin.AddressIndex, transaction.Outputs[(int)vout].Script),
            $"the coin is not at the treasury's address {coin.AddressIndex} of branch {coin.Branch}");
        _coins[Outpoint(txid, vout)] = coin.Amount;
    }

    private async Task CheckLostAsync(LostCoin lost, CancellationToken cancellation)
    {
        var transaction = (await FindAsync(lost.Index, lost.By, lost.Height, cancellation)).Transaction;
        Need(lost.Index, transaction.Inputs.Contains(lost.Input), $"the chain's transaction {lost.By} does not spend {lost.Input}");
    }

    private async Task CheckOutsideAsync(OutsideSpend spend, CancellationToken cancellation)
    {
        var transaction = (await FindAsync(spend.Index, spend.Txid, spend.Height, cancellation)).Transaction;
        Need(spend.Index, spend.Inputs.All(transaction.Inputs.Contains), "the chain's transaction does not spend these coins");
        var spent = Spend(spend.Index, spend.Inputs);
        var back = TakeOwn(transaction).Sum(o => o.Value);
        if (spent is { } sum) Need(spend.Index, sum == spend.Spent, $"these coins are {sum} sat, not {spend.Spent}");
        if (!_isPrivate) Need(spend.Index, back == spend.Returned, $"{back} sat of it came back to the treasury, not {spend.Returned}");
    }

    private async Task CheckPaymentAsync(Payment payment, CancellationToken cancellation)
    {
        var at = payment.ConfirmedAt;
        var mined = await FindAsync(at, payment.Txid, payment.Height, cancellation);
        var transaction = mined.Transaction;
        Need(at, mined.Block == payment.Block, $"the transaction is in the block {mined.Block}, not in {payment.Block}");
        Need(at, transaction.Inputs.Order(StringComparer.Ordinal).SequenceEqual(payment.Inputs.Order(StringComparer.Ordinal)), "the transaction spends other coins than were announced");

        var spent = Spend(at, payment.Inputs);
        if (spent is { } sum) Need(at, sum - transaction.Outputs.Sum(o => o.Value) == payment.Fee, $"the transaction's fee is {sum - transaction.Outputs.Sum(o => o.Value)} sat, not {payment.Fee}");
        else _notChecked.Add($"entry {at}: the fee, as a coin it spends is not in the log");

        var commitments = transaction.Outputs.Where(o => o.Script is [0x6a, ..]).ToList();
        var checkpoint = await checkpointAt(payment.CheckpointSize, cancellation);
        Need(at, commitments is [{ Value: 0, Script: [0x6a, 32, .. var hash] }] && hash.AsSpan().SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(checkpoint.Text))),
            $"the transaction does not commit to the checkpoint of {payment.CheckpointSize} entries");

        var change = TakeOwn(transaction);
        if (payment.Move is { } paying) CheckBills(at, books.Moves.Find(paying)!, [.. transaction.Outputs]);
        if (_isPrivate) return;
        var recipients = transaction.Outputs.Except(commitments).Except(change).Select(o => o.Value).ToList();
        Need(at, recipients.Count == payment.Recipients && recipients.Sum() == payment.Paid, $"the transaction pays {recipients.Sum()} sat to {recipients.Count} recipients, not {payment.Paid} to {payment.Recipients}");
        if (payment.Move is { } move)
        {
            var target = books.Descriptors.FindIndex(d => d.Hash == books.Moves.Find(move)!.Said.Text("target"));
            Need(at, change.TrueForAll(o => _addresses.IsOf(target, o.Script)), "what is left does not go to the treasury that was approved");
        }

        if (!_paid.TryGetValue((payment.Round, payment.Move), out var all)) _paid[(payment.Round, payment.Move)] = all = [];
        all.AddRange(recipients);
    }

    /// <summary>Each bill is paid at the address that was approved; the log has the amounts, and only the manifest the addresses.</summary>
    private void CheckBills(long at, Move move, List<RawOutput> outputs)
    {
        if (move.Bills is null && move.Costs.Count > 0) _notChecked.Add($"move {move.Number}: the addresses that its costs were paid to, for which its manifest is needed");
        foreach (var (address, amount) in move.Bills ?? [])
            Need(at, outputs.Remove(outputs.Find(o => o.Value == amount && OutputAddress.Is(address, o.Script, books.Descriptors[^1].Network))!), $"the transaction does not pay {amount} sat to {address}, as was approved");
    }

    /// <summary>The amounts on the chain are the amounts that the round granted, or the costs of the move, one output for each.</summary>
    private void CheckGrants()
    {
        foreach (var (order, amounts) in _paid)
        {
            var round = order.Round is { } number ? books.Rounds.Find(number) : null;
            var approved = round?.Grants!.Rows.Select(r => r.Value) ?? books.Moves.Find(order.Move!.Value)!.Costs;
            var granted = approved.GroupBy(amount => amount).ToDictionary(g => g.Key, g => g.Count());
            foreach (var amount in amounts)
                if (!granted.TryGetValue(amount, out var left) || left == 0 || (granted[amount] = left - 1) < 0)
                    throw new BookFaultException($"{(round is null ? $"move {order.Move}" : $"round {order.Round}")}: the chain has a payment of {amount} sat that nobody {(round is null ? "approved" : "was granted")}");
            if (round is { Stage: RoundStage.Closed } && granted.Values.Any(left => left > 0)) throw new BookFaultException($"round {order.Round} is closed, and a grant of {granted.First(g => g.Value > 0).Key} sat is not in the chain");
        }
    }

    private async Task CheckBalanceAsync(CancellationToken cancellation)
    {
        if (_coins.Values.Sum() != books.Balance && _notChecked.Count == 0) throw new BookFaultException($"the log's balance is {books.Balance} sat, the coins it speaks of are {_coins.Values.Sum()}");
        var unspent = new Dictionary<string, UnspentCoin>(StringComparer.Ordinal);
        foreach (var descriptor in _addresses.Descriptors)
        {
            if (await chain.UnspentAsync(descriptor, _addresses.Within(descriptor, UnspentGap), cancellation) is not { } coins)
            {
                _notChecked.Add($"whether the treasury has other coins than the log says, which {chain.Name} cannot tell");
                return;
            }

            foreach (var coin in coins) unspent[coin.Outpoint] = coin;
        }

        var gone = _coins.Where(c => !unspent.ContainsKey(c.Key)).ToList();
        if (gone.Count > 0) _notChecked.Add($"{gone.Count} coin(s) of {gone.Sum(c => c.Value)} sat are spent in the chain and not yet in the log, as {gone[0].Key}");
        var announced = books.Payments.All.Select(p => p.Txid).ToHashSet(StringComparer.Ordinal);
        var heights = books.Coins.Booked.Select(c => c.Coin.Height).DefaultIfEmpty(long.MaxValue).ToList();
        foreach (var coin in unspent.Values.Where(u => !_coins.ContainsKey(u.Outpoint) && !announced.Contains(u.Outpoint[..64])))
        {
            // What is as new as the newest coin of the log may still wait for its confirmations; what is older than the oldest was there before the log.
            if (coin.Height >= heights.Max()) continue;
            if (gone.Count > 0 || coin.Height < heights.Min()) _notChecked.Add($"the coin {coin.Outpoint} of {coin.Value} sat in block {coin.Height}, of which the log says nothing");
            else throw new BookFaultException($"the treasury has the coin {coin.Outpoint} of {coin.Value} sat in block {coin.Height}, which the log leaves out");
        }
    }

    private async Task<MinedTransaction> FindAsync(long index, string txid, long height, CancellationToken cancellation)
    {
        if (height > _tip) throw new ChainSilentException($"{chain.Name} has read no further than block {_tip}, and entry {index} speaks of block {height}");
        return await chain.FindAsync(txid, height, cancellation) ?? throw new BookFaultException($"entry {index}: {chain.Name} has no transaction {txid} in block {height}");
    }

    /// <summary>What these coins were worth; null where one is not known.</summary>
    private long? Spend(long index, IReadOnlyList<string> inputs)
    {
        var sum = 0L;
        var known = true;
        foreach (var input in inputs)
        {
            known &= _coins.Remove(input, out var value);
            sum = checked(sum + value);
        }

        Need(index, known || _isPrivate, "the transaction spends a coin that the treasury did not have");
        return known ? sum : null;
    }

    /// <summary>The outputs that come back to the treasury, which are its coins from now on.</summary>
    private List<RawOutput> TakeOwn(RawTransaction transaction)
    {
        var own = new List<RawOutput>();
        if (_isPrivate) return own;
        for (var i = 0; i < transaction.Outputs.Count; i++)
        {
            if (!_addresses.IsOurs(transaction.Outputs[i].Script)) continue;
            own.Add(transaction.Outputs[i]);
            _coins[Outpoint(transaction.Txid, i)] = transaction.Outputs[i].Value;
        }

        return own;
    }

    private static string Outpoint(string txid, long vout) => FormattableString.Invariant($"{txid}:{vout}");

    private static void Need(long index, bool holds, string otherwise) => BookFaultException.Need(holds, $"entry {index}: {otherwise}");
}

/// <summary>What the chain was found to say.</summary>
/// <param name="Name">Who was asked.</param>
/// <param name="Tip">Its newest block.</param>
/// <param name="Transactions">How many entries were compared.</param>
/// <param name="NotChecked">What could not be.</param>
internal sealed record ChainFound(string Name, long Tip, long Transactions, IReadOnlyList<string> NotChecked);
