using System.Text;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Testing.Payouts;

namespace DigitalResistance.Testing.Rounds.Walks;

/// <summary>
/// A round in memory, moved by the product's own decisions: its table of edges, its rules of approval, its manifest and its comparison with it, its division. Only
/// what the acts do between their decisions, loading and saving, is written a second time here; <see cref="RealRound"/> shows that it is written rightly.
/// </summary>
internal sealed class ModelRound : IWalkedRound
{
    private static readonly TreasuryFacts Treasury = new("regtest", new string('d', 64), new Sats(100_000_000), 100);
    private static readonly string[] Addresses = [PayoutWorld.Address(1), PayoutWorld.Address(2), PayoutWorld.Address(3)];
    private static readonly Dictionary<(int, int), Policy> Policies = [];

    private readonly Guid[] _people = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
    private readonly string?[] _keys = ["SHA256:0", "SHA256:1", "SHA256:2", "SHA256:3"];
    private readonly HashSet<Guid> _admins;
    private readonly Guid[] _operators;
    private readonly List<Approval> _approvals = [];
    private readonly List<string> _shown = [];
    private readonly WalkFault _fault;
    private readonly Round _round;
    private List<Grant> _grants = [];
    private int _keyCount = WalkRules.People;
    private int _terms;
    private bool _hasProof;
    private bool _isProofPublished;
    private bool _isBatchPublished;
    private IReadOnlyList<string>? _built;

    public ModelRound(WalkRules rules, WalkFault fault = WalkFault.None)
    {
        _fault = fault;
        _admins = [.. _people];
        _operators = [rules.Recused < 0 ? Guid.NewGuid() : _people[rules.Recused], Guid.NewGuid()];
        if (!Policies.TryGetValue((rules.Needed, rules.MaxSignedIn), out var policy)) Policies.Add((rules.Needed, rules.MaxSignedIn), policy = RoundsWorld.PolicyWith(rules.Needed, rules.MaxSignedIn));
        var terms = RealRound.TermsFrom(RoundsWorld.Start);
        _round = new Round
        {
            Number = 1, ProposedBy = fault == WalkFault.ForgetsProposer ? Guid.NewGuid() : _people[0], PolicyJson = policy.Bytes, StartsAt = terms.StartsAt, EndsAt = terms.EndsAt, Budget = terms.Budget, CapPpm = terms.CapPpm,
            Floor = terms.Floor, Step = terms.Step, MaxFee = terms.MaxFee, MaxFeeRate = terms.MaxFeeRate,
        };
    }

    public RoundState State => _round.State;

    public string? Manifest => _round.Manifest;

    public IReadOnlyList<string> Owed => [.. _grants.Where(g => g.Paid > Sats.Zero).Select(g => $"{g.Address} {g.Paid.Value}")];

    public IReadOnlyList<string>? Left { get; private set; }

    public DateTimeOffset Now { get; private set; } = RoundsWorld.Start.AddDays(30);

    public ValueTask<string> TakeAsync(Walked step) => new(Take(step));

    private string Take(Walked step) => step.Step switch
    {
        WalkStep.Open => Move(step, RoundSteps.Open, () => _round.State = RoundState.Open),
        WalkStep.Freeze => Move(step, RoundSteps.Freeze, Freeze),
        WalkStep.Allocate => Move(step, RoundSteps.Allocate, Allocate),
        WalkStep.Revise => Move(step, RoundSteps.Revise, Revise),
        WalkStep.Withdraw => Move(step, RoundSteps.Withdraw, Withdraw),
        WalkStep.Cancel => Move(step, RoundSteps.Cancel, () => (_round.State, _round.TokenSecret) = (RoundState.Cancelled, null)),
        WalkStep.ApproveSignedIn => ApproveSignedIn(step),
        WalkStep.ApproveByKey => ApproveByKey(step),
        WalkStep.Build => Build(),
        WalkStep.Export => Export(),
        WalkStep.RevokeKey => Revoke(step.Who),
        _ => Happen(step),
    };

    private string Happen(Walked step)
    {
        if (step.Step == WalkStep.Wait) Now += TimeSpan.FromMinutes(30);
        if (step.Step == WalkStep.NewKey) _keys[step.Who] ??= $"SHA256:{_keyCount++}";
        if (step.Step == WalkStep.DropAdmin) _admins.Remove(_people[step.Who]);
        if (step.Step == WalkStep.MakeAdmin) _admins.Add(_people[step.Who]);
        if (step.Step == WalkStep.Tamper) Tamper(step.Which);
        if (step.Step == WalkStep.Publish) (_isProofPublished, _isBatchPublished) = (_hasProof, _built is not null);
        return "";
    }

    private string Move(Walked step, RoundState[] from, Action act)
    {
        if (step.Which == 3) return nameof(RoundResult.ChangedMeanwhile);
        if (!from.Contains(_round.State)) return nameof(RoundResult.WrongState);
        act();
        return nameof(RoundResult.Done);
    }

    private void Freeze()
    {
        _round.TokenSecret ??= [.. Enumerable.Repeat((byte)7, 32)];
        _grants = [.. _operators.Select((account, i) => new Grant { RoundNumber = 1, AccountId = account, Token = RoundToken.ForOperator(_round.TokenSecret, account), Weight = 700, Address = Addresses[i] })];
        _round.ScoresSha256 = RoundFiles.Sha256(RoundFiles.Scores(_grants));
        _round.State = RoundState.Frozen;
    }

    private void Allocate()
    {
        var plan = RoundPlan.Create(1, _round.Terms, [.. _grants.Select(g => new Claimant(g.Token, g.Weight, Sats.Zero, true))]);
        foreach (var grant in _grants)
        {
            var line = plan.Lines.Single(l => l.Token == grant.Token);
            (grant.Share, grant.CreditUsed, grant.Paid, grant.Credited) = (line.Share, line.CreditUsed, line.Paid, line.Credited);
        }

        _round.Carry = plan.Carry;
        _round.Manifest = DigitalResistance.Rounds.Manifest.Write(_round, plan, _grants, Treasury);
        _round.ManifestSha256 = RoundFiles.Sha256(Encoding.ASCII.GetBytes(_round.Manifest));
        (_round.State, _round.AllocatedAt) = (RoundState.Allocated, Now);
        _shown.Add(_round.Manifest);
    }

    private void Revise()
    {
        foreach (var grant in _grants) (grant.Share, grant.CreditUsed, grant.Paid, grant.Credited) = (Sats.Zero, Sats.Zero, Sats.Zero, Sats.Zero);
        RoundStepBack.DropAllocation(_round, RoundState.Frozen);
        _round.Terms = _round.Terms with { MaxFee = RealRound.FeeOf(++_terms) };
    }

    private void Withdraw()
    {
        _grants = [];
        RoundStepBack.DropAllocation(_round, RoundState.Draft);
        _round.ScoresSha256 = null;
    }

    private string ApproveSignedIn(Walked step)
    {
        if (_round.TokenSecret is not { } secret) return nameof(ApprovalResult.WrongState);
        var seen = step.Which < _shown.Count ? RoundFiles.Sha256(Encoding.ASCII.GetBytes(_shown[^(step.Which + 1)])) : new string('0', 64);
        return Add(step.Who, seen, ApprovalKind.SignedIn, RoundToken.ForAdmin(secret, _people[step.Who]));
    }

    private string ApproveByKey(Walked step)
    {
        if (_round.Manifest is null) return nameof(ApprovalResult.WrongState);
        if (_keys[step.Who] is not { } key) return nameof(ApprovalResult.UnknownKey);
        if (step.Which >= _shown.Count || _shown[^(step.Which + 1)] != _round.Manifest) return nameof(ApprovalResult.SignatureRefused);
        return _round.TokenSecret is null ? nameof(ApprovalResult.WrongState) : Add(step.Who, _round.ManifestSha256!, ApprovalKind.SshSignature, key);
    }

    private string Add(int who, string manifestSha256, ApprovalKind kind, string signer)
    {
        var approval = new Approval { RoundNumber = 1, ManifestSha256 = manifestSha256, AdminId = _people[who], Kind = kind, Signer = signer, At = Now };
        var recipients = _grants.Where(g => (g.Share != Sats.Zero || g.Paid != Sats.Zero) && _admins.Contains(g.AccountId) && _fault != WalkFault.ForgetsRecipients).Select(g => g.AccountId).ToHashSet();
        IEnumerable<string> keys = _fault == WalkFault.ForgetsRevocations ? Enumerable.Range(0, _keyCount).Select(i => $"SHA256:{i}") : _keys.OfType<string>();
        var given = _fault == WalkFault.KeepsOldApprovals ? _approvals.Select(Renewed) : _approvals.Where(a => a.ManifestSha256 == _round.ManifestSha256);
        var facts = new ApprovalFacts([.. given], _fault == WalkFault.ForgetsRoles ? _people.ToHashSet() : _admins, recipients, keys.ToHashSet(StringComparer.Ordinal));
        if (facts.RefusalOf(_round, approval) is { } refusal) return refusal.GetType().Name;
        if (facts.Count(_round, approval).Suffices)
        {
            if (!IsAsApproved()) return nameof(ApprovalResult.Tampered);
            (_round.State, _round.ApprovedAt) = (RoundState.Approved, Now);
        }

        _approvals.Add(approval);
        (_hasProof, _isProofPublished) = (true, false);
        return nameof(ApprovalResult.Counted);
    }

    private bool IsAsApproved() => _fault == WalkFault.TrustsRows || DigitalResistance.Rounds.Manifest.Matches(_round, _grants);

    private Approval Renewed(Approval old) =>
        new() { RoundNumber = 1, ManifestSha256 = _round.ManifestSha256!, AdminId = old.AdminId, Kind = old.Kind, Signer = old.Signer, At = old.At };

    private string Build()
    {
        if (!RoundPayments.MayBuild(_round.State) || !IsAsApproved()) return nameof(BuildResult.OrderRefused);
        if (!_isProofPublished) return nameof(BuildResult.NotPublishedYet);
        if (_built is not null) return nameof(BuildResult.NothingToBuild);
        _built = Owed;
        _round.State = RoundProgress.StateOf([BatchState.Built], RoundPayments.BatchesOf(_round));
        return nameof(BuildResult.Built);
    }

    private string Export()
    {
        if (_built is null) return nameof(ExportResult.NotFound);
        if (!_isBatchPublished) return nameof(ExportResult.NotPublishedYet);
        Left = _built;
        _round.State = RoundProgress.StateOf([BatchState.Exported], RoundPayments.BatchesOf(_round));
        return nameof(ExportResult.Ready);
    }

    private string Revoke(int who)
    {
        var had = _keys[who] is not null;
        _keys[who] = null;
        return had ? nameof(KeyResult.Revoked) : nameof(KeyResult.HasNone);
    }

    private void Tamper(int which)
    {
        if (which >= 2) _round.MaxFee = RealRound.Tampered;
        else if (_grants.Count > 0 && which == 1) _grants[0].Paid = new Sats(150_000);
        else if (_grants.Count > 0) _grants[0] = Copy(_grants[0], Addresses[2]);
    }

    private static Grant Copy(Grant of, string address) =>
        new() { Id = of.Id, RoundNumber = of.RoundNumber, AccountId = of.AccountId, Token = of.Token, Weight = of.Weight, Address = address, Share = of.Share, CreditUsed = of.CreditUsed, Paid = of.Paid, Credited = of.Credited };
}

/// <summary>Something that the model forgets to tell the rules, to show that the walks see it.</summary>
internal enum WalkFault
{
    None,

    /// <summary>Who owns a recipient.</summary>
    ForgetsRecipients,

    /// <summary>Which keys were revoked.</summary>
    ForgetsRevocations,

    /// <summary>Who is no admin any more.</summary>
    ForgetsRoles,

    /// <summary>Who proposed the round.</summary>
    ForgetsProposer,

    /// <summary>That an approval is of another manifest.</summary>
    KeepsOldApprovals,

    /// <summary>To compare the rows with the manifest.</summary>
    TrustsRows,
}
