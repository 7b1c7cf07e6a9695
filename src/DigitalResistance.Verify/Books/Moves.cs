using System.Globalization;
using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>Every move of the treasury's money beside rounds: who approved it, what it may pay and cost, and which descriptor may follow which.</summary>
internal sealed class Moves(Rounds rounds)
{
    private static readonly string[] Kinds = ["consolidation", "running_costs", "rotation", "rehearsal"];
    private readonly SortedDictionary<long, Move> _moves = [];
    private readonly HashSet<string> _treasuries = new(StringComparer.Ordinal);

    /// <summary>Whether a move has a transaction that may still be mined, or was.</summary>
    public required Func<long, bool> IsAlive { get; init; }

    /// <summary>By number.</summary>
    public IEnumerable<Move> All => _moves.Values;

    /// <summary>The descriptor in force, as its hash; null before the first.</summary>
    public string? Treasury { get; private set; }

    public Move? Find(long number) => _moves.GetValueOrDefault(number);

    public void Propose(CanonicalObject e)
    {
        var (kind, treasury, target) = (e.Text("kind"), e.Text("treasury"), e.Text("target"));
        Need(Kinds.Contains(kind) && treasury == Treasury, "a move of another kind, or of another treasury");
        Need(kind == "rotation" ? !_treasuries.Contains(target) : target == treasury, "the money would go somewhere else");
        var costs = e.Texts("costs").Select(AmountOf).ToList();
        Need(kind == "running_costs" ? costs.Count > 0 && e.Integer("batches") == 1 : costs.Count == 0 && e.Integer("batches") >= 1, "only running costs pay others, and in one transaction");
        Need(kind != "rehearsal" || e.Integer("batches") == 1, "a rehearsal is one transaction");
        Need(costs.Aggregate(0L, (sum, cost) => checked(sum + cost)) == e.Integer("paid_sat"), "the costs do not add up");
        Need(_moves.TryAdd(e.Integer("move"), new Move(e, costs)), "a move is proposed twice");
    }

    public void Approval(long index, CanonicalObject e)
    {
        var (move, signer) = (At(e, MoveStage.Proposed), e.Text("signer"));
        Need(e.Text("manifest") == move.Said.Text("manifest") && move.Approvals.TrueForAll(a => a.Signer != signer), "not an approval of this manifest, or a second one");
        Need(e.Text("kind") == "signed_in" || (e.Text("kind") == "sshsig" && e.Has("signature") && rounds.IsEnrolled(signer)), "the key was not enrolled");
        move.Approvals.Add(new ApprovalSaid(index, signer, e.Text("kind") == "sshsig" ? e.Text("signature") : null));
    }

    public void Approve(long index, CanonicalObject e)
    {
        var move = At(e, MoveStage.Proposed);
        Need(e.Text("manifest") == move.Said.Text("manifest") && move.Said.Text("treasury") == Treasury, "the move was not ready to be approved");
        var good = move.Approvals.Where(a => a.Signature is null || rounds.IsEnrolled(a.Signer)).ToLookup(a => a.Signature is not null);
        var (ssh, signedIn) = (e.Integer("sshsig"), e.Integer("signed_in"));
        // It can only bring a coin of the treasury back to it: it needs nobody's approval, and none is counted.
        var isFree = move.Said.Text("kind") == "rehearsal";
        Need(ssh <= good[true].Count() && signedIn <= good[false].Count() && isFree == (ssh + signedIn == 0), "more approvals are counted than were given");
        (move.Stage, move.ApprovedAt) = (MoveStage.Approved, isFree ? index : move.Approvals.Max(a => a.Index));
    }

    public void Withdraw(CanonicalObject e)
    {
        var move = Find(e.Integer("move"));
        Need(move is { Stage: MoveStage.Proposed or MoveStage.Approved } && !IsAlive(move.Number), "the move cannot be withdrawn now");
        move!.Stage = MoveStage.Withdrawn;
    }

    public void Close(CanonicalObject e, bool isWholeBooked)
    {
        var move = At(e, MoveStage.Approved);
        Need(isWholeBooked && e.Integer("paid_sat") == move.Paid && move.Paid == move.Said.Integer("paid_sat") && e.Integer("fee_sat") == move.Fees, "the move did not pay what it says");
        move.Stage = MoveStage.Closed;
    }

    /// <summary>A descriptor comes into force: the first, or one that admins approved to follow the present one.</summary>
    public void Rotate(string hash)
    {
        var by = _moves.Values.FirstOrDefault(m => m.Stage == MoveStage.Approved && m.Said.Text("kind") == "rotation" && m.Said.Text("treasury") == Treasury && m.Said.Text("target") == hash);
        Need(Treasury is null || by is not null, "nobody approved this treasury");
        Treasury = hash;
        _treasuries.Add(hash);
    }

    /// <summary>Whether a move may have a transaction like this.</summary>
    public void NeedBuildable(long index, CanonicalObject e)
    {
        var move = Find(e.Integer("move"));
        Need(move is { Stage: MoveStage.Approved } && _treasuries.Contains(move.Said.Text("target")), "a payment of a move that is not approved");
        Need(move!.ApprovedAt < e.Integer("checkpoint_size") && e.Integer("checkpoint_size") <= index, "the payment does not commit to a checkpoint that holds its approvals");
        Need(e.Integer("batch") >= 1 && e.Integer("batch") <= move.Said.Integer("batches"), "more transactions than were approved");
        Need(e.Integer("paid_sat") == move.Said.Integer("paid_sat") && e.Integer("recipients") == move.Costs.Count, "the payment is not what was approved");
    }

    private Move At(CanonicalObject e, MoveStage stage)
    {
        var move = Find(e.Integer("move"));
        Need(move is not null && move.Stage == stage, "the move is not at this step");
        return move!;
    }

    /// <summary>A cost is <c>purpose=amount</c>.</summary>
    private static long AmountOf(string cost)
    {
        var parts = cost.Split('=');
        var amount = 0L;
        Need(parts.Length == 2 && parts[0].Length > 0 && parts[0].All(c => c is >= 'a' and <= 'z' or '_') && parts[1].Length is > 0 and <= 16 && parts[1][0] != '0'
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out amount), "a cost is not a purpose and an amount");
        return amount;
    }
}

/// <summary>How far a move is, as the log tells it.</summary>
internal enum MoveStage
{
    Proposed,
    Approved,
    Closed,
    Withdrawn,
}

/// <summary>A move of the treasury's money.</summary>
/// <param name="said">The entry that proposed it.</param>
/// <param name="costs">What it pays to others.</param>
internal sealed class Move(CanonicalObject said, IReadOnlyList<long> costs)
{
    public CanonicalObject Said => said;

    public long Number => said.Integer("move");

    public IReadOnlyList<long> Costs => costs;

    /// <summary>What it pays to whom, from its manifest; null while nobody has shown that, and where it pays nothing.</summary>
    public IReadOnlyList<(string Address, long Amount)>? Bills { get; set; }

    public MoveStage Stage { get; set; }

    public List<ApprovalSaid> Approvals { get; } = [];

    /// <summary>Index of the last approval, once it was approved.</summary>
    public long ApprovedAt { get; set; }

    public long Paid { get; set; }

    public long Fees { get; set; }
}
