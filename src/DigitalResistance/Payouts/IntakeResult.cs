using DigitalResistance.Ledger;

namespace DigitalResistance.Payouts;

/// <summary>How an upload of signatures can end.</summary>
public abstract record IntakeResult
{
    private IntakeResult()
    {
    }

    /// <summary>At least one new signature was verified and stored.</summary>
    /// <param name="Signers">By whom, by fingerprint.</param>
    /// <param name="Refused">Signatures in the same upload that were not taken.</param>
    /// <param name="IsComplete">Whether the transaction is complete now and goes to the network.</param>
    public sealed record Accepted(IReadOnlyList<string> Signers, IReadOnlyList<RefusedSignature> Refused, bool IsComplete) : IntakeResult;

    /// <summary>Every signature in it was known already; nothing was done twice.</summary>
    public sealed record NothingNew : IntakeResult;

    /// <summary>There is no signature in it: it came back as it was given.</summary>
    public sealed record Unsigned : IntakeResult;

    /// <summary>No signature in it can be taken.</summary>
    public sealed record AllRefused(IReadOnlyList<RefusedSignature> Refused) : IntakeResult;

    /// <summary>It cannot be read.</summary>
    public sealed record Unreadable(UploadProblem Problem) : IntakeResult;

    /// <summary>It is for another batch.</summary>
    public sealed record OtherBatch(PaymentOrder Order, int Number) : IntakeResult;

    /// <summary>It is for a transaction that was never built here: altered, or from elsewhere.</summary>
    public sealed record NotOurs : IntakeResult;

    /// <summary>The transaction is complete already.</summary>
    public sealed record AlreadyComplete : IntakeResult;

    /// <summary>A newer version of the transaction was built: that one is to be signed.</summary>
    public sealed record Superseded : IntakeResult;

    /// <summary>The transaction was never downloaded from here, or another version of it is confirmed.</summary>
    public sealed record NotSigning : IntakeResult;

    /// <summary>Complete, but it breaks a fee rule by now; it is not broadcast.</summary>
    public sealed record FeeRefused(FeeProblem Problem) : IntakeResult;

    /// <summary>There is no such batch.</summary>
    public sealed record NotFound : IntakeResult;
}

/// <summary>Signatures that were not taken, for one reason.</summary>
/// <param name="Fingerprint">The signer they are said to be by; null where it is none of ours or not said.</param>
/// <param name="Problem">Why.</param>
/// <param name="Count">How many.</param>
public sealed record RefusedSignature(string? Fingerprint, SignatureProblem Problem, int Count);
