using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>Who signed a transaction, read from the one that was mined and verified against the one that was built, whoever put it together.</summary>
internal static class RehearsalSigners
{
    /// <summary>Fingerprints in the descriptor's order.</summary>
    public static IReadOnlyList<string> Find(byte[] psbt, byte[] mined, Descriptor descriptor)
    {
        var (upload, problem) = SignedUpload.Read(mined, descriptor.Network);
        if (upload is null) throw new InvalidOperationException($"A transaction that was mined cannot be read: {problem}.");
        var check = new SignatureCheck(PSBT.Load(psbt, descriptor.Network));
        var signers = upload.Signatures.Select(check.Judge).OfType<SignatureVerdict.Verified>().Select(v => v.Fingerprint).ToHashSet(StringComparer.Ordinal);
        return [.. descriptor.Keys.Select(k => k.Origin.MasterFingerprint.ToString()).Where(signers.Contains)];
    }
}
