using System.Diagnostics.CodeAnalysis;
using DigitalResistance.Platform;
using NBitcoin;

namespace DigitalResistance.Treasury;

/// <summary>
/// What waits for the sandbox's next block and what can be spent: the checks of a real node that a payout can meet, with Bitcoin
/// Core's reject reasons. Not safe for threads; <see cref="SandboxChain"/> holds the lock.
/// </summary>
internal sealed class SandboxPool
{
    private const int MaxWeight = 400_000;
    private static readonly VByteRate MinRelay = VByteRate.PerVByte(1);

    private readonly Dictionary<OutPoint, TxOut> _coins = [];
    private readonly HashSet<uint256> _confirmed = [];
    private readonly Dictionary<OutPoint, Transaction> _spenders = [];
    private readonly List<Transaction> _waiting = [];

    public SandboxPool(IEnumerable<SandboxBlock> blocks)
    {
        foreach (var block in blocks) Confirm(block);
    }

    public IReadOnlyList<Transaction> Waiting => [.. _waiting];

    public ChainVerdict Judge(Transaction transaction) => Judge(transaction, out _);

    public ChainVerdict Add(Transaction transaction)
    {
        var verdict = Judge(transaction, out var replaced);
        if (verdict is not ChainVerdict.Accepted) return verdict;
        foreach (var old in replaced) Remove(old);
        _waiting.Add(transaction);
        foreach (var input in transaction.Inputs) _spenders[input.PrevOut] = transaction;
        return verdict;
    }

    public void Confirm(SandboxBlock block)
    {
        foreach (var transaction in block.Transactions)
        {
            var txid = transaction.GetHash();
            foreach (var input in transaction.Inputs) _coins.Remove(input.PrevOut);
            for (var vout = 0; vout < transaction.Outputs.Count; vout++) _coins[new OutPoint(txid, vout)] = transaction.Outputs[vout];
            _confirmed.Add(txid);
            // Whatever waits and spends the same coins can never confirm now.
            foreach (var input in transaction.Inputs)
            {
                if (_spenders.TryGetValue(input.PrevOut, out var loser)) Remove(loser);
            }
        }
    }

    /// <summary>A coin of this script that nothing spends yet.</summary>
    public (OutPoint Outpoint, TxOut Coin) Spendable(Script script, Sats atLeast)
    {
        var candidates = _coins.Concat(_waiting.SelectMany(t => t.Outputs.Select((o, i) => KeyValuePair.Create(new OutPoint(t.GetHash(), i), o))));
        var (outpoint, coin) = candidates.First(c => c.Value.ScriptPubKey == script && c.Value.Value.ToSats() >= atLeast && !_spenders.ContainsKey(c.Key));
        return (outpoint, coin);
    }

    private ChainVerdict Judge(Transaction transaction, out IReadOnlyList<Transaction> replaced)
    {
        replaced = [];
        var txid = transaction.GetHash();
        if (transaction.Check() != TransactionCheckResult.Success || transaction.IsCoinBase) return Refuse("bad-txns");
        if (_confirmed.Contains(txid) || _waiting.Exists(waiting => waiting.GetHash() == txid)) return new ChainVerdict.AlreadyKnown();

        var spent = new TxOut[transaction.Inputs.Count];
        for (var i = 0; i < spent.Length; i++)
        {
            if (!TryFind(transaction.Inputs[i].PrevOut, out var coin)) return Refuse("bad-txns-inputs-missingorspent");
            spent[i] = coin;
        }

        var fee = Sats.Sum(spent.Select(coin => coin.Value.ToSats())) - transaction.TotalOut.ToSats();
        var weight = VByteRate.WeightPerVByte * (long)transaction.GetVirtualSize();
        if (fee < Sats.Zero) return Refuse("bad-txns-in-belowout");
        if (weight > MaxWeight) return Refuse("tx-size");
        if (fee < MinRelay.FeeFor(weight)) return Refuse("min relay fee not met");
        if (transaction.Outputs.Any(output => !output.ScriptPubKey.IsUnspendable && output.ScriptPubKey != SandboxChain.AnyoneCanSpend && output.IsDust())) return Refuse("dust");

        var validator = transaction.CreateValidator(spent);
        for (var i = 0; i < spent.Length; i++)
        {
            if (spent[i].ScriptPubKey != SandboxChain.AnyoneCanSpend && validator.ValidateInput(i).Error is { } error)
            {
                return Refuse($"mandatory-script-verify-flag-failed ({error})");
            }
        }

        replaced = [.. transaction.Inputs.Select(i => _spenders.GetValueOrDefault(i.PrevOut)).OfType<Transaction>().Distinct()];
        return replaced.All(old => old.RBF && FeeOf(old) + MinRelay.FeeFor(weight) <= fee)
            ? new ChainVerdict.Accepted() : Refuse("txn-mempool-conflict");
    }

    private static ChainVerdict.Refused Refuse(string reason) => new(reason);

    private bool TryFind(OutPoint outpoint, [NotNullWhen(true)] out TxOut? coin)
    {
        coin = _coins.GetValueOrDefault(outpoint) ?? _waiting.Find(t => t.GetHash() == outpoint.Hash)?.Outputs.ElementAtOrDefault((int)outpoint.N);
        return coin is not null;
    }

    private Sats FeeOf(Transaction waiting) =>
        Sats.Sum(waiting.Inputs.Select(i => TryFind(i.PrevOut, out var coin) ? coin.Value.ToSats() : Sats.Zero)) - waiting.TotalOut.ToSats();

    // With everything that spends what it made.
    private void Remove(Transaction transaction)
    {
        if (!_waiting.Remove(transaction)) return;
        foreach (var input in transaction.Inputs) _spenders.Remove(input.PrevOut);
        var txid = transaction.GetHash();
        foreach (var child in _waiting.Where(t => t.Inputs.Any(i => i.PrevOut.Hash == txid)).ToList()) Remove(child);
    }
}
