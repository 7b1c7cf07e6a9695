using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>Every transaction that was built to pay a round or a move: at most one version of each is booked, as it was built, and no coin is spent twice.</summary>
internal sealed class Payments(Rounds rounds, Moves moves, Coins coins)
{
    private readonly Dictionary<(bool IsMove, long Number, long Batch), List<Payment>> _batches = [];
    private readonly HashSet<string> _spent = new(StringComparer.Ordinal);

    /// <summary>Sum of all booked payments.</summary>
    public long Paid { get; private set; }

    /// <summary>Sum of their fees.</summary>
    public long Fees { get; private set; }

    /// <summary>Every transaction of the log, in its order.</summary>
    public List<Payment> All { get; } = [];

    /// <summary>What the booked payments paid for running costs, which is part of <see cref="Paid"/>.</summary>
    public long Costs => moves.All.Sum(m => m.Paid);

    /// <summary>Whether a round or a move has a transaction that may still be mined, or was: one with a coin that went elsewhere, or was lost, cannot.</summary>
    public bool IsAlive(bool isMove, long number) =>
        _batches.Where(b => (b.Key.IsMove, b.Key.Number) == (isMove, number)).SelectMany(b => b.Value).Any(v => !v.Inputs.Any(coins.IsGone));

    /// <summary>Whether a move has transactions, and one version of each is booked.</summary>
    public bool IsWholeBooked(long move)
    {
        var batches = _batches.Where(b => b.Key.IsMove && b.Key.Number == move).Select(b => b.Value).ToList();
        return batches.Count > 0 && batches.TrueForAll(versions => versions.Exists(v => v.IsBooked));
    }

    public void Build(long index, CanonicalObject e)
    {
        var key = KeyOf(e);
        if (key.IsMove) moves.NeedBuildable(index, e);
        else NeedBuildable(index, e);
        if (!_batches.TryGetValue(key, out var versions)) _batches[key] = versions = [];
        Need(e.Integer("version") == versions.Count + 1, "a version of the payment is missing");
        var payment = new Payment(key.IsMove ? null : key.Number, key.IsMove ? key.Number : null, e.Text("txid"), e.Texts("inputs"), e.Integer("paid_sat"), e.Integer("fee_sat"), e.Integer("recipients"), e.Integer("checkpoint_size"), e.Integer("inputs_sat"));
        Need(versions.Count == 0 || (versions[0].Paid, versions[0].Recipients) == (payment.Paid, payment.Recipients), "a replacement pays something else");
        // Where nobody is paid something is left for the treasury.
        Need(e.Integer("inputs_sat") >= checked(payment.Paid + payment.Fee + (payment.Paid > 0 ? 0 : 1)) && (payment.Paid > 0 || key.IsMove) && payment.Inputs.Count > 0 && payment.Inputs.Distinct(StringComparer.Ordinal).Count() == payment.Inputs.Count, "the payment does not add up");
        Need(versions.TrueForAll(older => older.Inputs.Any(coin => payment.Inputs.Contains(coin, StringComparer.Ordinal) || coins.IsGone(coin))), "a replacement could be mined beside what it replaces");
        versions.Add(payment);
        All.Add(payment);
    }

    public void Broadcast(CanonicalObject e) => Find(e, out _);

    public void Replace(CanonicalObject e)
    {
        Find(e, out var versions);
        Need(versions.Take((int)e.Integer("version") - 1).Any(v => v.Txid == e.Text("replaced")), "no such payment was replaced");
    }

    public void Confirm(long index, CanonicalObject e)
    {
        var payment = Find(e, out var versions);
        Need((payment.Paid, payment.Fee) == (e.Integer("paid_sat"), e.Integer("fee_sat")) && !versions.Exists(v => v.IsBooked), "a payment is booked twice, or otherwise than it was built");
        foreach (var coin in payment.Inputs) Need(_spent.Add(coin), "a coin is spent twice");
        Move(payment, 1);
        (payment.ConfirmedAt, payment.Height, payment.Block) = (index, e.Integer("height"), e.Text("block"));
        if (payment.Move is { } number)
        {
            var move = moves.Find(number)!;
            Need(move.Paid <= move.Said.Integer("paid_sat") && move.Fees <= move.Said.Integer("max_fee_sat"), "the move paid more than was approved");
            return;
        }

        var round = rounds.Find(payment.Round!.Value)!;
        Need(round.Allocated is not null && round.Paid <= round.Allocated.Integer("paid_sat") && round.Fees <= round.Terms.Integer("max_fee_sat"), "the round paid more than was approved");
    }

    public void TakeBack(CanonicalObject e)
    {
        var payment = Find(e, out _);
        Need(payment.IsBooked && (payment.Paid, payment.Fee) == (e.Integer("paid_sat"), e.Integer("fee_sat")), "this payment was not booked like this");
        foreach (var coin in payment.Inputs) _spent.Remove(coin);
        Move(payment, -1);
    }

    private void NeedBuildable(long index, CanonicalObject e)
    {
        var round = rounds.Find(e.Integer("round"));
        Need(round is { Stage: RoundStage.Approved }, "a payment of a round that is not approved");
        Need(round!.ApprovedAt < e.Integer("checkpoint_size") && e.Integer("checkpoint_size") <= index, "the payment does not commit to a checkpoint that holds its approvals");
    }

    private static (bool IsMove, long Number, long Batch) KeyOf(CanonicalObject e)
    {
        Need(e.Has("round") != e.Has("move"), "a payment is of a round or of a move");
        return (e.Has("move"), e.Integer(e.Has("move") ? "move" : "round"), e.Integer("batch"));
    }

    private void Move(Payment payment, int sign)
    {
        payment.IsBooked = sign > 0;
        if (payment.Move is { } number)
        {
            var move = moves.Find(number)!;
            (move.Paid, move.Fees) = (checked(move.Paid + sign * payment.Paid), checked(move.Fees + sign * payment.Fee));
        }
        else
        {
            var round = rounds.Find(payment.Round!.Value)!;
            (round.Paid, round.Fees) = (checked(round.Paid + sign * payment.Paid), checked(round.Fees + sign * payment.Fee));
        }

        (Paid, Fees) = (checked(Paid + sign * payment.Paid), checked(Fees + sign * payment.Fee));
    }

    private Payment Find(CanonicalObject e, out List<Payment> versions)
    {
        var known = _batches.TryGetValue(KeyOf(e), out var found);
        versions = found ?? [];
        var version = e.Integer("version");
        Need(known && version >= 1 && version <= versions.Count && versions[(int)version - 1].Txid == e.Text("txid"), "no such payment was built");
        return versions[(int)version - 1];
    }
}

/// <summary>One transaction, as it was built.</summary>
internal sealed record Payment(long? Round, long? Move, string Txid, IReadOnlyList<string> Inputs, long Paid, long Fee, long Recipients, long CheckpointSize, long InputsSum)
{
    /// <summary>Whether it is in the chain, as the log last said.</summary>
    public bool IsBooked { get; set; }

    /// <summary>The entry that said so last.</summary>
    public long ConfirmedAt { get; set; }

    /// <summary>Its block, as that entry says.</summary>
    public long Height { get; set; }

    /// <summary>Hash of that block.</summary>
    public string Block { get; set; } = "";
}
