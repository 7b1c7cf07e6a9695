using System.Diagnostics.CodeAnalysis;

namespace NBitcoin;

/// <content>The roles of BIP-174: updater, combiner, finalizer, extractor.</content>
public partial class PSBT
{
    /// <summary>Takes outputs and scripts of the coins it spends, and scripts of outputs that pay back to them.</summary>
    public PSBT AddCoins(params ICoin?[] coins)
    {
        ArgumentNullException.ThrowIfNull(coins);
        foreach (var coin in coins.OfType<ICoin>()) Inputs.FindIndexedInput(coin.Outpoint)?.UpdateFromCoin(coin);
        var scripts = coins.OfType<ScriptCoin>().ToLookup(c => c.ScriptPubKey);
        if (scripts.Count == 0) return this;
        foreach (var output in Outputs)
            foreach (var coin in scripts[output.ScriptPubKey]) output.UpdateFromCoin(coin);
        return this;
    }

    /// <summary>Takes the whole transactions whose outputs it spends.</summary>
    public PSBT AddTransactions(params Transaction[] parentTransactions)
    {
        ArgumentNullException.ThrowIfNull(parentTransactions);
        var byHash = new Dictionary<uint256, Transaction>();
        foreach (var transaction in parentTransactions) byHash.TryAdd(transaction.GetHash(), transaction);
        foreach (var input in Inputs)
        {
            if (!byHash.TryGetValue(input.PrevOut.Hash, out var previous) || input.PrevOut.N >= previous.Outputs.Count) continue;
            input.NonWitnessUtxo = previous;
            if (input.GetCoin() is { IsMalleable: false } coin) input.WitnessUtxo = coin.TxOut;
            if (Settings.AutomaticUTXOTrimming) input.TrySlimUTXO();
        }

        return this;
    }

    /// <summary>Takes scripts for the inputs and outputs that pay to their hashes.</summary>
    public PSBT AddScripts(params Script[] redeems)
    {
        ArgumentNullException.ThrowIfNull(redeems);
        var coins = Inputs.Where(i => !i.IsFinalized()).Concat<PSBTCoin>(Outputs).Select(c => (Coin: c, c.GetTxOut()?.ScriptPubKey)).ToLookup(c => c.ScriptPubKey, c => c.Coin);
        foreach (var redeem in redeems)
        {
            var program = redeem.WitHash.ScriptPubKey;
            foreach (var coin in coins[redeem.PaymentScript]) coin.RedeemScript = redeem;
            foreach (var coin in coins[program]) coin.WitnessScript = redeem;
            foreach (var coin in coins[program.PaymentScript]) (coin.WitnessScript, coin.RedeemScript) = (redeem, program);
        }

        if (Settings.AutomaticUTXOTrimming)
            foreach (var input in Inputs) input.TrySlimUTXO();
        return this;
    }

    /// <summary>Tells where a key comes from, at every input and output whose script names it.</summary>
    public PSBT AddKeyPath(PubKey pubkey, RootedKeyPath rootedKeyPath) => AddKeyPath(pubkey, rootedKeyPath, null);

    /// <summary>Tells where a key comes from, at every input and output whose script names it or is this one.</summary>
    public PSBT AddKeyPath(PubKey pubkey, RootedKeyPath rootedKeyPath, Script? scriptPubKey)
    {
        ArgumentNullException.ThrowIfNull(pubkey);
        ArgumentNullException.ThrowIfNull(rootedKeyPath);
        HashSet<Script> paying =
        [
            pubkey.ScriptPubKey, pubkey.Hash.ScriptPubKey, pubkey.WitHash.ScriptPubKey,
            pubkey.WitHash.ScriptPubKey.PaymentScript, pubkey.ScriptPubKey.PaymentScript,
        ];
        if (scriptPubKey is not null) paying.Add(scriptPubKey);
        foreach (var coin in Inputs.Where(i => !i.IsFinalized()).Concat<PSBTCoin>(Outputs))
        {
            var script = coin is PSBTOutput output ? output.ScriptPubKey : coin.GetTxOut()?.ScriptPubKey;
            if (script is not null && (paying.Contains(script) || Names(coin, script, pubkey))) coin.AddKeyPath(pubkey, rootedKeyPath);
        }

        return this;
    }

    /// <summary>Tells where derived keys come from, at every input and output whose script names them.</summary>
    public PSBT AddKeyPath(IHDKey masterKey, params KeyPath[] paths)
    {
        ArgumentNullException.ThrowIfNull(masterKey);
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var path in paths)
            if (masterKey.Derive(path) is { } key) AddKeyPath(key.GetPublicKey(), path.ToRootedKeyPath(masterKey));
        return this;
    }

    /// <summary>Takes everything another copy of the same transaction knows.</summary>
    public PSBT Combine(PSBT other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.UnsignedHash != UnsignedHash) throw new ArgumentException("Can not Combine PSBT with different global tx.", nameof(other));
        foreach (var (key, origin) in other.GlobalXPubs) GlobalXPubs.TryAdd(key, origin);
        for (var i = 0; i < Inputs.Count; i++) Inputs[i].UpdateFrom(other.Inputs[i]);
        for (var i = 0; i < Outputs.Count; i++) Outputs[i].UpdateFrom(other.Outputs[i]);
        foreach (var (key, value) in other.Unknown) Unknown.TryAdd(key, value);
        return this;
    }

    /// <summary>Makes the finished form of every input.</summary>
    public PSBT Finalize()
    {
        if (!TryFinalize(out var errors)) throw new PSBTException(errors);
        return this;
    }

    /// <summary>Makes the finished form of every input, or says which cannot be made.</summary>
    public bool TryFinalize([MaybeNullWhen(true)] out IList<PSBTError> errors)
    {
        var data = PrecomputeTransactionData();
        var all = new List<PSBTError>();
        foreach (var input in Inputs)
            if (!PsbtFinalizer.TryFinalize(input, data, out var some)) all.AddRange(some);
        errors = all.Count == 0 ? null : all;
        return all.Count == 0;
    }

    /// <summary>True when every input is finished, whether or not that satisfies anything.</summary>
    public bool IsAllFinalized() => Inputs.All(i => i.IsFinalized());

    /// <summary>True when every input is finished, whether or not that satisfies anything.</summary>
    public bool CanExtractTransaction() => IsAllFinalized();

    /// <summary>The finished transaction. Check it with <see cref="Transaction.CreateValidator(TxOut[])"/> before trusting it.</summary>
    public Transaction ExtractTransaction()
    {
        if (!CanExtractTransaction()) throw new InvalidOperationException("PSBTInputs are not all finalized!");
        var transaction = Unsigned.Clone();
        foreach (var input in Inputs)
        {
            transaction.Inputs[input.Index].ScriptSig = input.FinalScriptSig ?? Script.Empty;
            transaction.Inputs[input.Index].WitScript = input.FinalScriptWitness ?? WitScript.Empty;
        }

        return transaction;
    }

    /// <summary>Hashes that all inputs share; with those of taproot when every spent output is known.</summary>
    public PrecomputedTransactionData PrecomputeTransactionData()
    {
        var spent = Inputs.Select(i => i.GetTxOut()).ToArray();
        return spent.Contains(null) ? Unsigned.PrecomputeTransactionData() : Unsigned.PrecomputeTransactionData(spent!);
    }

    /// <summary>Checks inputs of the unsigned transaction against the outputs they spend.</summary>
    public TransactionValidator CreateTransactionValidator()
    {
        var unknown = Inputs.Where(i => i.GetTxOut() is null).Select(i => new PSBTError(i.Index, "Some inputs are missing witness_utxo or non_witness_utxo")).ToArray();
        if (unknown.Length > 0) throw new PSBTException(unknown);
        return Unsigned.CreateValidator(Inputs.Select(i => i.GetTxOut()!).ToArray());
    }

    /// <summary>True when nothing that a signer needs is missing.</summary>
    public bool IsReadyToSign() => IsReadyToSign(out _);

    /// <summary>True when nothing that a signer needs is missing, and otherwise what.</summary>
    public bool IsReadyToSign([MaybeNullWhen(true)] out PSBTError[] errors)
    {
        errors = Inputs.SelectMany(input => input.CheckSanity() is { Count: > 0 } insane ? insane
            : input.GetSignableCoin(out var why) is null ? [new PSBTError(input.Index, why!)]
            : []).ToArray();
        if (errors.Length > 0) return false;
        errors = null;
        return true;
    }

    /// <summary>What contradicts itself.</summary>
    public IList<PSBTError> CheckSanity() => Inputs.SelectMany(i => i.CheckSanity()).ToList();

    /// <summary>Throws when something contradicts itself.</summary>
    public void AssertSanity()
    {
        if (CheckSanity() is { Count: > 0 } errors) throw new PSBTException(errors);
    }

    /// <summary>The fee, when every spent output is known and the sums are amounts at all.</summary>
    public bool TryGetFee([MaybeNullWhen(false)] out Money fee)
    {
        var coins = Inputs.Select(i => i.GetCoin()).OfType<ICoin>().ToArray();
        try
        {
            fee = coins.Length == Inputs.Count ? Unsigned.GetFee(coins) : null;
        }
        catch (OverflowException)
        {
            // An output may claim any 64-bit number: such a transaction has no fee, and whoever asks with Try expects no exception.
            fee = null;
        }

        return fee is not null;
    }

    /// <summary>The fee.</summary>
    public Money GetFee() => TryGetFee(out var fee) ? fee : throw new InvalidOperationException("Not enough information to know about the fee");

    private static bool Names(PSBTCoin coin, Script script, PubKey key)
    {
        var inner = coin.WitnessScript ?? coin.RedeemScript ?? script;
        return PayToMultiSigTemplate.TryRead(inner, out _, out var keys) && keys.Any(k => k.AsSpan().SequenceEqual(key.Bytes));
    }
}
