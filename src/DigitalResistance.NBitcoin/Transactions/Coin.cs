namespace NBitcoin;

/// <summary>An output that can be spent.</summary>
public interface ICoin
{
    /// <summary>Where it is.</summary>
    OutPoint Outpoint { get; }

    /// <summary>What it pays and to whom.</summary>
    TxOut TxOut { get; }

    /// <summary>What it pays.</summary>
    IMoney Amount { get; }

    /// <summary>True when the script that is signed is known.</summary>
    bool CanGetScriptCode { get; }

    /// <summary>True when a stranger can change the name of the transaction that spends it.</summary>
    bool IsMalleable { get; }

    /// <summary>The script that is signed.</summary>
    Script GetScriptCode();

    /// <summary>The rules by which it is signed.</summary>
    HashVersion GetHashVersion();
}

/// <summary>An output that can be spent.</summary>
public class Coin : ICoin
{
    /// <summary>That output.</summary>
    public Coin(OutPoint fromOutpoint, TxOut fromTxOut)
    {
        ArgumentNullException.ThrowIfNull(fromOutpoint);
        ArgumentNullException.ThrowIfNull(fromTxOut);
        Outpoint = fromOutpoint;
        TxOut = fromTxOut;
    }

    /// <summary>That output.</summary>
    public Coin(Transaction fromTx, uint fromOutputIndex)
        : this(new OutPoint(fromTx, fromOutputIndex), fromTx.Outputs[fromOutputIndex])
    {
    }

    /// <summary>That output.</summary>
    public Coin(IndexedTxOut txOut)
        : this(new OutPoint((txOut ?? throw new ArgumentNullException(nameof(txOut))).Transaction, txOut.N), txOut.TxOut)
    {
    }

    /// <summary>That output.</summary>
    public Coin(uint256 fromTxHash, uint fromOutputIndex, Money amount, Script scriptPubKey)
        : this(new OutPoint(fromTxHash, fromOutputIndex), new TxOut(amount, scriptPubKey))
    {
    }

    /// <inheritdoc/>
    public OutPoint Outpoint { get; }

    /// <inheritdoc/>
    public TxOut TxOut { get; }

    /// <summary>What it pays.</summary>
    public Money Amount => TxOut.Value;

    IMoney ICoin.Amount => Amount;

    /// <summary>Who may spend it.</summary>
    public Script ScriptPubKey => TxOut.ScriptPubKey;

    /// <inheritdoc/>
    public virtual bool CanGetScriptCode => !ScriptPubKey.IsScriptType(ScriptType.P2SH) && !ScriptPubKey.IsScriptType(ScriptType.P2WSH);

    /// <inheritdoc/>
    public bool IsMalleable => GetHashVersion() == HashVersion.Original;

    /// <inheritdoc/>
    public virtual Script GetScriptCode()
    {
        if (!CanGetScriptCode) throw new InvalidOperationException("You need to provide P2WSH or P2SH redeem script with Coin.ToScriptCoin()");
        return ScriptCodeOf(ScriptPubKey);
    }

    /// <inheritdoc/>
    public virtual HashVersion GetHashVersion() => ScriptPubKey.IsScriptType(ScriptType.Taproot) ? HashVersion.Taproot
        : ScriptPubKey.IsScriptType(ScriptType.Witness) ? HashVersion.WitnessV0
        : HashVersion.Original;

    /// <summary>Together with the script whose hash it pays to.</summary>
    public ScriptCoin ToScriptCoin(Script redeemScript) => this as ScriptCoin ?? new ScriptCoin(this, redeemScript);

    /// <summary>Together with the script whose hash it pays to; null when it pays to another.</summary>
    public ScriptCoin? TryToScriptCoin(Script redeemScript)
    {
        ArgumentNullException.ThrowIfNull(redeemScript);
        return this as ScriptCoin ?? (ScriptCoin.Incoherence(ScriptPubKey, redeemScript) is null ? new ScriptCoin(this, redeemScript) : null);
    }

    /// <summary>Together with a script of this key whose hash it pays to; null when it pays to another.</summary>
    public ScriptCoin? TryToScriptCoin(PubKey pubKey)
    {
        ArgumentNullException.ThrowIfNull(pubKey);
        return TryToScriptCoin(pubKey.WitHash.ScriptPubKey) ?? TryToScriptCoin(pubKey.ScriptPubKey);
    }

    /// <summary>BIP-143: for P2WPKH, the P2PKH script of the same hash is signed.</summary>
    private protected static Script ScriptCodeOf(Script script) =>
        script.IsScriptType(ScriptType.P2WPKH) ? new KeyId(script.ToBytes()[2..]).ScriptPubKey : script;
}

/// <summary>Where the script of a <see cref="ScriptCoin"/> is shown.</summary>
public enum RedeemType
{
    /// <summary>In the input's script.</summary>
    P2SH,

    /// <summary>In the witness.</summary>
    WitnessV0,
}

/// <summary>A coin that pays to a script's hash, together with that script.</summary>
public class ScriptCoin : Coin
{
    /// <summary>That output with that script.</summary>
    public ScriptCoin(OutPoint fromOutpoint, TxOut fromTxOut, Script redeem)
        : base(fromOutpoint, fromTxOut)
    {
        ArgumentNullException.ThrowIfNull(redeem);
        if (Incoherence(ScriptPubKey, redeem) is { } why) throw new ArgumentException(why, nameof(redeem));
        Redeem = redeem;
    }

    /// <summary>That coin with that script.</summary>
    public ScriptCoin(ICoin coin, Script redeem)
        : this((coin ?? throw new ArgumentNullException(nameof(coin))).Outpoint, coin.TxOut, redeem)
    {
    }

    /// <summary>The script.</summary>
    public Script Redeem { get; }

    /// <summary>True when the output is P2SH, with or without a witness program inside.</summary>
    public bool IsP2SH => ScriptPubKey.IsScriptType(ScriptType.P2SH);

    /// <summary>Where the script is shown.</summary>
    public RedeemType RedeemType => Redeem.Hash.ScriptPubKey == ScriptPubKey ? RedeemType.P2SH : RedeemType.WitnessV0;

    /// <inheritdoc/>
    public override bool CanGetScriptCode => true;

    /// <summary>What the input's script shows; null when the output is not P2SH.</summary>
    public Script? GetP2SHRedeem() => !IsP2SH ? null : RedeemType == RedeemType.P2SH ? Redeem : Redeem.WitHash.ScriptPubKey;

    /// <inheritdoc/>
    public override Script GetScriptCode() => ScriptCodeOf(Redeem);

    /// <inheritdoc/>
    public override HashVersion GetHashVersion() =>
        ScriptPubKey.IsScriptType(ScriptType.Witness) || RedeemType == RedeemType.WitnessV0 || Redeem.IsScriptType(ScriptType.P2WPKH)
            ? HashVersion.WitnessV0
            : HashVersion.Original;

    internal static string? Incoherence(Script scriptPubKey, Script redeem)
    {
        if (scriptPubKey.IsScriptType(ScriptType.P2WSH))
            return redeem.WitHash.ScriptPubKey == scriptPubKey ? null : "The redeem provided does not match the scriptPubKey of the coin";
        if (!scriptPubKey.IsScriptType(ScriptType.P2SH)) return "the provided scriptPubKey is not P2SH or P2WSH";
        if (redeem.IsScriptType(ScriptType.P2WSH)) return "The redeem script provided must be the witness one, not the P2SH one";
        return redeem.Hash.ScriptPubKey == scriptPubKey || redeem.WitHash.ScriptPubKey.Hash.ScriptPubKey == scriptPubKey
            ? null
            : "The redeem provided does not match the scriptPubKey of the coin";
    }
}
