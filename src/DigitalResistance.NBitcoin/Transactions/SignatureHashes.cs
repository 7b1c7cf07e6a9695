using System.Diagnostics.CodeAnalysis;
using NBitcoin.Crypto;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>What an ECDSA signature covers.</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "NBitcoin's type: it is hashed as four bytes.")]
[SuppressMessage("Design", "CA1008", Justification = "NBitcoin's values.")]
public enum SigHash : uint
{
    /// <summary>All outputs.</summary>
    All = 1,

    /// <summary>No output.</summary>
    None = 2,

    /// <summary>The output at the input's place.</summary>
    Single = 3,

    /// <summary>Besides, only the one input.</summary>
    AnyoneCanPay = 0x80,
}

/// <summary>What a taproot signature covers.</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "NBitcoin's type.")]
[SuppressMessage("Design", "CA1008", Justification = "NBitcoin's names.")]
public enum TaprootSigHash : uint
{
    /// <summary>All outputs, in a signature one byte shorter.</summary>
    Default = 0,

    /// <summary>All outputs.</summary>
    All = 1,

    /// <summary>No output.</summary>
    None = 2,

    /// <summary>The output at the input's place.</summary>
    Single = 3,

    /// <summary>Besides, only the one input.</summary>
    AnyoneCanPay = 0x80,
}

/// <summary>Which rules make the hash that is signed.</summary>
public enum HashVersion
{
    /// <summary>The first ones.</summary>
    Original = 0,

    /// <summary>BIP-143.</summary>
    WitnessV0 = 1,

    /// <summary>BIP-341, spending with the key.</summary>
    Taproot = 2,

    /// <summary>BIP-342, spending with a script.</summary>
    Tapscript = 3,
}

/// <summary>Which taproot signature is meant.</summary>
public class TaprootExecutionData(int inputIndex)
{
    /// <summary>The input, from 0.</summary>
    public int InputIndex { get; set; } = inputIndex;

    /// <summary>The hash of the annex, when there is one.</summary>
    public uint256? AnnexHash { get; set; }

    /// <summary>What is covered.</summary>
    public TaprootSigHash SigHash { get; set; }

    /// <summary>True for a byte that BIP-341 allows.</summary>
    public static bool IsValidSigHash(byte value) => value <= 3 || value is >= 0x81 and <= 0x83;
}

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

/// <content>The hashes that are signed.</content>
public partial class Transaction
{
    private const int OutputMask = 0x1f;

    /// <summary>Hashes that all inputs share, enough for ECDSA.</summary>
    public PrecomputedTransactionData PrecomputeTransactionData() => new(this);

    /// <summary>Hashes that all inputs share, with the spent outputs, enough for taproot.</summary>
    public TaprootReadyPrecomputedTransactionData PrecomputeTransactionData(TxOut[] spentOutputs) => new(this, spentOutputs);

    /// <summary>Hashes that all inputs share, with the spent outputs, enough for taproot.</summary>
    public TaprootReadyPrecomputedTransactionData PrecomputeTransactionData(ICoin[] spentCoins) => new(this, GetOrderedTxOuts(spentCoins));

    /// <summary>What ECDSA signs.</summary>
    public uint256 GetSignatureHash(Script scriptCode, int nIn, SigHash nHashType, TxOut? spentOutput = null, HashVersion sigversion = HashVersion.Original) =>
        GetSignatureHash(scriptCode, nIn, nHashType, spentOutput, sigversion, null);

    /// <summary>What ECDSA signs.</summary>
    public uint256 GetSignatureHash(Script scriptCode, int nIn, SigHash nHashType, TxOut? spentOutput, HashVersion sigversion, PrecomputedTransactionData? precomputedTransactionData)
    {
        ArgumentNullException.ThrowIfNull(scriptCode);
        return sigversion switch
        {
            HashVersion.Original => OriginalSignatureHash(scriptCode, nIn, nHashType),
            HashVersion.WitnessV0 => WitnessSignatureHash(scriptCode, nIn, nHashType, spentOutput, precomputedTransactionData ?? new(this)),
            _ => throw new ArgumentException("Expected sigversion Original or WitnessV0. Do you mean GetSignatureHashTaproot?", nameof(sigversion)),
        };
    }

    /// <summary>What a taproot key signs.</summary>
    public uint256 GetSignatureHashTaproot(TxOut[] spentOutputs, TaprootExecutionData executionData) =>
        GetSignatureHashTaproot(PrecomputeTransactionData(spentOutputs), executionData);

    /// <summary>What a taproot key signs: https://github.com/bitcoin/bips/blob/master/bip-0341.mediawiki#common-signature-message.</summary>
    public uint256 GetSignatureHashTaproot(PrecomputedTransactionData cache, TaprootExecutionData executionData)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(executionData);
        if (cache is not TaprootReadyPrecomputedTransactionData data)
            throw new ArgumentException("The PrecomputedTransactionData should be created using TaprootReadyPrecomputedTransactionData(Transaction tx, TxOut[] spentOutputs)", nameof(cache));
        var (index, type) = (executionData.InputIndex, (byte)executionData.SigHash);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Inputs.Count, nameof(executionData));
        if (!TaprootExecutionData.IsValidSigHash(type)) throw new ArgumentException("Invalid hash_type", nameof(executionData));
        var outputs = type == 0 ? (uint)SigHash.All : type & 3u;
        if (outputs == (uint)SigHash.Single && index >= Outputs.Count) throw new ArgumentException("There is no output at the input's place.", nameof(executionData));

        var writer = new WireWriter();
        writer.WriteByte(0); // Epoch.
        writer.WriteByte(type);
        writer.WriteUInt32(Version);
        writer.WriteUInt32(LockTime);
        var oneInput = (type & (byte)SigHash.AnyoneCanPay) != 0;
        if (!oneInput)
        {
            writer.WriteUInt256(data.HashPrevoutsSingle);
            writer.WriteUInt256(data.HashAmountsSingle);
            writer.WriteUInt256(data.HashScriptsSingle);
            writer.WriteUInt256(data.HashSequenceSingle);
        }

        if (outputs == (uint)SigHash.All) writer.WriteUInt256(data.HashOutputsSingle);
        writer.WriteByte((byte)(executionData.AnnexHash is null ? 0 : 1)); // Extension flag 0: the key path.
        if (oneInput)
        {
            Inputs[index].PrevOut.Write(writer);
            data.SpentOutputs[index].Write(writer);
            writer.WriteUInt32(Inputs[index].Sequence);
        }
        else
        {
            writer.WriteUInt32((uint)index);
        }

        if (executionData.AnnexHash is { } annex) writer.WriteUInt256(annex);
        if (outputs == (uint)SigHash.Single) writer.WriteUInt256(Hashes.SingleSHA256(Outputs[index].ToBytes()));
        return new uint256(Hashes.Tagged("TapSighash", writer.Written));
    }

    /// <summary>https://github.com/bitcoin/bips/blob/master/bip-0143.mediawiki#specification.</summary>
    private uint256 WitnessSignatureHash(Script scriptCode, int index, SigHash type, TxOut? spent, PrecomputedTransactionData data)
    {
        ArgumentNullException.ThrowIfNull(spent);
        var oneInput = (type & SigHash.AnyoneCanPay) != 0;
        var outputs = (SigHash)((uint)type & OutputMask);
        var writer = new WireWriter(200);
        writer.WriteUInt32(Version);
        writer.WriteUInt256(oneInput ? uint256.Zero : data.HashPrevouts);
        writer.WriteUInt256(oneInput || outputs is SigHash.Single or SigHash.None ? uint256.Zero : data.HashSequence);
        Inputs[index].PrevOut.Write(writer);
        writer.WriteVarBytes(scriptCode.Bytes);
        writer.WriteInt64(spent.Value.Satoshi);
        writer.WriteUInt32(Inputs[index].Sequence);
        writer.WriteUInt256(outputs switch
        {
            SigHash.Single => index < Outputs.Count ? Hashes.DoubleSHA256(Outputs[index].ToBytes()) : uint256.Zero,
            SigHash.None => uint256.Zero,
            _ => data.HashOutputs,
        });
        writer.WriteUInt32(LockTime);
        writer.WriteUInt32((uint)type);
        return Hashes.DoubleSHA256(writer.Written);
    }

    private uint256 OriginalSignatureHash(Script scriptCode, int index, SigHash type)
    {
        var oneInput = (type & SigHash.AnyoneCanPay) != 0;
        var outputs = (SigHash)((uint)type & OutputMask);
        // An accident of the first release that every node must repeat: the hash is then the number one.
        if (index >= Inputs.Count || outputs == SigHash.Single && index >= Outputs.Count) return uint256.One;

        var writer = new WireWriter(1024);
        writer.WriteUInt32(Version);
        writer.WriteCompactSize(oneInput ? 1u : (ulong)Inputs.Count);
        for (var i = oneInput ? index : 0; i < (oneInput ? index + 1 : Inputs.Count); i++)
        {
            Inputs[i].PrevOut.Write(writer);
            writer.WriteVarBytes(i == index ? WithoutCodeSeparators(scriptCode).Bytes : default);
            writer.WriteUInt32(i != index && outputs is SigHash.Single or SigHash.None ? 0u : (uint)Inputs[i].Sequence);
        }

        var count = outputs switch { SigHash.None => 0, SigHash.Single => index + 1, _ => Outputs.Count };
        writer.WriteCompactSize((ulong)count);
        for (var i = 0; i < count; i++) (outputs == SigHash.Single && i != index ? new TxOut() : Outputs[i]).Write(writer);
        writer.WriteUInt32(LockTime);
        writer.WriteUInt32((uint)type);
        return Hashes.DoubleSHA256(writer.Written);
    }

    private static Script WithoutCodeSeparators(Script script)
    {
        var kept = new WireWriter(script.Length);
        for (var rest = script.Bytes; !rest.IsEmpty;)
        {
            var op = Op.Read(rest, out var length);
            if (op.Code != OpcodeType.OP_CODESEPARATOR) kept.Write(rest[..length]);
            rest = rest[length..];
        }

        return Script.FromBytesUnsafe(kept.ToArray());
    }
}
