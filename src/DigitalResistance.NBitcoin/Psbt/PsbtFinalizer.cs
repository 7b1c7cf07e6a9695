using System.Diagnostics.CodeAnalysis;

namespace NBitcoin;

/// <summary>
/// Makes the finished form of an input from the signatures collected for it. A signature that signs nothing is passed
/// over, so that one bad signer cannot spoil the work of enough good ones; the result is checked like any other input.
/// </summary>
internal static class PsbtFinalizer
{
    public static bool TryFinalize(PSBTInput input, PrecomputedTransactionData data, [MaybeNullWhen(true)] out IList<PSBTError> errors)
    {
        errors = null;
        if (input.IsFinalized()) return true;
        errors = input.CheckSanity();
        if (errors.Count > 0) return false;
        if (input.GetSignableCoin(out var missing) is not { } coin) return Fail(input, missing!, out errors);
        if (coin.GetHashVersion() == HashVersion.Taproot && data is not TaprootReadyPrecomputedTransactionData)
            return Fail(input, "When finalizing a taproot input, you need to make sure that all inputs of the PSBT contains witness_utxo or non_witness_utxo", out errors);
        // Checking the finished form checks the signatures; they are looked at one by one only when it fails.
        var error = TryPlace(input, coin, data, _ => true);
        if (error is not (null or ScriptError.OK)) error = TryPlace(input, coin, data, key => Signs(input, key, data)) ?? error;
        if (error is null) return Fail(input, "Impossible to finalize the input", out errors);
        if (error != ScriptError.OK) return Fail(input, $"The finalized input script does not properly validate \"{error}\"", out errors);

        input.ClearForFinalize();
        errors = null;
        return true;
    }

    /// <summary>Finishes with the signatures of some keys: OK, or the rule that is broken, or null when they are too few.</summary>
    private static ScriptError? TryPlace(PSBTInput input, Coin coin, PrecomputedTransactionData data, Func<PubKey, bool> uses)
    {
        if (Satisfy(input, coin, uses) is not { } items) return null;
        Place(input, coin, items);
        if (input.PSBT.Settings.SkipVerifyScript || input.VerifyScript(data, out var error)) return ScriptError.OK;
        (input.FinalScriptSig, input.FinalScriptWitness) = (null, null);
        return error;
    }

    /// <summary>What satisfies the signed script, or null while signatures are too few.</summary>
    private static List<byte[]>? Satisfy(PSBTInput input, Coin coin, Func<PubKey, bool> uses)
    {
        if (coin.GetHashVersion() == HashVersion.Taproot) return input.TaprootKeySignature is { } taproot ? [taproot.ToBytes()] : null;
        var script = coin.GetScriptCode();
        if (PayToMultiSigTemplate.Instance.ExtractScriptPubKeyParameters(script) is { } multisig)
        {
            var signatures = multisig.PubKeys.Select(key => Signature(input, key, uses)).OfType<byte[]>().Take(multisig.SignatureCount).ToList();
            return signatures.Count == multisig.SignatureCount ? [[], .. signatures] : null;
        }

        if (PayToPubkeyTemplate.Instance.ExtractScriptPubKeyParameters(script) is { } only) return Signature(input, only, uses) is { } plain ? [plain] : null;
        if (!script.IsScriptType(ScriptType.P2PKH)) return null;
        var owner = input.PartialSigs.Keys.FirstOrDefault(key => key.Hash.ScriptPubKey == script);
        return owner is not null && Signature(input, owner, uses) is { } signature ? [signature, owner.ToBytes()] : null;
    }

    private static byte[]? Signature(PSBTInput input, PubKey key, Func<PubKey, bool> uses) =>
        input.PartialSigs.TryGetValue(key, out var signature) && uses(key) ? signature.ToBytes() : null;

    private static bool Signs(PSBTInput input, PubKey key, PrecomputedTransactionData data) =>
        input.PartialSigs[key] is var signature && key.Verify(input.GetSignatureHash(signature.SigHash, data), signature.Signature);

    private static void Place(PSBTInput input, Coin coin, List<byte[]> items)
    {
        var script = coin as ScriptCoin;
        if (coin.GetHashVersion() == HashVersion.Original)
        {
            if (script is not null) items.Add(script.Redeem.ToBytes());
            input.FinalScriptSig = new Script(items.Select(Op.GetPushOp));
            return;
        }

        if (script?.RedeemType == RedeemType.WitnessV0) items.Add(script.Redeem.ToBytes());
        input.FinalScriptWitness = new WitScript(items, @unsafe: true);
        if (script?.GetP2SHRedeem() is { } inside) input.FinalScriptSig = new Script(Op.GetPushOp(inside.ToBytes()));
    }

    private static bool Fail(PSBTInput input, string why, out IList<PSBTError> errors)
    {
        errors = [new PSBTError(input.Index, why)];
        return false;
    }
}
