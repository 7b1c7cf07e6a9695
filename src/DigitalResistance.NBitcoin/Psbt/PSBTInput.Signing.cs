namespace NBitcoin;

/// <content>What a signer needs, and what others know about the same input.</content>
public partial class PSBTInput
{
    /// <summary>What it spends as a coin; null when that is unknown.</summary>
    public Coin? GetCoin() => GetTxOut() is { } output ? new Coin(PrevOut, output) : null;

    /// <summary>What it spends with the script that is signed; null when something is missing.</summary>
    public Coin? GetSignableCoin() => GetSignableCoin(out _);

    /// <summary>What it spends with the script that is signed; null when something is missing, and then what.</summary>
    public Coin? GetSignableCoin(out string? error)
    {
        error = null;
        if (WitnessUtxo is null && NonWitnessUtxo is null) error = "Neither witness_utxo nor non_witness_output is set";
        else if (GetCoin() is not { } coin) error = "Impossible to know the TxOut this coin refers to";
        else if (coin.ScriptPubKey.IsScriptType(ScriptType.P2SH)) return InsideP2sh(coin, out error);
        else if (RedeemScript is not null) error = "Spending non p2sh output but redeem_script is set";
        else if (!coin.ScriptPubKey.IsScriptType(ScriptType.P2WSH)) return coin;
        else if (WitnessScript is null) error = "Spending p2wsh output but witness_script is not set";
        else if (coin.TryToScriptCoin(WitnessScript) is { } script) return script;
        else error = "Spending p2wsh output but witness_script does not match the scriptPubKey";
        return null;
    }

    private ScriptCoin? InsideP2sh(Coin coin, out string? error)
    {
        error = RedeemScript is null ? "Spending p2sh output but redeem_script is not set"
            : RedeemScript.PaymentScript != coin.ScriptPubKey ? "Spending p2sh output but redeem_script is not matching the utxo scriptPubKey"
            : !RedeemScript.IsScriptType(ScriptType.P2WSH) ? null
            : WitnessScript is null ? "Spending p2sh-p2wsh output but witness_script is not set"
            : WitnessScript.WitHash.ScriptPubKey != RedeemScript ? "Spending p2sh-p2wsh output but witness_script does not match redeem_script"
            : null;
        return error is null ? coin.ToScriptCoin(RedeemScript!.IsScriptType(ScriptType.P2WSH) ? WitnessScript! : RedeemScript) : null;
    }

    /// <summary>What ECDSA signs for it.</summary>
    public uint256 GetSignatureHash(SigHash sigHash, PrecomputedTransactionData? precomputedTransactionData) =>
        PSBT.Unsigned.Inputs.FindIndexedInput((int)Index).GetSignatureHash(Signable(), sigHash, precomputedTransactionData);

    /// <summary>What a taproot key signs for it.</summary>
    public uint256 GetSignatureHash(TaprootSigHash sigHash, PrecomputedTransactionData precomputedTransactionData) =>
        PSBT.Unsigned.Inputs.FindIndexedInput((int)Index).GetSignatureHashTaproot(Signable(), sigHash, precomputedTransactionData);

    private Coin Signable() => GetSignableCoin()
        ?? throw new InvalidOperationException("WitnessUtxo, NonWitnessUtxo, WitnessScript or redeemScript is required to get the signature hash");

    /// <summary>True when its finished form satisfies the output.</summary>
    public bool VerifyScript(PrecomputedTransactionData? precomputedTransactionData, out ScriptError err) =>
        VerifyScript(PSBT.Settings.ScriptVerify, precomputedTransactionData, out err);

    /// <summary>True when its finished form satisfies the output by these rules.</summary>
    public bool VerifyScript(ScriptVerify scriptVerify, PrecomputedTransactionData? precomputedTransactionData, out ScriptError err)
    {
        err = GetTxOut() is { } spent
            ? new SpendCheck(PSBT.Unsigned, (int)Index, spent, scriptVerify, precomputedTransactionData)
                .Run(FinalScriptSig ?? Script.Empty, FinalScriptWitness ?? WitScript.Empty)
            : ScriptError.UnknownError;
        return err == ScriptError.OK;
    }

    /// <summary>Drops the previous transaction where the output alone suffices.</summary>
    public bool TrySlimUTXO()
    {
        if (NonWitnessUtxo is null || GetSignableCoin() is not { } coin) return false;
        if (coin.IsMalleable)
        {
            WitnessUtxo = null;
            return false;
        }

        WitnessUtxo ??= coin.TxOut;
        NonWitnessUtxo = null;
        return true;
    }

    /// <summary>Takes output and scripts of the coin it spends.</summary>
    public void UpdateFromCoin(ICoin coin)
    {
        ArgumentNullException.ThrowIfNull(coin);
        if (coin.Outpoint != PrevOut) throw new ArgumentException("This coin does not match the input", nameof(coin));
        if (coin is ScriptCoin script)
        {
            if (script.RedeemType == RedeemType.WitnessV0) WitnessScript = script.Redeem;
            if (script.IsP2SH) RedeemScript = script.GetP2SHRedeem();
        }

        WitnessUtxo = coin.TxOut;
        if (PSBT.Settings.AutomaticUTXOTrimming) TrySlimUTXO();
        if (IsFinalized()) ClearForFinalize();
    }

    /// <summary>Takes what another copy knows. A finished form replaces this one's: do not take strangers' copies unchecked.</summary>
    public void UpdateFrom(PSBTInput other)
    {
        ArgumentNullException.ThrowIfNull(other);
        TakeFrom(other);
        FinalScriptSig = other.FinalScriptSig ?? FinalScriptSig;
        FinalScriptWitness = other.FinalScriptWitness ?? FinalScriptWitness;
        NonWitnessUtxo ??= other.NonWitnessUtxo;
        WitnessUtxo ??= other.WitnessUtxo;
        _sighash ??= other._sighash;
        foreach (var (key, signature) in other.PartialSigs) PartialSigs.TryAdd(key, signature);
        TaprootKeySignature ??= other.TaprootKeySignature;
        TaprootMerkleRoot ??= other.TaprootMerkleRoot;
        if (IsFinalized()) ClearForFinalize();
    }
}
