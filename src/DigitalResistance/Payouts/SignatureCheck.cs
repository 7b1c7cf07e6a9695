using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Verifies signatures against our own PSBT: our transaction, our coins, our scripts. Only what passes here is ever stored, counted or
/// put into a transaction.
/// </summary>
internal sealed class SignatureCheck(PSBT ours)
{
    private readonly PrecomputedTransactionData _data = ours.PrecomputeTransactionData();

    /// <summary>Judges one claimed signature.</summary>
    public SignatureVerdict Judge(ClaimedSignature claim)
    {
        if (claim.InputIndex < 0 || claim.InputIndex >= ours.Inputs.Count) return new SignatureVerdict.Refused(claim.InputIndex, null, SignatureProblem.ForeignKey);
        var input = ours.Inputs[claim.InputIndex];
        return input.TaprootInternalKey is null ? JudgeEcdsa(claim, input) : JudgeSchnorr(claim, input);
    }

    private SignatureVerdict JudgeEcdsa(ClaimedSignature claim, PSBTInput input)
    {
        var keys = input.HDKeyPaths.Where(key => claim.PubKey is null || key.Key == claim.PubKey).ToArray();
        var named = claim.PubKey is not null && keys.Length == 1 ? keys[0].Value.MasterFingerprint.ToString() : null;
        SignatureVerdict Refuse(SignatureProblem problem) => new SignatureVerdict.Refused(claim.InputIndex, named, problem);

        if (keys.Length == 0) return Refuse(SignatureProblem.ForeignKey);
        if (!TransactionSignature.IsValid(claim.Signature)) return Refuse(SignatureProblem.Malformed);
        var signature = new TransactionSignature(claim.Signature);
        // Anything but ALL lets somebody change the payments after the signer has looked at them.
        if (signature.SigHash != SigHash.All) return Refuse(SignatureProblem.OtherSighash);
        // BIP-146: nodes do not relay a high S, and it would change the witness.
        if (!signature.IsLowS) return Refuse(SignatureProblem.HighS);

        var hash = input.GetSignatureHash(SigHash.All, _data);
        foreach (var (key, path) in keys)
        {
            if (key.Verify(hash, signature.Signature)) return new SignatureVerdict.Verified(claim.InputIndex, key, path.MasterFingerprint.ToString(), signature.ToBytes());
        }

        return Refuse(SignatureProblem.DoesNotVerify);
    }

    private SignatureVerdict JudgeSchnorr(ClaimedSignature claim, PSBTInput input)
    {
        var internalKey = input.TaprootInternalKey!;
        var signer = input.HDTaprootKeyPaths.Values.Single().RootedKeyPath.MasterFingerprint.ToString();
        SignatureVerdict Refuse(SignatureProblem problem) => new SignatureVerdict.Refused(claim.InputIndex, signer, problem);

        if (!TaprootSignature.TryParse(claim.Signature, out var signature)) return Refuse(SignatureProblem.Malformed);
        if (signature.SigHash is not (TaprootSigHash.Default or TaprootSigHash.All)) return Refuse(SignatureProblem.OtherSighash);
        var hash = input.GetSignatureHash(signature.SigHash, _data);
        return internalKey.GetTaprootFullPubKey(input.TaprootMerkleRoot).VerifySignature(hash, signature.SchnorrSignature)
            ? new SignatureVerdict.Verified(claim.InputIndex, new PubKey([2, .. internalKey.ToBytes()]), signer, signature.ToBytes())
            : Refuse(SignatureProblem.DoesNotVerify);
    }
}

/// <summary>What a signature turned out to be.</summary>
internal abstract record SignatureVerdict
{
    private SignatureVerdict()
    {
    }

    /// <summary>Good.</summary>
    public sealed record Verified(int InputIndex, PubKey PubKey, string Fingerprint, byte[] Signature) : SignatureVerdict;

    /// <summary>Not good; the fingerprint is that of the signer it is said to be by, where that is one of ours.</summary>
    public sealed record Refused(int InputIndex, string? Fingerprint, SignatureProblem Problem) : SignatureVerdict;
}

/// <summary>Why a signature is not taken.</summary>
public enum SignatureProblem
{
    /// <summary>By a key that is not in the treasury's script of that coin.</summary>
    ForeignKey,

    /// <summary>Not a signature in the form the network takes.</summary>
    Malformed,

    /// <summary>It does not fix all inputs and outputs.</summary>
    OtherSighash,

    /// <summary>Its S is in the upper half.</summary>
    HighS,

    /// <summary>It is not a signature of this transaction by that key.</summary>
    DoesNotVerify,
}
