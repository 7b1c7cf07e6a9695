using NBitcoin.Crypto;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>Hashes that all inputs of a transaction share, made once.</summary>
public class PrecomputedTransactionData
{
    /// <summary>Of a transaction.</summary>
    public PrecomputedTransactionData(Transaction tx)
    {
        ArgumentNullException.ThrowIfNull(tx);
        HashPrevoutsSingle = Single(w => tx.Inputs.ForEach(i => i.PrevOut.Write(w)));
        HashSequenceSingle = Single(w => tx.Inputs.ForEach(i => w.WriteUInt32(i.Sequence)));
        HashOutputsSingle = Single(w => tx.Outputs.ForEach(o => o.Write(w)));
        HashPrevouts = Twice(HashPrevoutsSingle);
        HashSequence = Twice(HashSequenceSingle);
        HashOutputs = Twice(HashOutputsSingle);
    }

    /// <summary>Of what it spends.</summary>
    public uint256 HashPrevouts { get; }

    /// <summary>Of its sequence numbers.</summary>
    public uint256 HashSequence { get; }

    /// <summary>Of what it pays.</summary>
    public uint256 HashOutputs { get; }

    private protected uint256 PrevoutsOnce => HashPrevoutsSingle;

    private protected uint256 SequenceOnce => HashSequenceSingle;

    private protected uint256 OutputsOnce => HashOutputsSingle;

    private uint256 HashPrevoutsSingle { get; }

    private uint256 HashSequenceSingle { get; }

    private uint256 HashOutputsSingle { get; }

    private protected static uint256 Single(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        return Hashes.SingleSHA256(writer.Written);
    }

    private static uint256 Twice(uint256 once) => Hashes.SingleSHA256(once.ToBytes());
}

/// <summary>The same with what BIP-341 needs: every spent output.</summary>
public class TaprootReadyPrecomputedTransactionData : PrecomputedTransactionData
{
    /// <summary>Of a transaction and the outputs it spends, in the order of its inputs.</summary>
    public TaprootReadyPrecomputedTransactionData(Transaction tx, TxOut[] spentOutputs)
        : base(tx)
    {
        ArgumentNullException.ThrowIfNull(spentOutputs);
        if (spentOutputs.Length != tx.Inputs.Count) throw new ArgumentException("One spent output for each input is needed.", nameof(spentOutputs));
        SpentOutputs = spentOutputs;
        HashAmountsSingle = Single(w => Array.ForEach(spentOutputs, o => w.WriteInt64(o.Value.Satoshi)));
        HashScriptsSingle = Single(w => Array.ForEach(spentOutputs, o => w.WriteVarBytes(o.ScriptPubKey.Bytes)));
    }

    /// <summary>The spent outputs.</summary>
    public TxOut[] SpentOutputs { get; }

    /// <summary>Of what it spends.</summary>
    public uint256 HashPrevoutsSingle => PrevoutsOnce;

    /// <summary>Of its sequence numbers.</summary>
    public uint256 HashSequenceSingle => SequenceOnce;

    /// <summary>Of what it pays.</summary>
    public uint256 HashOutputsSingle => OutputsOnce;

    /// <summary>Of the amounts it spends.</summary>
    public uint256 HashAmountsSingle { get; }

    /// <summary>Of the scripts it spends.</summary>
    public uint256 HashScriptsSingle { get; }
}
