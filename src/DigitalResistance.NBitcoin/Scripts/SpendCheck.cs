using NBitcoin.Crypto;

namespace NBitcoin;

/// <summary>
/// Checks one input against the output it spends, for the shapes of script named at <see cref="TransactionValidator"/>.
/// It follows the order of Bitcoin Core's <c>VerifyScript</c>, so that the first rule broken is the one that is told.
/// </summary>
internal sealed class SpendCheck(Transaction transaction, int index, TxOut spent, ScriptVerify rules, PrecomputedTransactionData? data)
{
    private const int LargestPush = 520;
    private const byte AnnexTag = 0x50;

    private readonly PrecomputedTransactionData _data = data ?? transaction.PrecomputeTransactionData();

    public ScriptError Run(Script scriptSig, WitScript witness)
    {
        var output = spent.ScriptPubKey;
        if (IsOn(ScriptVerify.SigPushOnly) && !scriptSig.IsPushOnly) return ScriptError.SigPushOnly;
        if (IsOn(ScriptVerify.Witness) && WitnessProgram.TryRead(output.Bytes, out var version, out var program))
            return scriptSig.Length == 0 ? RunWitness(version, program, witness, insideP2sh: false) : ScriptError.WitnessMalleated;

        // Past this point the input's script must be data and nothing else; a program there is outside of the subset.
        if (!scriptSig.IsPushOnly || !scriptSig.IsValid)
            return IsOn(ScriptVerify.P2SH) && output.IsScriptType(ScriptType.P2SH) && scriptSig.IsValid ? ScriptError.SigPushOnly : ScriptError.UnknownError;
        if (IsOn(ScriptVerify.MinimalData) && scriptSig.ToOps().Any(o => !o.ToBytes().AsSpan().SequenceEqual(Op.GetPushOp(o.PushData!).ToBytes())))
            return ScriptError.MinimalData;
        var stack = scriptSig.ToOps().Select(o => o.PushData!).ToList();
        if (stack.Any(s => s.Length > LargestPush)) return ScriptError.PushSize;
        if (IsOn(ScriptVerify.P2SH) && output.IsScriptType(ScriptType.P2SH)) return RunP2sh(output, scriptSig, stack, witness);
        var error = RunTemplate(output, stack, HashVersion.Original);
        return error == ScriptError.OK && IsOn(ScriptVerify.Witness) && !WitScript.IsNullOrEmpty(witness) ? ScriptError.WitnessUnexpected : error;
    }

    private ScriptError RunP2sh(Script output, Script scriptSig, List<byte[]> stack, WitScript witness)
    {
        if (stack.Count == 0) return ScriptError.InvalidStackOperation;
        var redeem = Script.FromBytesUnsafe(stack[^1]);
        stack.RemoveAt(stack.Count - 1);
        if (redeem.PaymentScript != output) return ScriptError.EvalFalse;
        if (IsOn(ScriptVerify.Witness) && WitnessProgram.TryRead(redeem.Bytes, out var version, out var program))
        {
            // Exactly the push of the program, or a stranger could change the transaction's name.
            return scriptSig == new Script(Op.GetPushOp(redeem.ToBytes()))
                ? RunWitness(version, program, witness, insideP2sh: true)
                : ScriptError.WitnessMalleatedP2SH;
        }

        var error = RunTemplate(redeem, stack, HashVersion.Original);
        return error == ScriptError.OK && IsOn(ScriptVerify.Witness) && !WitScript.IsNullOrEmpty(witness) ? ScriptError.WitnessUnexpected : error;
    }

    private ScriptError RunWitness(int version, ReadOnlySpan<byte> program, WitScript witness, bool insideP2sh)
    {
        var stack = witness.Pushes.ToList();
        switch (version, program.Length)
        {
            case (0, 20):
                if (stack.Count != 2) return ScriptError.WitnessProgramMissmatch;
                return RunWitnessScript(new KeyId(program.ToArray()).ScriptPubKey, stack);
            case (0, 32):
                if (stack.Count == 0) return ScriptError.WitnessProgramEmpty;
                var script = Script.FromBytesUnsafe(stack[^1]);
                if (!script.WitHash.Bytes.SequenceEqual(program)) return ScriptError.WitnessProgramMissmatch;
                stack.RemoveAt(stack.Count - 1);
                return RunWitnessScript(script, stack);
            case (0, _):
                return ScriptError.WitnessProgramWrongLength;
            case (1, 32) when !insideP2sh && IsOn(ScriptVerify.Taproot):
                return RunTaproot(program, stack);
            case (1, 32) when !insideP2sh:
                return ScriptError.OK;
            default:
                return IsOn(ScriptVerify.DiscourageUpgradableWitnessProgram) ? ScriptError.DiscourageUpgradableWitnessProgram : ScriptError.OK;
        }
    }

    private ScriptError RunWitnessScript(Script script, List<byte[]> stack) =>
        stack.Any(s => s.Length > LargestPush) ? ScriptError.PushSize : RunTemplate(script, stack, HashVersion.WitnessV0);

    /// <summary>https://github.com/bitcoin/bips/blob/master/bip-0341.mediawiki#script-validation-rules.</summary>
    private ScriptError RunTaproot(ReadOnlySpan<byte> outputKey, List<byte[]> stack)
    {
        if (stack.Count == 0) return ScriptError.WitnessProgramEmpty;
        uint256? annex = null;
        if (stack.Count >= 2 && stack[^1] is [AnnexTag, ..])
        {
            var writer = new Wire.WireWriter();
            writer.WriteVarBytes(stack[^1]);
            annex = Hashes.SingleSHA256(writer.Written);
            stack.RemoveAt(stack.Count - 1);
        }

        if (stack.Count > 1) return ScriptError.UnknownError;
        if (stack[0].Length is not (64 or 65)) return ScriptError.SchnorrSigSize;
        if (!TaprootSignature.TryParse(stack[0], out var signature)) return ScriptError.SchnorrSigHashType;
        if (_data is not TaprootReadyPrecomputedTransactionData ready) return ScriptError.UnknownError;
        if (((uint)signature.SigHash & 3) == (uint)TaprootSigHash.Single && index >= transaction.Outputs.Count) return ScriptError.SchnorrSigHashType;
        var hash = transaction.GetSignatureHashTaproot(ready, new TaprootExecutionData(index) { SigHash = signature.SigHash, AnnexHash = annex });
        return Curve.VerifySchnorr(outputKey, hash.ToBytes(), signature.SchnorrSignature.Bytes) ? ScriptError.OK : ScriptError.SchnorrSig;
    }

    private ScriptError RunTemplate(Script script, List<byte[]> stack, HashVersion version)
    {
        if (PayToMultiSigTemplate.TryRead(script, out var needed, out var keys)) return RunMultisig(script, stack, version, needed, keys);
        var isHash = script.IsScriptType(ScriptType.P2PKH);
        if (!isHash && !script.IsScriptType(ScriptType.P2PK)) return ScriptError.UnknownError;
        var items = isHash ? 2 : 1;
        if (stack.Count == 0) return ScriptError.InvalidStackOperation;
        var key = isHash ? stack[^1] : script.ToBytes()[1..^1];
        if (isHash && !Hashes.Hash160(key).AsSpan().SequenceEqual(script.Bytes[3..23])) return ScriptError.EqualVerify;
        if (stack.Count < items) return ScriptError.InvalidStackOperation;
        var signature = stack[^items];
        if (SignatureFault(signature) is { } bad) return bad;
        if (KeyFault(key, version) is { } form) return form;
        if (Signs(key, signature, script, version)) return Leftovers(stack.Count - items, version);
        return IsOn(ScriptVerify.NullFail) && signature.Length > 0 ? ScriptError.NullFail : ScriptError.EvalFalse;
    }

    private ScriptError RunMultisig(Script script, List<byte[]> stack, HashVersion version, int needed, byte[][] keys)
    {
        if (stack.Count < needed + 1) return ScriptError.InvalidStackOperation;
        var signatures = stack.GetRange(stack.Count - needed, needed);
        // In old scripts a signature that stands inside the script is cut out before hashing; nobody's treasury does that.
        if (version == HashVersion.Original && signatures.Any(s => s.Length > 0 && keys.Any(k => k.AsSpan().SequenceEqual(s)))) return ScriptError.UnknownError;
        var success = true;
        // Both lists are walked from the end, as CHECKMULTISIG does: a key that does not fit is passed over for good.
        var (s, k) = (needed - 1, keys.Length - 1);
        while (success && s >= 0)
        {
            if (SignatureFault(signatures[s]) is { } bad) return bad;
            if (KeyFault(keys[k], version) is { } form) return form;
            if (Signs(keys[k], signatures[s], script, version)) s--;
            k--;
            success = s <= k;
        }

        if (!success && IsOn(ScriptVerify.NullFail) && signatures.Any(sig => sig.Length > 0)) return ScriptError.NullFail;
        if (IsOn(ScriptVerify.NullDummy) && stack[^(needed + 1)].Length > 0) return ScriptError.SigNullDummy;
        return success ? Leftovers(stack.Count - needed - 1, version) : ScriptError.EvalFalse;
    }

    private ScriptError Leftovers(int count, HashVersion version) =>
        count > 0 && (version == HashVersion.WitnessV0 || IsOn(ScriptVerify.CleanStack)) ? ScriptError.CleanStack : ScriptError.OK;

    private ScriptError? SignatureFault(byte[] signature) => TransactionSignature.Fault(signature, rules);

    private ScriptError? KeyFault(byte[] key, HashVersion version)
    {
        var compressed = key is [2 or 3, ..] && key.Length == 33;
        if (IsOn(ScriptVerify.StrictEnc) && !compressed && !(key is [4, ..] && key.Length == 65)) return ScriptError.PubKeyType;
        return version == HashVersion.WitnessV0 && IsOn(ScriptVerify.WitnessPubkeyType) && !compressed ? ScriptError.WitnessPubkeyType : null;
    }

    private bool Signs(byte[] key, byte[] signature, Script script, HashVersion version)
    {
        if (signature.Length == 0 || ECDSASignature.TryRead(signature.AsSpan(0, signature.Length - 1)) is not { } parsed) return false;
        if (Curve.TryDecode(key) is not { } point) return false;
        var hash = transaction.GetSignatureHash(script, index, (SigHash)signature[^1], spent, version, _data);
        return Curve.VerifyEcdsa(point, hash, parsed.R, parsed.S);
    }

    private bool IsOn(ScriptVerify rule) => (rules & rule) != 0;
}
