using DigitalResistance.Rounds;
using DigitalResistance.Testing.Rounds;

namespace DigitalResistance.Tests.Rounds;

public sealed class ApprovalTallyTests
{
    private static readonly Guid Proposer = Guid.NewGuid();
    private static readonly Guid Second = Guid.NewGuid();
    private static readonly Guid Third = Guid.NewGuid();

    private static ApprovalTally Count(int needed, int maxSignedIn, Guid[] recipients, params (Guid Admin, ApprovalKind Kind)[] given) =>
        Count(needed, maxSignedIn, recipients, [Proposer, Second, Third], given);

    private static ApprovalTally Count(int needed, int maxSignedIn, Guid[] recipients, Guid[] admins, (Guid Admin, ApprovalKind Kind)[] given)
    {
        var round = new Round
        {
            Number = 1, ProposedBy = Proposer, PolicyJson = RoundsWorld.PolicyWith(needed, maxSignedIn).Bytes, ManifestSha256 = "m",
            StartsAt = RoundsWorld.Start, EndsAt = RoundsWorld.Start, Budget = new(1), CapPpm = 1, Floor = new(1), Step = new(1), MaxFee = new(1), MaxFeeRate = 1,
        };
        var approvals = given.Select(g => new Approval { RoundNumber = 1, ManifestSha256 = "m", AdminId = g.Admin, Kind = g.Kind, Signer = g.Kind == ApprovalKind.SshSignature ? "live" : $"{g.Admin}", At = default });
        return ApprovalTally.Count(round, approvals, admins.ToHashSet(), recipients.ToHashSet(), new HashSet<string> { "live" });
    }

    [Fact]
    public void Whoever_owns_a_recipient_does_not_count_even_if_an_approval_is_there() =>
        Assert.Equal(new(0, 1, 2, false), Count(2, 2, [Second], (Proposer, ApprovalKind.SignedIn), (Second, ApprovalKind.SignedIn)));

    [Fact]
    public void Whoever_is_no_admin_does_not_count_even_if_an_approval_is_there() =>
        Assert.Equal(new(1, 0, 2, false), Count(2, 2, [], [Proposer], [(Proposer, ApprovalKind.SshSignature), (Second, ApprovalKind.SignedIn)]));

    [Fact]
    public void Two_approvals_of_one_admin_count_once_and_the_signature_is_the_one() =>
        Assert.Equal(new(1, 0, 2, false), Count(2, 2, [], (Second, ApprovalKind.SignedIn), (Second, ApprovalKind.SshSignature)));

    [Fact]
    public void No_more_signed_in_approvals_count_than_the_policy_allows()
    {
        Assert.Equal(new(0, 1, 2, false), Count(2, 1, [], (Proposer, ApprovalKind.SignedIn), (Second, ApprovalKind.SignedIn), (Third, ApprovalKind.SignedIn)));
        Assert.Equal(new(1, 1, 2, true), Count(2, 1, [], (Proposer, ApprovalKind.SignedIn), (Second, ApprovalKind.SignedIn), (Third, ApprovalKind.SshSignature)));
    }
}
