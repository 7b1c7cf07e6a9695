using DigitalResistance.Transparency;

namespace DigitalResistance.Verify.Books;

/// <summary>How far a round is, as the log tells it.</summary>
internal enum RoundStage
{
    Open,
    Frozen,
    Allocated,
    Approved,
    Closed,
    Withdrawn,
    Cancelled,
}

/// <summary>A round as its newest revision left it.</summary>
internal sealed class Round(long number)
{
    public long Number => number;

    public RoundStage Stage { get; set; }

    public long Revision { get; set; }

    /// <summary>The entry that announced the terms in force.</summary>
    public required CanonicalObject Terms { get; set; }

    public HashedRows? Scores { get; set; }

    /// <summary>The revision whose scores are in force: a revised round keeps those of its freeze.</summary>
    public long FrozenRevision { get; set; }

    public string? ScoresHash { get; set; }

    /// <summary>What reviewers decided since the freeze.</summary>
    public Standings Standings { get; set; } = new();

    /// <summary>The entry that announced the amounts; null while there are none.</summary>
    public CanonicalObject? Allocated { get; set; }

    public HashedRows? Grants { get; set; }

    public Dictionary<string, long> Shares { get; set; } = [];

    public Dictionary<string, long> Carry { get; set; } = [];

    public HashSet<string> CarryRecorded { get; } = [];

    public HashSet<string> Recused { get; } = [];

    public List<ApprovalSaid> Approvals { get; } = [];

    /// <summary>Index of the last approval, once the round was approved: a payment must commit to a checkpoint beyond it.</summary>
    public long ApprovedAt { get; set; }

    public long CreditAdded { get; set; }

    public long CreditUsed { get; set; }

    public long Paid { get; set; }

    public long Fees { get; set; }

    /// <summary>Approvals that the log counted: by SSH signature, and signed in.</summary>
    public (long Ssh, long SignedIn) Counted { get; set; }

    /// <summary>A changed round has no amounts, no approvals and no credits.</summary>
    public void Void()
    {
        (Allocated, Grants, CreditAdded, CreditUsed, Paid, Fees, Counted) = (null, null, 0, 0, 0, 0, default);
        CarryRecorded.Clear();
        Recused.Clear();
        Approvals.Clear();
    }
}

/// <summary>One admin's yes, as an entry says it.</summary>
/// <param name="Index">The entry.</param>
/// <param name="Signer">A key's fingerprint, or a name in the round.</param>
/// <param name="Signature">The SSHSIG blob in base64; null for a signed-in approval.</param>
internal sealed record ApprovalSaid(long Index, string Signer, string? Signature);
