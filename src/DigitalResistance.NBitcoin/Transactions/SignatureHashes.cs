using NBitcoin.Crypto;
using NBitcoin.Wire;

namespace NBitcoin;

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
