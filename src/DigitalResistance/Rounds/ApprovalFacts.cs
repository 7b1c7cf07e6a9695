namespace DigitalResistance.Rounds;

/// <summary>What decides whether an approval of a round counts, as it stood when it was looked up. The rules themselves know no database.</summary>
/// <param name="Given">The approvals of the present manifest.</param>
/// <param name="Admins">Who is an admin.</param>
/// <param name="Recipients">Who of them owns a recipient of the round.</param>
/// <param name="LiveKeys">Fingerprints of keys that are not revoked.</param>
/// <param name="OpenObjections">Objections of operators that nobody answered.</param>
internal sealed record ApprovalFacts(IReadOnlyList<Approval> Given, IReadOnlySet<Guid> Admins, IReadOnlySet<Guid> Recipients, IReadOnlySet<string> LiveKeys, int OpenObjections = 0)
{
    /// <summary>Why an approval cannot be given now; null where it can.</summary>
    public ApprovalResult? RefusalOf(Round round, Approval approval)
    {
        if (round.ManifestSha256 is not null && round.ManifestSha256 != approval.ManifestSha256) return new ApprovalResult.ManifestChanged();
        if (Given.Any(a => a.ManifestSha256 == approval.ManifestSha256 && a.Signer == approval.Signer)) return new ApprovalResult.AlreadyCounted(Count(round));
        if (round.State != RoundState.Allocated) return new ApprovalResult.WrongState(round.State);
        if (!Admins.Contains(approval.AdminId)) return new ApprovalResult.NotAnAdmin();
        if (Recipients.Contains(approval.AdminId)) return new ApprovalResult.Recused();
        var from = round.AllocatedAt!.Value.AddSeconds(round.Policy.ObjectionSeconds);
        if (approval.At < from) return new ApprovalResult.TooEarly(from);
        if (OpenObjections > 0) return new ApprovalResult.ObjectionsOpen(OpenObjections);
        if (approval.Kind == ApprovalKind.SshSignature) return null;
        return Count(round).SignedIn < round.Policy.MaxSignedInApprovals ? null : new ApprovalResult.SignatureNeeded();
    }

    /// <summary>How the approvals stand, with one that is about to be added.</summary>
    public ApprovalTally Count(Round round, Approval? added = null) => ApprovalTally.Count(round, added is null ? Given : [.. Given, added], Admins, Recipients, LiveKeys);
}
