namespace NBitcoin;

/// <summary>What a look at a transaction alone can find wrong with it.</summary>
public enum TransactionCheckResult
{
    /// <summary>Nothing.</summary>
    Success,

    /// <summary>It spends nothing.</summary>
    NoInput,

    /// <summary>It pays nothing.</summary>
    NoOutput,

    /// <summary>An amount is negative.</summary>
    NegativeOutput,

    /// <summary>An amount is more than there will ever be.</summary>
    OutputTooLarge,

    /// <summary>The amounts together are more than there will ever be.</summary>
    OutputTotalTooLarge,

    /// <summary>It does not fit into a block.</summary>
    TransactionTooLarge,

    /// <summary>It spends an output twice.</summary>
    DuplicateInputs,

    /// <summary>It spends an output of no transaction.</summary>
    NullInputPrevOut,

    /// <summary>The script of its coinbase is too short or too long.</summary>
    CoinbaseScriptTooLarge,
}

/// <content>What can be said about a transaction alone, and with the coins it spends.</content>
public partial class Transaction
{
    private const int MostBaseBytes = 1_000_000;
    private const long MostMoney = 21_000_000 * Money.COIN;

    /// <summary>What a look at it alone can find wrong (Bitcoin Core's <c>CheckTransaction</c>).</summary>
    public TransactionCheckResult Check()
    {
        if (Inputs.Count == 0) return TransactionCheckResult.NoInput;
        if (Outputs.Count == 0) return TransactionCheckResult.NoOutput;
        if (Encoded(withWitness: false).Written.Length > MostBaseBytes) return TransactionCheckResult.TransactionTooLarge;
        long total = 0;
        foreach (var value in Outputs.Select(o => o.Value.Satoshi))
        {
            if (value < 0) return TransactionCheckResult.NegativeOutput;
            if (value > MostMoney) return TransactionCheckResult.OutputTooLarge;
            total += value;
            if (total > MostMoney) return TransactionCheckResult.OutputTotalTooLarge;
        }

        if (Inputs.Select(i => i.PrevOut).Distinct().Count() != Inputs.Count) return TransactionCheckResult.DuplicateInputs;
        if (IsCoinBase) return Inputs[0].ScriptSig.Length is < 2 or > 100 ? TransactionCheckResult.CoinbaseScriptTooLarge : TransactionCheckResult.Success;
        return Inputs.Any(i => i.PrevOut.IsNull) ? TransactionCheckResult.NullInputPrevOut : TransactionCheckResult.Success;
    }

    /// <summary>The fee, when these are all the coins it spends; null when one is missing.</summary>
    public Money? GetFee(ICoin[] spentCoins)
    {
        ArgumentNullException.ThrowIfNull(spentCoins);
        if (IsCoinBase) return Money.Zero;
        var coins = spentCoins.ToLookup(c => c.Outpoint);
        if (Inputs.Any(i => !coins.Contains(i.PrevOut))) return null;
        return Inputs.Select(i => coins[i.PrevOut].First().TxOut.Value).Sum() - TotalOut;
    }

    /// <summary>The fee rate, when these are all the coins it spends; null when one is missing.</summary>
    public FeeRate? GetFeeRate(ICoin[] spentCoins) => GetFee(spentCoins) is { } fee ? new FeeRate(fee, GetVirtualSize()) : null;

    /// <summary>Checks inputs against the outputs they spend, in the order of the inputs.</summary>
    public TransactionValidator CreateValidator(TxOut[] spentOutputs)
    {
        ArgumentNullException.ThrowIfNull(spentOutputs);
        if (spentOutputs.Length != Inputs.Count) throw new ArgumentException("The number of spentOutputs should be equals to the number of inputs in this transaction", nameof(spentOutputs));
        if (spentOutputs.Any(o => o is null)) throw new ArgumentException("No previous output should be null", nameof(spentOutputs));
        return new TransactionValidator(this, spentOutputs);
    }

    /// <summary>Checks inputs against the coins they spend, in any order.</summary>
    public TransactionValidator CreateValidator(ICoin[] spentCoins) => CreateValidator(GetOrderedTxOuts(spentCoins));

    internal TxOut[] GetOrderedTxOuts(ICoin[] spentCoins)
    {
        ArgumentNullException.ThrowIfNull(spentCoins);
        var coins = spentCoins.ToLookup(c => c.Outpoint);
        return Inputs.Select(i => coins[i.PrevOut].FirstOrDefault()?.TxOut
            ?? throw new InvalidOperationException("Impossible to find a spent coin from an input in the transaction")).ToArray();
    }
}
