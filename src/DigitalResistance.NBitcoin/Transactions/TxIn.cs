using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>What a transaction spends.</summary>
public class TxIn
{
    internal const int SmallestSize = 36 + 1 + 4;

    /// <summary>Nothing yet.</summary>
    public TxIn()
    {
    }

    /// <summary>That output.</summary>
    public TxIn(OutPoint prevout) => PrevOut = prevout;

    /// <summary>That output, satisfied by that script.</summary>
    public TxIn(OutPoint prevout, Script scriptSig)
        : this(prevout) => ScriptSig = scriptSig;

    /// <summary>The output it spends.</summary>
    public OutPoint PrevOut { get; set; } = new();

    /// <summary>The script that satisfies the output's.</summary>
    public Script ScriptSig { get; set; } = Script.Empty;

    /// <summary>The witness that satisfies the output's program.</summary>
    public WitScript WitScript { get; set; } = WitScript.Empty;

    /// <summary>Whether it may be replaced and must wait.</summary>
    public Sequence Sequence { get; set; } = Sequence.Final;

    /// <summary>True when it neither waits nor may be replaced.</summary>
    public bool IsFinal => Sequence == Sequence.Final;

    /// <summary>Takes away what satisfies the output.</summary>
    public void RemoveSignatures()
    {
        ScriptSig = Script.Empty;
        WitScript = WitScript.Empty;
    }

    /// <summary>A copy.</summary>
    public TxIn Clone() => new(PrevOut, ScriptSig) { WitScript = WitScript, Sequence = Sequence };

    internal static TxIn Read(ref WireReader reader) => new(OutPoint.Read(ref reader))
    {
        ScriptSig = Script.FromBytesUnsafe(reader.TakeVarBytes().ToArray()),
        Sequence = reader.ReadUInt32(),
    };

    internal void Write(WireWriter writer)
    {
        PrevOut.Write(writer);
        writer.WriteVarBytes(ScriptSig.Bytes);
        writer.WriteUInt32(Sequence);
    }
}

/// <summary>An input together with its transaction and place.</summary>
public class IndexedTxIn
{
    internal IndexedTxIn(TxIn txIn, uint index, Transaction transaction) => (TxIn, Index, Transaction) = (txIn, index, transaction);

    /// <summary>The input.</summary>
    public TxIn TxIn { get; }

    /// <summary>Its place, from 0.</summary>
    public uint Index { get; }

    /// <summary>Its transaction.</summary>
    public Transaction Transaction { get; }

    /// <summary>The output it spends.</summary>
    public OutPoint PrevOut => TxIn.PrevOut;

    /// <summary>The script that satisfies the output's.</summary>
    public Script ScriptSig => TxIn.ScriptSig;

    /// <summary>The witness that satisfies the output's program.</summary>
    public WitScript WitScript => TxIn.WitScript;

    /// <summary>What ECDSA signs for it (BIP-143, or the original rules).</summary>
    public uint256 GetSignatureHash(ICoin coin, SigHash sigHash) => GetSignatureHash(coin, sigHash, null);

    /// <summary>What ECDSA signs for it (BIP-143, or the original rules).</summary>
    public uint256 GetSignatureHash(ICoin coin, SigHash sigHash, PrecomputedTransactionData? transactionData)
    {
        ArgumentNullException.ThrowIfNull(coin);
        return Transaction.GetSignatureHash(coin.GetScriptCode(), (int)Index, sigHash, coin.TxOut, coin.GetHashVersion(), transactionData);
    }

    /// <summary>What a taproot key signs for it (BIP-341).</summary>
    public uint256 GetSignatureHashTaproot(ICoin coin, TaprootSigHash sigHash, PrecomputedTransactionData transactionData) =>
        Transaction.GetSignatureHashTaproot(transactionData, new TaprootExecutionData((int)Index) { SigHash = sigHash });

    /// <summary>True when it satisfies the output.</summary>
    public bool VerifyScript(TxOut spentOutput, ScriptVerify scriptVerify = ScriptVerify.Standard) =>
        VerifyScript(spentOutput, scriptVerify, null, out _);

    /// <summary>True when it satisfies the output, and otherwise why not.</summary>
    public bool VerifyScript(TxOut spentOutput, ScriptVerify scriptVerify, PrecomputedTransactionData? precomputedTransactionData, out ScriptError error)
    {
        ArgumentNullException.ThrowIfNull(spentOutput);
        error = new SpendCheck(Transaction, (int)Index, spentOutput, scriptVerify, precomputedTransactionData).Run(ScriptSig, WitScript);
        return error == ScriptError.OK;
    }
}

/// <summary>The inputs of a transaction.</summary>
public class TxInList : List<TxIn>
{
    private readonly Transaction _transaction;

    internal TxInList(Transaction transaction) => _transaction = transaction;

    /// <summary>By its place, from 0.</summary>
    public TxIn this[uint index]
    {
        get => base[checked((int)index)];
        set => base[checked((int)index)] = value;
    }

    /// <summary>Adds one.</summary>
    public TxIn Add(OutPoint? outpoint = null, Script? scriptSig = null, WitScript? witScript = null, Sequence? sequence = null)
    {
        var input = new TxIn
        {
            PrevOut = outpoint ?? new OutPoint(),
            ScriptSig = scriptSig ?? Script.Empty,
            WitScript = witScript ?? WitScript.Empty,
            Sequence = sequence ?? Sequence.Final,
        };
        return Add(input);
    }

    /// <summary>Adds one.</summary>
    public new TxIn Add(TxIn txIn)
    {
        base.Add(txIn);
        return txIn;
    }

    /// <summary>The one that spends an output; null when none does.</summary>
    public IndexedTxIn? FindIndexedInput(OutPoint outpoint)
    {
        ArgumentNullException.ThrowIfNull(outpoint);
        var index = FindIndex(i => i.PrevOut == outpoint);
        return index < 0 ? null : FindIndexedInput(index);
    }

    /// <summary>The one at a place.</summary>
    public IndexedTxIn FindIndexedInput(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return new IndexedTxIn(this[index], (uint)index, _transaction);
    }

    /// <summary>All of them with their places.</summary>
    public IEnumerable<IndexedTxIn> AsIndexedInputs() => this.Select((input, i) => new IndexedTxIn(input, (uint)i, _transaction));
}
