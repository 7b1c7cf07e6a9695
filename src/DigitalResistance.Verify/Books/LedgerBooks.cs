using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>
/// Keeps the books again from the first entry on (<c>docs/specs/ledger.md</c>, "What must hold") and stops at the first entry that cannot be
/// true. Written from the specification, not from the program that writes the log.
/// </summary>
internal sealed class LedgerBooks
{
    private readonly string _origin;

    public LedgerBooks(string origin)
    {
        _origin = origin;
        Rounds = new Rounds { IsAlive = number => Payments!.IsAlive(isMove: false, number) };
        Moves = new Moves(Rounds) { IsAlive = number => Payments!.IsAlive(isMove: true, number) };
        Payments = new Payments(Rounds, Moves, Coins);
    }

    public Coins Coins { get; } = new();

    public Rounds Rounds { get; }

    public Moves Moves { get; }

    public Payments Payments { get; }

    public KeyHolders Holders { get; } = new();

    /// <summary>The commitment to each day's slots, by day; of a day that was committed to again, the later one.</summary>
    public Dictionary<string, CanonicalObject> Schedule { get; } = new(StringComparer.Ordinal);

    /// <summary>Entries of types that this program does not know.</summary>
    public long Unknown { get; private set; }

    /// <summary>Every descriptor the treasury ever had, the one in force last: an old one may still be paid to.</summary>
    public List<PublishedDescriptor> Descriptors { get; } = [];

    /// <summary>Confirmed coins of the treasury.</summary>
    public long Balance => Coins.Received - Payments.Paid - Payments.Fees;

    /// <summary>Reads the next entry; throws <see cref="BookFaultException"/> or <see cref="FormatException"/>.</summary>
    public void Read(long index, ReadOnlySpan<byte> bytes)
    {
        var entry = CanonicalObject.Parse(bytes);
        Need(entry.Has("v") && entry.Integer("v") == 1 && entry.Has("time") && IsInstant(entry.Text("time")), "not an entry of version 1");
        var type = entry.Text("type");
        Need(type == "log.created" == (index == 0), "the first entry, and only the first, begins the log");
        if (!EntryShapes.ByType.TryGetValue(type, out var members))
        {
            Unknown++;
            return;
        }

        Need(!EntryShapes.DayOnly.Contains(type) || entry.Text("time").EndsWith("T00:00:00Z", StringComparison.Ordinal), "this type of entry tells the day only, never the hour");
        EntryShapes.Check(entry, members);
        try
        {
            Book(index, type, entry);
        }
        catch (OverflowException)
        {
            throw new BookFaultException("a sum is beyond any bitcoin there is");
        }
    }

    private void Book(long index, string type, CanonicalObject e)
    {
        switch (type)
        {
            case "log.created": Need(e.Text("origin") == _origin, "the first entry names another log"); break;
            case "treasury.rotated": Rotate(index, e); break;
            case "treasury.confirmed": Holders.Confirm(e, Descriptors); break;
            case "treasury.rehearsed": Holders.Rehearse(e, Descriptors, Moves, Payments); break;
            case "schedule.committed": Schedule[e.Text("day")] = e; break;
            case "donation.confirmed": Coins.Book(index, e, isDonation: true); break;
            case "donation.reverted": Coins.TakeBack(e, isDonation: true); break;
            case "treasury.received": Coins.Book(index, e, isDonation: false); break;
            case "treasury.reverted": Coins.TakeBack(e, isDonation: false); break;
            case "treasury.coin_lost": Coins.Lose(index, e); break;
            case "treasury.spent_external": Coins.BookOutside(index, e); break;
            case "treasury.spent_reverted": Coins.TakeBackOutside(e); break;
            case "round.opened": Rounds.Open(e); break;
            case "round.revised": Rounds.Revise(e); break;
            case "round.withdrawn": Rounds.Withdraw(e); break;
            case "round.cancelled": Rounds.Cancel(e); break;
            case "round.frozen": Rounds.Freeze(e); break;
            case "score.frozen": Rounds.Score(e); break;
            case "round.allocated": Rounds.Allocate(e); break;
            case "grant.allocated": Rounds.Grant(e); break;
            case "operator.held" or "operator.excluded": Rounds.Decide(e); break;
            case "operator.cleared": Rounds.Clear(e); break;
            case "objection.raised": Rounds.Object(e); break;
            case "objection.decided": Rounds.Judge(e); break;
            case "recusal": Rounds.Recuse(e); break;
            case "key.added": Rounds.AddKey(e); break;
            case "key.revoked": Rounds.RevokeKey(e); break;
            case "approval": Rounds.Approval(index, e); break;
            case "round.approved": Rounds.Approve(e); break;
            case "carry.recorded": Rounds.RecordCarry(e); break;
            case "credit.added": Rounds.AddCredit(e); break;
            case "credit.paid": Rounds.PayCredit(e); break;
            case "credit.expired": Rounds.ExpireCredit(e); break;
            case "round.closed": Rounds.Close(e); break;
            case "move.proposed": Moves.Propose(e); break;
            case "move.approval": Moves.Approval(index, e); break;
            case "move.approved": Moves.Approve(index, e); break;
            case "move.withdrawn": Moves.Withdraw(e); break;
            case "move.closed": Moves.Close(e, Payments.IsWholeBooked(e.Integer("move"))); break;
            case "psbt.created": Payments.Build(index, e); break;
            case "tx.broadcast": Payments.Broadcast(e); break;
            case "tx.replaced": Payments.Replace(e); break;
            case "tx.confirmed": Payments.Confirm(index, e); break;
            case "tx.unconfirmed": Payments.TakeBack(e); break;
        }
    }

    private void Rotate(long index, CanonicalObject e)
    {
        var (hash, text) = (e.Text("descriptor_hash"), e.Has("descriptor") ? e.Text("descriptor") : null);
        Need(text is null || hash == $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)))}", "the descriptor does not have the hash beside it");
        Moves.Rotate(hash);
        Descriptors.Add(new PublishedDescriptor(index, e.Text("network"), hash, text));
    }

    private static bool IsInstant(string text) => text.Length == 20 && text[^1] == 'Z'
        && text.Select((c, i) => (c, i)).All(p => p.i switch { 4 or 7 => p.c == '-', 10 => p.c == 'T', 13 or 16 => p.c == ':', 19 => p.c == 'Z', _ => char.IsAsciiDigit(p.c) });
}

/// <summary>A watch-only descriptor of the treasury; its text is null where the log keeps it private.</summary>
internal sealed record PublishedDescriptor(long Index, string Network, string Hash, string? Text);
