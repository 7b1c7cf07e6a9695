using DigitalResistance.Scoring;
using DigitalResistance.Transparency;

namespace DigitalResistance.Rounds;

/// <summary>How giving an approval can end.</summary>
public abstract record ApprovalResult
{
    private ApprovalResult()
    {
    }

    /// <summary>It counts.</summary>
    /// <param name="Tally">How many count now, and whether they suffice.</param>
    public sealed record Counted(ApprovalTally Tally) : ApprovalResult;

    /// <summary>This approval was there already; nothing was added.</summary>
    public sealed record AlreadyCounted(ApprovalTally Tally) : ApprovalResult;

    /// <summary>There is no such round.</summary>
    public sealed record NotFound : ApprovalResult;

    /// <summary>The round is not waiting for approvals.</summary>
    public sealed record WrongState(RoundState State) : ApprovalResult;

    /// <summary>The move is not waiting for approvals.</summary>
    public sealed record NotWaiting : ApprovalResult;

    /// <summary>The rules of approval, or the treasury, are no longer those under which the move was proposed: it must be proposed again.</summary>
    public sealed record Outdated : ApprovalResult;

    /// <summary>The round has another manifest by now; the approval is for the old one.</summary>
    public sealed record ManifestChanged : ApprovalResult;

    /// <summary>Operators may still object.</summary>
    public sealed record TooEarly(DateTimeOffset Until) : ApprovalResult;

    /// <summary>So many objections are not decided yet.</summary>
    public sealed record ObjectionsOpen(int Objections) : ApprovalResult;

    /// <summary>Whoever approved is not an admin (any more).</summary>
    public sealed record NotAnAdmin : ApprovalResult;

    /// <summary>The admin owns a recipient of this round.</summary>
    public sealed record Recused : ApprovalResult;

    /// <summary>The policy of the round allows no more signed-in approvals: the missing ones must be SSH signatures.</summary>
    public sealed record SignatureNeeded : ApprovalResult;

    /// <summary>The signature is by a key that nobody enrolled, or that was revoked.</summary>
    public sealed record UnknownKey(string Fingerprint) : ApprovalResult;

    /// <summary>The signature could be read, but is not one over this manifest for this purpose.</summary>
    public sealed record SignatureRefused(SshVerdict Verdict) : ApprovalResult;

    /// <summary>The signature could not be read.</summary>
    /// <param name="Reason">Why, in English.</param>
    public sealed record Unreadable(string Reason) : ApprovalResult;

    /// <summary>The database no longer holds what the manifest says: nothing may be approved or paid before somebody found out why.</summary>
    public sealed record Tampered : ApprovalResult;
}

/// <summary>The approvals of one manifest, counted.</summary>
/// <param name="SshSignatures">SSH signatures that count.</param>
/// <param name="SignedIn">Signed-in approvals that count (no more than the policy allows).</param>
/// <param name="Needed">How many are needed.</param>
/// <param name="Suffices">Whether they are enough, and not the proposer's alone.</param>
public sealed record ApprovalTally(int SshSignatures, int SignedIn, int Needed, bool Suffices)
{
    /// <summary>How many count.</summary>
    public int Have => SshSignatures + SignedIn;

    /// <summary>
    /// Counts. An approval counts where its admin is an admin now, owns no recipient of the round, and, for an SSH signature, where its
    /// key is not revoked. However many there are, the proposer's alone never suffices.
    /// </summary>
    internal static ApprovalTally Count(
        Round round, IEnumerable<Approval> approvals, IReadOnlySet<Guid> admins, IReadOnlySet<Guid> recipients, IReadOnlySet<string> liveKeys) =>
        Count(round.Policy, round.ProposedBy, approvals.Where(a => a.RoundNumber == round.Number && a.ManifestSha256 == round.ManifestSha256), admins, recipients, liveKeys);

    /// <summary>The same of approvals that are all of one manifest.</summary>
    internal static ApprovalTally Count(
        Policy policy, Guid proposer, IEnumerable<Approval> approvals, IReadOnlySet<Guid> admins, IReadOnlySet<Guid> recipients, IReadOnlySet<string> liveKeys)
    {
        var counting = approvals
            .Where(a => admins.Contains(a.AdminId) && !recipients.Contains(a.AdminId))
            .Where(a => a.Kind == ApprovalKind.SignedIn || liveKeys.Contains(a.Signer))
            .OrderBy(a => a.Kind == ApprovalKind.SshSignature ? 0 : 1).DistinctBy(a => a.AdminId).ToList();
        var ssh = counting.Count(a => a.Kind == ApprovalKind.SshSignature);
        var signedIn = Math.Min(counting.Count - ssh, policy.MaxSignedInApprovals);
        var byOthers = counting.Exists(a => a.AdminId != proposer);
        return new(ssh, signedIn, policy.ApprovalsNeeded, byOthers && ssh + signedIn >= policy.ApprovalsNeeded);
    }
}
