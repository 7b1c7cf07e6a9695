namespace NBitcoin;

/// <summary>Whether one input satisfies the output it spends.</summary>
public class InputValidationResult
{
    internal InputValidationResult(int index, ScriptError? error) => (InputIndex, Error) = (index, error);

    /// <summary>The input, from 0.</summary>
    public int InputIndex { get; }

    /// <summary>Why not; null when it does.</summary>
    public ScriptError? Error { get; }
}

/// <summary>
/// Checks the inputs of a transaction against the outputs they spend. It understands what a treasury can hold and the
/// plain forms around it: a key or its hash, multisig, each also inside P2SH or P2WSH, and taproot spent with the key.
/// Anything else is refused as <see cref="ScriptError.UnknownError"/>, never accepted.
/// </summary>
public class TransactionValidator
{
    internal TransactionValidator(Transaction transaction, TxOut[] spentOutputs)
    {
        Transaction = transaction;
        SpentOutputs = spentOutputs;
        PrecomputedTransactionData = transaction.PrecomputeTransactionData(spentOutputs);
    }

    /// <summary>The transaction.</summary>
    public Transaction Transaction { get; }

    /// <summary>The outputs it spends, in the order of its inputs.</summary>
    public TxOut[] SpentOutputs { get; }

    /// <summary>Hashes that all inputs share.</summary>
    public PrecomputedTransactionData PrecomputedTransactionData { get; }

    /// <summary>The rules.</summary>
    public ScriptVerify ScriptVerify { get; set; } = ScriptVerify.Standard;

    /// <summary>Checks one input.</summary>
    public InputValidationResult ValidateInput(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, SpentOutputs.Length);
        var input = Transaction.Inputs[index];
        var error = new SpendCheck(Transaction, index, SpentOutputs[index], ScriptVerify, PrecomputedTransactionData).Run(input.ScriptSig, input.WitScript);
        return new InputValidationResult(index, error == ScriptError.OK ? null : error);
    }

    /// <summary>Checks one input; true when it satisfies its output.</summary>
    public bool TryValidateInput(int index, out InputValidationResult result)
    {
        result = ValidateInput(index);
        return result.Error is null;
    }

    /// <summary>Checks every input.</summary>
    public InputValidationResult[] ValidateInputs() => Enumerable.Range(0, Transaction.Inputs.Count).Select(ValidateInput).ToArray();
}
