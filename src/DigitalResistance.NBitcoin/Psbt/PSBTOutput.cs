namespace NBitcoin;

/// <summary>An output of a PSBT: what its payer knows about it.</summary>
public class PSBTOutput : PSBTCoin
{
    private const byte RedeemScriptType = 0x00;
    private const byte WitnessScriptType = 0x01;
    private const byte KeyPathType = 0x02;
    private const byte InternalKeyType = 0x05;
    private const byte TapTreeType = 0x06;
    private const byte TaprootKeyPathType = 0x07;

    private readonly TxOut _output;

    internal PSBTOutput(PSBT parent, uint index, TxOut output, PsbtMap? map)
        : base(parent)
    {
        Index = index;
        _output = output;
        if (map is null) return;
        map.Forbid(0x03, 0x04);
        if (map.Take(RedeemScriptType) is { } redeem) RedeemScript = Script.FromBytesUnsafe(redeem);
        if (map.Take(WitnessScriptType) is { } witness) WitnessScript = Script.FromBytesUnsafe(witness);
        TaprootInternalKey = TakeInternalKey(map, InternalKeyType);
        TakeKeyPaths(map, KeyPathType, TaprootKeyPathType);
        PsbtTaprootFields.CheckTree(map, TapTreeType);
        Unknown = map;
    }

    /// <summary>Its place, from 0.</summary>
    public uint Index { get; }

    /// <summary>Who is paid.</summary>
    public Script ScriptPubKey => _output.ScriptPubKey;

    /// <summary>How much.</summary>
    public Money Value => _output.Value;

    /// <inheritdoc/>
    public override TxOut GetTxOut() => _output.Clone();

    /// <summary>Takes what another copy knows.</summary>
    public void UpdateFrom(PSBTOutput other)
    {
        ArgumentNullException.ThrowIfNull(other);
        TakeFrom(other);
    }

    /// <summary>Takes the scripts of a coin that pays to the same script.</summary>
    public void UpdateFromCoin(ICoin coin)
    {
        ArgumentNullException.ThrowIfNull(coin);
        if (coin.TxOut.ScriptPubKey != ScriptPubKey) throw new ArgumentException("This coin does not match the scriptPubKey of this output", nameof(coin));
        if (coin is not ScriptCoin script) return;
        if (script.RedeemType == RedeemType.WitnessV0) WitnessScript = script.Redeem;
        if (script.IsP2SH) RedeemScript = script.GetP2SHRedeem();
    }

    private protected override PsbtMap ToMap()
    {
        var map = new PsbtMap("output", (int)Index);
        map.PutAll(Unknown);
        if (RedeemScript is not null) map.Put(RedeemScriptType, RedeemScript.Bytes);
        if (WitnessScript is not null) map.Put(WitnessScriptType, WitnessScript.Bytes);
        if (TaprootInternalKey is not null) map.Put(InternalKeyType, TaprootInternalKey.Bytes);
        PutKeyPaths(map, KeyPathType, TaprootKeyPathType);
        return map;
    }
}
