using DigitalResistance.Ledger;
using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

// What the public log says about rounds. Every entry names the round's revision: only amounts, credits, carry and approvals of its
// highest revision count, and a cancelled round counts for nothing (docs/specs/rounds.md).

/// <summary>An entry of one revision of a round.</summary>
/// <param name="Round">The round.</param>
/// <param name="Revision">The revision it belongs to.</param>
public abstract record RoundEntry(int Round, int Revision) : Entry
{
    /// <inheritdoc/>
    public sealed override int? RoundNumber => Round;

    /// <inheritdoc/>
    protected sealed override IEnumerable<(string Name, object Value)> Members => [("round", Round), ("revision", Revision), .. Facts];

    /// <summary>The members besides round and revision.</summary>
    protected abstract IEnumerable<(string Name, object Value)> Facts { get; }

    /// <summary>The terms as the log writes them.</summary>
    protected static IEnumerable<(string Name, object Value)> TermsOf(string policySha256, RoundTerms terms, int capFairShares) =>
    [
        ("policy", Hash(policySha256)), ("starts", Instant(terms.StartsAt)), ("ends", Instant(terms.EndsAt)),
        ("budget_sat", terms.Budget.Value), ("cap_ppm", terms.CapPpm), .. FairShares(capFairShares), ("floor_sat", terms.Floor.Value), ("step_sat", terms.Step.Value),
        ("max_fee_sat", terms.MaxFee.Value), ("max_feerate_sat_vb", terms.MaxFeeRate),
    ];

    private static IEnumerable<(string Name, object Value)> FairShares(int capFairShares) => capFairShares == 0 ? [] : [("cap_fair_shares", capFairShares)];
}

/// <summary>A round was announced with its rules.</summary>
public sealed record RoundOpened(int Round, int Revision, string PolicySha256, RoundTerms Terms, int CapFairShares = 0) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.opened";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => TermsOf(PolicySha256, Terms, CapFairShares);
}

/// <summary>The money terms of a frozen round were changed; its amounts and approvals, if any, are void, its scores (named again) stay.</summary>
public sealed record RoundRevised(int Round, int Revision, string PolicySha256, RoundTerms Terms, string ScoresSha256, int CapFairShares = 0) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.revised";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [.. TermsOf(PolicySha256, Terms, CapFairShares), ("scores", Hash(ScoresSha256))];
}

/// <summary>An announced round went back to the drawing board; everything said about it before is void.</summary>
public sealed record RoundWithdrawn(int Round, int Revision) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.withdrawn";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [];
}

/// <summary>The scores of a round are final.</summary>
public sealed record RoundFrozen(int Round, int Revision, string ScoresSha256, int Operators) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.frozen";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("scores", Hash(ScoresSha256)), ("operators", Operators)];
}

/// <summary>One operator's final weight; one entry each, by token.</summary>
/// <param name="Round">The round.</param>
/// <param name="Revision">The revision it belongs to.</param>
/// <param name="Token">The operator's name in the round.</param>
/// <param name="Weight">The weight.</param>
/// <param name="EvidenceSha256">The hiding commitment to what the weight was made from.</param>
public sealed record ScoreFrozen(int Round, int Revision, string Token, long Weight, string? EvidenceSha256 = null) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "score.frozen";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => EvidenceSha256 is null
        ? [("token", Token), ("weight", Weight)]
        : [("token", Token), ("weight", Weight), ("evidence", Hash(EvidenceSha256))];
}

/// <summary>The amounts of a round were computed and may be objected to.</summary>
public sealed record RoundAllocated(int Round, int Revision, string ManifestSha256, string AllocationSha256, RoundPlan Plan) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.allocated";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts =>
    [
        ("manifest", Hash(ManifestSha256)), ("allocation", Hash(AllocationSha256)), ("recipients", Plan.Recipients),
        ("shares_sat", Plan.Shares.Value), ("credits_used_sat", Plan.CreditUsed.Value), ("credited_sat", Plan.Credited.Value),
        ("paid_sat", Plan.Paid.Value), ("carry_sat", Plan.Carry.Total.Value),
    ];
}

/// <summary>What one operator is to be paid; one entry each, by token, only where it is more than nothing.</summary>
public sealed record GrantAllocated(int Round, int Revision, string Token, Sats Amount) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "grant.allocated";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("token", Token), ("amount_sat", Amount.Value)];
}

/// <summary>An admin owns a recipient of this round and does not count in its approval.</summary>
public sealed record ApproverRecused(int Round, int Revision, string Signer) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "recusal";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("signer", Signer), ("reason", "recipient")];
}

/// <summary>One admin's yes to one manifest; an SSH approval carries its whole signature, so that anybody can check it.</summary>
public sealed record ApprovalGiven(int Round, int Revision, string ManifestSha256, string Signer, byte[]? Signature) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "approval";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => Signature is null
        ? [("manifest", Hash(ManifestSha256)), ("signer", Signer), ("kind", "signed_in")]
        : [("manifest", Hash(ManifestSha256)), ("signer", Signer), ("kind", "sshsig"), ("signature", Convert.ToBase64String(Signature))];
}

/// <summary>Enough admins approved; from here on the round's credits and carry count.</summary>
public sealed record RoundApproved(int Round, int Revision, string ManifestSha256, int SshSignatures, int SignedIn) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.approved";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("manifest", Hash(ManifestSha256)), ("sshsig", SshSignatures), ("signed_in", SignedIn)];
}

/// <summary>A part of the budget that nobody got stays in the treasury.</summary>
/// <param name="Round">The round.</param>
/// <param name="Revision">The revision it belongs to.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reason"><c>cap</c>, <c>rounding</c> or <c>empty</c>.</param>
public sealed record CarryRecorded(int Round, int Revision, Sats Amount, string Reason) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "carry.recorded";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("amount_sat", Amount.Value), ("reason", Reason)];
}

/// <summary>What the round left as credit, all operators together: per operator it would tie the tokens of different rounds.</summary>
public sealed record CreditAdded(int Round, int Revision, Sats Amount, int Operators) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "credit.added";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("amount_sat", Amount.Value), ("operators", Operators)];
}

/// <summary>What the round pays out of earlier credit, all operators together.</summary>
public sealed record CreditPaid(int Round, int Revision, Sats Amount, int Operators) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "credit.paid";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("amount_sat", Amount.Value), ("operators", Operators)];
}

/// <summary>Credit that was kept its full time and is back in the pool, all operators together.</summary>
public sealed record CreditExpired(Sats Amount, int Operators) : Entry
{
    /// <inheritdoc/>
    public override string Type => "credit.expired";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("amount_sat", Amount.Value), ("operators", Operators)];
}

/// <summary>Every payment of the round is final and its token secret is destroyed.</summary>
public sealed record RoundClosed(int Round, int Revision, Sats Paid, Sats Fee) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.closed";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("paid_sat", Paid.Value), ("fee_sat", Fee.Value)];
}

/// <summary>The round was given up before any payment; its budget and the credit it would have used stay where they were.</summary>
/// <param name="Round">The round.</param>
/// <param name="Revision">The revision it belongs to.</param>
/// <param name="Reason">One of <see cref="CancelReason"/>, in snake_case.</param>
public sealed record RoundCancelled(int Round, int Revision, string Reason) : RoundEntry(Round, Revision)
{
    /// <inheritdoc/>
    public override string Type => "round.cancelled";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("reason", Reason)];
}

/// <summary>A key that may approve rounds was enrolled. Whose it is, is not said.</summary>
/// <param name="PublicKey">Type and base64.</param>
/// <param name="Fingerprint">As <c>ssh-keygen -l</c> prints it.</param>
/// <param name="SignedIn">So many admins said yes, each with a fresh second factor.</param>
public sealed record KeyAdded(string PublicKey, string Fingerprint, int SignedIn) : Entry
{
    /// <inheritdoc/>
    public override string Type => "key.added";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("role", "admin"), ("key", PublicKey), ("fingerprint", Fingerprint), ("signed_in", SignedIn)];
}

/// <summary>A key may no longer approve rounds.</summary>
/// <param name="Fingerprint">As <c>ssh-keygen -l</c> prints it.</param>
/// <param name="SignedIn">So many admins said so; one, where it was its owner.</param>
public sealed record KeyRevoked(string Fingerprint, int SignedIn) : Entry
{
    /// <inheritdoc/>
    public override string Type => "key.revoked";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Members => [("role", "admin"), ("fingerprint", Fingerprint), ("signed_in", SignedIn)];
}
