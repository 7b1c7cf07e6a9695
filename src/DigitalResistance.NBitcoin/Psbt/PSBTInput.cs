using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>An input of a PSBT: what it spends, and the signatures collected for it.</summary>
public partial class PSBTInput : PSBTCoin
{
    private const byte NonWitnessUtxoType = 0x00;
    private const byte WitnessUtxoType = 0x01;
    private const byte PartialSigType = 0x02;
    private const byte SighashType_ = 0x03;
    private const byte RedeemScriptType = 0x04;
    private const byte WitnessScriptType = 0x05;
    private const byte KeyPathType = 0x06;
    private const byte FinalScriptSigType = 0x07;
    private const byte FinalScriptWitnessType = 0x08;
    private const byte TaprootKeySignatureType = 0x13;
    private const byte TaprootKeyPathType = 0x16;
    private const byte InternalKeyType = 0x17;
    private const byte MerkleRootType = 0x18;

    private readonly TxIn _input;
    private uint? _sighash;
    private bool? _isPreviousRight;

    internal PSBTInput(PSBT parent, uint index, TxIn input, PsbtMap? map)
        : base(parent)
    {
        Index = index;
        _input = input;
        if (map is null) return;
        map.Forbid(0x0e, 0x0f, 0x10, 0x11, 0x12);
        if (map.Take(NonWitnessUtxoType) is { } previous) NonWitnessUtxo = Transaction.Load(previous, parent.Network);
        if (map.Take(WitnessUtxoType) is { } output) WitnessUtxo = ReadOutput(output);
        foreach (var (data, value) in map.TakeAll(PartialSigType, 33, 65))
        {
            if (!PubKey.TryCreatePubKey(data, out var key)) throw map.Malformed(PartialSigType, "does not name a public key");
            PartialSigs.Add(key, new TransactionSignature(value));
        }

        if (map.Take(SighashType_) is { } sighash) _sighash = ReadSighash(map, sighash);
        if (map.Take(RedeemScriptType) is { } redeem) RedeemScript = Script.FromBytesUnsafe(redeem);
        if (map.Take(WitnessScriptType) is { } witness) WitnessScript = Script.FromBytesUnsafe(witness);
        if (map.Take(FinalScriptSigType) is { } scriptSig) FinalScriptSig = Script.FromBytesUnsafe(scriptSig);
        if (map.Take(FinalScriptWitnessType) is { } finalWitness) FinalScriptWitness = new WitScript(finalWitness);
        if (map.Take(TaprootKeySignatureType) is { } signature)
            TaprootKeySignature = TaprootSignature.TryParse(signature, out var parsed) ? parsed : throw map.Malformed(TaprootKeySignatureType, "is not a taproot signature");
        TaprootInternalKey = TakeInternalKey(map, InternalKeyType);
        if (map.Take(MerkleRootType) is { } root) TaprootMerkleRoot = root.Length == 32 ? new uint256(root) : throw map.Malformed(MerkleRootType, "is not a hash");
        TakeKeyPaths(map, KeyPathType, TaprootKeyPathType);
        PsbtTaprootFields.CheckInput(map);
        Unknown = map;
    }

    /// <summary>Its place, from 0.</summary>
    public uint Index { get; }

    /// <summary>The output it spends.</summary>
    public OutPoint PrevOut => _input.PrevOut;

    /// <summary>Whether it may be replaced and must wait.</summary>
    public Sequence Sequence => _input.Sequence;

    /// <summary>The whole transaction whose output it spends.</summary>
    public Transaction? NonWitnessUtxo
    {
        get;
        set
        {
            field = value;
            _isPreviousRight = null;
        }
    }

    /// <summary>Only the output it spends; enough for witness programs, and not proven by anything.</summary>
    public TxOut? WitnessUtxo { get; set; }

    /// <summary>Signatures so far.</summary>
    public SortedDictionary<PubKey, TransactionSignature> PartialSigs { get; } = new(PubKeyComparer.Instance);

    /// <summary>What signatures are asked to cover.</summary>
    public SigHash? SighashType
    {
        get => _sighash is null or 0 ? null : (SigHash)_sighash;
        set => _sighash = (uint?)value;
    }

    /// <summary>What taproot signatures are asked to cover.</summary>
    public TaprootSigHash? TaprootSighashType
    {
        get => (TaprootSigHash?)_sighash;
        set => _sighash = (uint?)value;
    }

    /// <summary>The finished script.</summary>
    public Script? FinalScriptSig { get; set; }

    /// <summary>The finished witness.</summary>
    public WitScript? FinalScriptWitness { get; set; }

    /// <summary>The signature of the taproot key.</summary>
    public TaprootSignature? TaprootKeySignature { get; set; }

    /// <summary>The tree of scripts under the taproot key.</summary>
    public uint256? TaprootMerkleRoot { get; set; }

    /// <summary>True when it is finished, whether or not that satisfies anything.</summary>
    public bool IsFinalized() => FinalScriptSig is not null || FinalScriptWitness is not null;

    /// <summary>The output it spends; null when it is unknown, or the previous transaction is another one.</summary>
    public override TxOut? GetTxOut()
    {
        if (NonWitnessUtxo is null) return WitnessUtxo;
        _isPreviousRight ??= NonWitnessUtxo.GetHash() == PrevOut.Hash;
        return _isPreviousRight.Value && PrevOut.N < NonWitnessUtxo.Outputs.Count ? NonWitnessUtxo.Outputs[PrevOut.N] : null;
    }

    /// <summary>Makes the finished form from the signatures, and checks it.</summary>
    public bool TryFinalizeInput([MaybeNullWhen(true)] out IList<PSBTError> errors) => PsbtFinalizer.TryFinalize(this, PSBT.PrecomputeTransactionData(), out errors);

    /// <summary>Makes the finished form from the signatures, and checks it.</summary>
    public void FinalizeInput()
    {
        if (!TryFinalizeInput(out var errors)) throw new PSBTException(errors);
    }

    /// <summary>Takes away what a finished input must not carry.</summary>
    public void ClearForFinalize()
    {
        if (!IsFinalized()) throw new InvalidOperationException("The input need to be finalized");
        RedeemScript = null;
        WitnessScript = null;
        PartialSigs.Clear();
        HDKeyPaths.Clear();
        _sighash = null;
        TaprootKeySignature = null;
        TaprootInternalKey = null;
    }

    /// <summary>What contradicts itself.</summary>
    public IList<PSBTError> CheckSanity() => PsbtSanity.Check(this, _sighash is not null).Select(why => new PSBTError(Index, why)).ToList();

    /// <summary>Throws when something contradicts itself.</summary>
    public void AssertSanity()
    {
        if (CheckSanity() is { Count: > 0 } errors) throw new PSBTException(errors);
    }

    private protected override bool IsBlank => false;

    private protected override PsbtMap ToMap()
    {
        var map = new PsbtMap("input", (int)Index);
        map.PutAll(Unknown);
        if (NonWitnessUtxo is not null) map.Put(NonWitnessUtxoType, NonWitnessUtxo.ToBytes());
        if (WitnessUtxo is not null) map.Put(WitnessUtxoType, WitnessUtxo.ToBytes());
        foreach (var (key, signature) in PartialSigs) map.Put(PartialSigType, key.Bytes, signature.ToBytes());
        if (_sighash is { } sighash)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, sighash);
            map.Put(SighashType_, bytes);
        }

        if (RedeemScript is not null) map.Put(RedeemScriptType, RedeemScript.Bytes);
        if (WitnessScript is not null) map.Put(WitnessScriptType, WitnessScript.Bytes);
        if (FinalScriptSig is not null) map.Put(FinalScriptSigType, FinalScriptSig.Bytes);
        if (FinalScriptWitness is not null) map.Put(FinalScriptWitnessType, FinalScriptWitness.ToBytes());
        if (TaprootKeySignature is not null) map.Put(TaprootKeySignatureType, TaprootKeySignature.ToBytes());
        if (TaprootInternalKey is not null) map.Put(InternalKeyType, TaprootInternalKey.Bytes);
        if (TaprootMerkleRoot is not null) map.Put(MerkleRootType, TaprootMerkleRoot.ToBytes());
        PutKeyPaths(map, KeyPathType, TaprootKeyPathType);
        return map;
    }

    private static TxOut ReadOutput(byte[] bytes)
    {
        var reader = new WireReader(bytes, "PSBT's witness output");
        var output = TxOut.Read(ref reader);
        reader.ExpectEnd();
        return output;
    }

    private static uint ReadSighash(PsbtMap map, byte[] bytes)
    {
        var value = bytes.Length == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : uint.MaxValue;
        return (value & ~(uint)SigHash.AnyoneCanPay) <= 3 ? value : throw map.Malformed(SighashType_, "is not a known hash type");
    }
}
