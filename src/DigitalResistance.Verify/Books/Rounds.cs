using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>Every round's life and arithmetic, and the credits that go from one to the next. Only what the newest revision says counts.</summary>
internal sealed class Rounds
{
    private readonly SortedDictionary<long, Round> _rounds = [];
    private readonly Dictionary<string, bool> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _publicKeys = new(StringComparer.Ordinal);
    private long _expired;

    /// <summary>By number.</summary>
    public IEnumerable<Round> All => _rounds.Values;

    /// <summary>What operators earned and were not paid yet.</summary>
    public long Credits => _rounds.Values.Sum(r => r.CreditAdded - r.CreditUsed) - _expired;

    /// <summary>Whether a transaction was built for a round; afterwards it cannot be changed.</summary>
    public required Func<long, bool> IsAlive { get; init; }

    public Round? Find(long number) => _rounds.GetValueOrDefault(number);

    /// <summary>The line of an enrolled key, revoked or not.</summary>
    public string? PublicKey(string fingerprint) => _publicKeys.GetValueOrDefault(fingerprint);

    /// <summary>Whether a key is enrolled and not revoked.</summary>
    public bool IsEnrolled(string fingerprint) => _keys.GetValueOrDefault(fingerprint);

    public void Open(CanonicalObject e)
    {
        var (number, revision) = (e.Integer("round"), e.Integer("revision"));
        var old = Find(number);
        Need(revision >= 1 && (old is null || (old.Stage == RoundStage.Withdrawn && revision >= old.Revision)), "the round was open already");
        NeedTerms(e);
        _rounds[number] = new Round(number) { Stage = RoundStage.Open, Revision = revision, Terms = e };
    }

    public void Revise(CanonicalObject e)
    {
        var round = Changeable(e, RoundStage.Frozen, RoundStage.Allocated, RoundStage.Approved);
        Need(e.Integer("revision") > round.Revision && e.Text("scores") == round.ScoresHash, "the round cannot be revised like this");
        NeedTerms(e);
        round.Void();
        (round.Stage, round.Revision, round.Terms) = (RoundStage.Frozen, e.Integer("revision"), e);
        NeedCredits();
    }

    public void Withdraw(CanonicalObject e)
    {
        var round = Changeable(e, RoundStage.Open, RoundStage.Frozen, RoundStage.Allocated, RoundStage.Approved);
        round.Void();
        (round.Stage, round.Revision, round.Scores) = (RoundStage.Withdrawn, e.Integer("revision"), null);
        NeedCredits();
    }

    public void Cancel(CanonicalObject e)
    {
        // A draft, of which the log had said nothing, may be cancelled too.
        if (Find(e.Integer("round")) is null) return;
        var round = Changeable(e, RoundStage.Open, RoundStage.Frozen, RoundStage.Allocated, RoundStage.Approved, RoundStage.Withdrawn);
        round.Void();
        round.Stage = RoundStage.Cancelled;
        NeedCredits();
    }

    public void Freeze(CanonicalObject e)
    {
        var round = At(e, RoundStage.Open);
        (round.Stage, round.ScoresHash, round.FrozenRevision, round.Standings) = (RoundStage.Frozen, e.Text("scores"), round.Revision, new());
        round.Scores = new HashedRows("token,weight", e.Integer("operators"), e.Text("scores"));
    }

    public void Score(CanonicalObject e) => At(e, RoundStage.Frozen).Scores!.Add(e.Text("token"), e.Integer("weight"));

    public void Decide(CanonicalObject e) => At(e, RoundStage.Frozen).Standings.Decide(e);

    public void Clear(CanonicalObject e) => At(e, RoundStage.Frozen).Standings.Clear(e);

    public void Object(CanonicalObject e) => At(e, RoundStage.Allocated).Standings.Object(e);

    public void Judge(CanonicalObject e) => At(e, RoundStage.Frozen, RoundStage.Allocated).Standings.Judge(e);

    public void Allocate(CanonicalObject e)
    {
        var round = At(e, RoundStage.Frozen);
        Need(round.Scores!.IsWhole && !round.Standings.IsUnfinished, "scores are missing, or an upheld objection did not free its operator");
        var counted = round.Scores.Rows.Where(r => !round.Standings.IsExcluded(r.Token)).ToList();
        (round.Shares, round.Carry) = BudgetDivision.Divide(round.Number, round.Terms.Integer("budget_sat"), CapPpm(round.Terms, counted.Count), counted);
        Need(round.Shares.Values.Sum() == e.Integer("shares_sat") && round.Carry.Values.Sum() == e.Integer("carry_sat"), "the budget was not divided by its rule");
        Need(e.Integer("shares_sat") + e.Integer("credits_used_sat") == e.Integer("paid_sat") + e.Integer("credited_sat"), "shares and credits do not add up");
        Need(e.Integer("credits_used_sat") <= Credits, "more credit is used than there is");
        Need(e.Integer("credited_sat") >= round.Standings.Held.Sum(token => round.Shares.GetValueOrDefault(token)), "not all of what is held is credited");
        (round.Stage, round.Allocated) = (RoundStage.Allocated, e);
        round.Grants = new HashedRows("token,amount_sat", e.Integer("recipients"), e.Text("allocation"));
        NeedSum(round);
    }

    public void Grant(CanonicalObject e)
    {
        var round = At(e, RoundStage.Allocated);
        var (token, amount) = (e.Text("token"), e.Integer("amount_sat"));
        round.Grants!.Add(token, amount);
        Need(!round.Standings.IsUnpaid(token), "somebody who is held or excluded is to be paid");
        var step = round.Terms.Integer("step_sat");
        Need(amount >= round.Terms.Integer("floor_sat") && amount % step == 0
            && amount <= round.Shares.GetValueOrDefault(token) + round.Allocated!.Integer("credits_used_sat"), "the amount breaks the round's terms");
        NeedSum(round);
    }

    public void Recuse(CanonicalObject e) => At(e, RoundStage.Allocated).Recused.Add(e.Text("signer"));

    public void AddKey(CanonicalObject e)
    {
        Need(_keys.TryAdd(e.Text("fingerprint"), true), "a key is enrolled twice");
        _publicKeys[e.Text("fingerprint")] = e.Text("key");
    }

    public void RevokeKey(CanonicalObject e)
    {
        Need(_keys.GetValueOrDefault(e.Text("fingerprint")), "no such key");
        _keys[e.Text("fingerprint")] = false;
    }

    public void Approval(long index, CanonicalObject e)
    {
        var round = At(e, RoundStage.Allocated);
        var signer = e.Text("signer");
        Need(e.Text("manifest") == round.Allocated!.Text("manifest") && round.Approvals.TrueForAll(a => a.Signer != signer), "not an approval of this manifest, or a second one");
        Need(e.Text("kind") == "signed_in" || (e.Text("kind") == "sshsig" && e.Has("signature") && _keys.GetValueOrDefault(signer)), "the key was not enrolled");
        round.Approvals.Add(new ApprovalSaid(index, signer, e.Text("kind") == "sshsig" ? e.Text("signature") : null));
    }

    public void Approve(CanonicalObject e)
    {
        var round = At(e, RoundStage.Allocated);
        Need(round.Grants!.IsWhole && !round.Standings.HasOpenObjection && e.Text("manifest") == round.Allocated!.Text("manifest"), "the round was not ready to be approved");
        var good = round.Approvals.Where(a => !round.Recused.Contains(a.Signer) && (a.Signature is null || _keys[a.Signer])).ToLookup(a => a.Signature is not null);
        var (ssh, signedIn) = (e.Integer("sshsig"), e.Integer("signed_in"));
        Need(ssh <= good[true].Count() && signedIn <= good[false].Count() && ssh + signedIn > 0, "more approvals are counted than were given");
        (round.Stage, round.ApprovedAt, round.Counted) = (RoundStage.Approved, round.Approvals.Max(a => a.Index), (ssh, signedIn));
    }

    public void RecordCarry(CanonicalObject e)
    {
        var round = At(e, RoundStage.Approved);
        Need(round.CarryRecorded.Add(e.Text("reason")) && round.Carry.TryGetValue(e.Text("reason"), out var left) && left == e.Integer("amount_sat"), "the carry is not what the rule leaves");
    }

    public void AddCredit(CanonicalObject e)
    {
        var round = At(e, RoundStage.Approved);
        Need(round.CreditAdded == 0 && e.Integer("amount_sat") == round.Allocated!.Integer("credited_sat"), "the credit is not what the round left");
        round.CreditAdded = e.Integer("amount_sat");
    }

    public void PayCredit(CanonicalObject e)
    {
        var round = At(e, RoundStage.Approved);
        Need(round.CreditUsed == 0 && e.Integer("amount_sat") == round.Allocated!.Integer("credits_used_sat"), "the credit is not what the round uses");
        round.CreditUsed = e.Integer("amount_sat");
        NeedCredits();
    }

    public void ExpireCredit(CanonicalObject e)
    {
        _expired = checked(_expired + e.Integer("amount_sat"));
        Need(e.Integer("amount_sat") > 0, "nothing expires");
        NeedCredits();
    }

    public void Close(CanonicalObject e)
    {
        var round = At(e, RoundStage.Approved);
        Need(e.Integer("paid_sat") == round.Paid && round.Paid == round.Allocated!.Integer("paid_sat") && e.Integer("fee_sat") == round.Fees, "the round did not pay what it says");
        round.Stage = RoundStage.Closed;
    }

    // The round's own cap, or so many equal shares of the budget where that is more.
    private static long CapPpm(CanonicalObject terms, int operators) => operators == 0 || !terms.Has("cap_fair_shares")
        ? terms.Integer("cap_ppm")
        : Math.Max(terms.Integer("cap_ppm"), Math.Min(1_000_000, terms.Integer("cap_fair_shares") * 1_000_000 / operators));

    private static void NeedTerms(CanonicalObject e) => Need(e.Integer("cap_ppm") <= 1_000_000 && (!e.Has("cap_fair_shares") || e.Integer("cap_fair_shares") <= 1_000_000) && e.Integer("step_sat") > 0, "impossible terms");

    private static void NeedSum(Round round)
    {
        if (round.Grants!.IsWhole) Need(round.Grants.Sum == round.Allocated!.Integer("paid_sat"), "the grants do not add up");
    }

    private void NeedCredits() => Need(Credits >= 0, "more credit is gone than there was");

    private Round At(CanonicalObject e, params RoundStage[] stages)
    {
        var round = Find(e.Integer("round"));
        Need(round is not null && round.Revision == e.Integer("revision") && stages.Contains(round.Stage), "the round is not at this step");
        return round!;
    }

    private Round Changeable(CanonicalObject e, params RoundStage[] stages)
    {
        var round = Find(e.Integer("round"));
        Need(round is not null && stages.Contains(round.Stage) && !IsAlive(round.Number), "the round cannot be changed now");
        return round!;
    }
}
