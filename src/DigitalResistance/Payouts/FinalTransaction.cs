using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>Puts verified signatures together and proves the result whole before anybody may broadcast it.</summary>
internal static class FinalTransaction
{
    /// <summary>
    /// The final transaction, or null while signatures are missing. Throws where complete signatures do not make a valid transaction:
    /// then this program is wrong, and nothing may leave it.
    /// </summary>
    public static Transaction? TryMake(PSBT ours, IEnumerable<BatchSignature> signatures)
    {
        var psbt = ours.Clone();
        foreach (var signature in signatures)
        {
            var input = psbt.Inputs[signature.InputIndex];
            if (input.TaprootInternalKey is null) input.PartialSigs[new PubKey(signature.PubKey)] = new TransactionSignature(signature.Signature);
            else input.TaprootKeySignature = TaprootSignature.Parse(signature.Signature);
        }

        if (!psbt.TryFinalize(out _)) return null;
        var final = psbt.ExtractTransaction();
        var spent = ours.Inputs.Select(input => input.WitnessUtxo!).ToArray();
        var broken = final.CreateValidator(spent).ValidateInputs().FirstOrDefault(result => result.Error is not null);
        if (broken is not null) throw new InvalidOperationException($"Input {broken.InputIndex} of a complete transaction is not valid: {broken.Error}.");
        if (final.GetHash() != ours.GetGlobalTransaction().GetHash()) throw new InvalidOperationException("Finishing a transaction changed its id.");
        return final;
    }
}
