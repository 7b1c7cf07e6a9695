namespace NBitcoin;

/// <summary>What an input of a PSBT may say that contradicts itself.</summary>
internal static class PsbtSanity
{
    public static IEnumerable<string> Check(PSBTInput input, bool hasSighash)
    {
        if (input.IsFinalized())
        {
            if (input.PartialSigs.Count != 0) yield return "Input finalized, but partial sigs are not empty";
            if (input.HDKeyPaths.Count != 0) yield return "Input finalized, but hd keypaths are not empty";
            if (hasSighash) yield return "Input finalized, but sighash type is not null";
            if (input.RedeemScript is not null) yield return "Input finalized, but redeem script is not null";
            if (input.WitnessScript is not null) yield return "Input finalized, but witness script is not null";
        }

        var known = input.WitnessUtxo is not null || input.NonWitnessUtxo is not null;
        if (input.WitnessScript is not null && !known) yield return "witness script present but not witness_utxo or non_witness_utxo";
        if (input.FinalScriptWitness is not null && !known) yield return "final witness script present but not witness_utxo or non_witness_utxo";
        if (input.NonWitnessUtxo is { } previous)
        {
            if (input.PrevOut.N >= previous.Outputs.Count) yield return "Global transaction referencing an out of bound output in non_witness_utxo";
            else if (input.GetTxOut() is not { } output) yield return "non_witness_utxo does not match the transaction id referenced by the global transaction sign";
            else if (input.RedeemScript is { } redeem && redeem.PaymentScript != output.ScriptPubKey)
                yield return "The redeem_script is not coherent with the scriptPubKey of the non_witness_utxo";
        }

        if (input.WitnessUtxo is { } witnessUtxo && input.RedeemScript is { } inside)
        {
            if (inside.PaymentScript != witnessUtxo.ScriptPubKey) yield return "The redeem_script is not coherent with the scriptPubKey of the witness_utxo";
            if (input.WitnessScript is { } witness && witness.WitHash.ScriptPubKey != inside) yield return "witnessScript with witness UTXO does not match the redeemScript";
        }

        if (input.NonWitnessUtxo is null && input.WitnessUtxo is { } alone && NeedsWholeTransaction(alone.ScriptPubKey, input.RedeemScript))
            yield return "A NonWitnessUtxo is required but hasn't been provided";
    }

    private static bool NeedsWholeTransaction(Script output, Script? redeem) => output.IsScriptType(ScriptType.P2SH)
        ? redeem is not null && !redeem.IsScriptType(ScriptType.Witness)
        : !output.IsScriptType(ScriptType.Witness);
}
