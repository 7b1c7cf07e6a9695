using System.Globalization;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;

namespace DigitalResistance.Moves;

// What the public log says about moves of the treasury's money: what was proposed, who approved it, how it ended. Its transactions are
// told by the entries of payments.

/// <summary>An entry of one move.</summary>
/// <param name="Move">The move.</param>
public abstract record MoveEntry(int Move) : Entry
{
    /// <inheritdoc/>
    public sealed override int? MoveNumber => Move;

    /// <inheritdoc/>
    protected sealed override IEnumerable<(string Name, object Value)> Members => [("move", Move), .. Facts];

    /// <summary>The members besides the move.</summary>
    protected abstract IEnumerable<(string Name, object Value)> Facts { get; }
}

/// <summary>A move was proposed: from here on anybody sees it, and admins may approve or withdraw it. Where costs go, its manifest says.</summary>
/// <param name="Move">The move.</param>
/// <param name="Kind">What for.</param>
/// <param name="ManifestSha256">SHA-256 of the text that is approved.</param>
/// <param name="Terms">What that text says.</param>
public sealed record MoveProposed(int Move, MoveKind Kind, string ManifestSha256, MoveTerms Terms) : MoveEntry(Move)
{
    /// <inheritdoc/>
    public override string Type => "move.proposed";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts =>
    [
        ("kind", Words.Snake(Kind)), ("manifest", Hash(ManifestSha256)), ("policy", Hash(Terms.PolicySha256)), ("treasury", Hash(Terms.TreasurySha256)), ("target", Hash(Terms.TargetSha256)),
        ("costs", Terms.Costs.OrderBy(c => c.Line).Select(c => string.Create(CultureInfo.InvariantCulture, $"{Words.Snake(c.Purpose)}={c.Amount.Value}"))),
        ("paid_sat", Terms.Costs.Sum(c => c.Amount.Value)), ("batches", Terms.Batches), ("max_fee_sat", Terms.Fees.MaxFee.Value), ("max_feerate_sat_vb", Terms.Fees.MaxFeeRate),
    ];
}

/// <summary>One admin's yes to one manifest; an SSH approval carries its whole signature, so that anybody can check it.</summary>
public sealed record MoveApprovalGiven(int Move, string ManifestSha256, string Signer, byte[]? Signature) : MoveEntry(Move)
{
    /// <inheritdoc/>
    public override string Type => "move.approval";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => Signature is null
        ? [("manifest", Hash(ManifestSha256)), ("signer", Signer), ("kind", "signed_in")]
        : [("manifest", Hash(ManifestSha256)), ("signer", Signer), ("kind", "sshsig"), ("signature", Convert.ToBase64String(Signature))];
}

/// <summary>Enough admins approved; of a rotation the new descriptor follows at once.</summary>
public sealed record MoveApproved(int Move, string ManifestSha256, int SshSignatures, int SignedIn) : MoveEntry(Move)
{
    /// <inheritdoc/>
    public override string Type => "move.approved";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("manifest", Hash(ManifestSha256)), ("sshsig", SshSignatures), ("signed_in", SignedIn)];
}

/// <summary>The move was given up before anything was built; a descriptor that is in force already stays so.</summary>
public sealed record MoveWithdrawn(int Move) : MoveEntry(Move)
{
    /// <inheritdoc/>
    public override string Type => "move.withdrawn";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [];
}

/// <summary>Every transaction of the move is final.</summary>
public sealed record MoveClosed(int Move, Sats Paid, Sats Fee) : MoveEntry(Move)
{
    /// <inheritdoc/>
    public override string Type => "move.closed";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("paid_sat", Paid.Value), ("fee_sat", Fee.Value)];
}
