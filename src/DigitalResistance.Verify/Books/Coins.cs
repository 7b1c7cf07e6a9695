using System.Runtime.InteropServices;
using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>What the treasury received, and what left it by transactions that were not ours: each coin is booked once, and taken back as it was booked.</summary>
internal sealed class Coins
{
    private const long Supply = 2_100_000_000_000_000;

    private readonly CoinTable _booked = new();
    private readonly Dictionary<string, OutsideSpend> _outside = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LostCoin> _lost = new(StringComparer.Ordinal);

    /// <summary>Sum of all that is booked now.</summary>
    public long Received { get; private set; }

    /// <summary>Every coin that is booked now, spent or not.</summary>
    public IEnumerable<(TreeHash Txid, long Vout, BookedCoin Coin)> Booked => _booked.All;

    /// <summary>Every transaction that is booked now and was not ours.</summary>
    public IEnumerable<OutsideSpend> Outside => _outside.Values;

    /// <summary>Every coin that the log calls lost now.</summary>
    public IEnumerable<LostCoin> Lost => _lost.Values;

    public void Book(long index, CanonicalObject entry, bool isDonation)
    {
        var coin = new BookedCoin(entry.Integer("amount_sat"), index, entry.Integer("height"), entry.Integer("address_index"), isDonation ? 0 : entry.Integer("branch"), isDonation);
        var (txid, vout) = Coin(entry);
        Need(coin.Amount > 0 && _booked.TryAdd(txid, vout, coin), "a coin is booked twice");
        if (_lost.Count > 0) _lost.Remove(Outpoint(entry));
        Add(coin.Amount);
    }

    /// <summary>The coin of an outpoint, if it is booked now.</summary>
    public BookedCoin? Find(CanonicalObject entry)
    {
        var (txid, vout) = Coin(entry);
        return _booked.Find(txid, vout);
    }

    public void TakeBack(CanonicalObject entry, bool isDonation)
    {
        var (txid, vout) = Coin(entry);
        var booked = _booked.Remove(txid, vout);
        Need(booked is { } coin && (coin.IsDonation, coin.Amount) == (isDonation, entry.Integer("amount_sat")), "this coin was not booked like this");
        Received -= booked!.Value.Amount;
    }

    public void Lose(long index, CanonicalObject entry)
    {
        Need(Find(entry) is null, "a coin is lost that is booked");
        var lost = new LostCoin(FormattableString.Invariant($"{entry.Text("input_txid")}:{entry.Integer("input_vout")}"), entry.Text("by"), index, entry.Integer("height"));
        Need(lost.By != entry.Text("txid") && _lost.TryAdd(Outpoint(entry), lost), "a coin is lost twice, or to itself");
    }

    public void BookOutside(long index, CanonicalObject entry)
    {
        var spend = new OutsideSpend(entry.Text("txid"), entry.Integer("spent_sat"), entry.Integer("returned_sat"), index, entry.Integer("height"), entry.Texts("inputs"));
        Need(spend.Spent > 0 && spend.Inputs.Count > 0 && spend.Inputs.Distinct(StringComparer.Ordinal).Count() == spend.Inputs.Count, "an outside transaction spends nothing, or a coin twice");
        Need(!spend.Inputs.Any(IsSpentOutside), "a coin is spent outside twice");
        Need(entry.Integer("signed_in") > 0, "nobody vouches for an outside transaction");
        Need(_outside.TryAdd(spend.Txid, spend), "an outside transaction is booked twice");
        Add(checked(spend.Returned - spend.Spent));
    }

    public void TakeBackOutside(CanonicalObject entry)
    {
        Need(
            _outside.Remove(entry.Text("txid"), out var outside) && (outside.Spent, outside.Returned) == (entry.Integer("spent_sat"), entry.Integer("returned_sat")),
            "this transaction was not booked like this");
        Add(checked(outside!.Spent - outside.Returned));
    }

    /// <summary>Whether nothing of ours that spends this coin can be mined: a booked transaction that was not ours spent it, or it is lost.</summary>
    public bool IsGone(string coin) => _lost.ContainsKey(coin) || IsSpentOutside(coin);

    /// <summary>Whether a booked transaction that was not ours spent this coin.</summary>
    public bool IsSpentOutside(string coin) => _outside.Values.Any(outside => outside.Inputs.Contains(coin, StringComparer.Ordinal));

    private void Add(long amount)
    {
        Received = checked(Received + amount);
        Need(Received <= Supply, "more than there is");
    }

    private static string Outpoint(CanonicalObject entry) => FormattableString.Invariant($"{entry.Text("txid")}:{entry.Integer("vout")}");

    private static (TreeHash Txid, long Vout) Coin(CanonicalObject entry) => (TreeHash.FromHex(entry.Text("txid")), entry.Integer("vout"));
}

/// <summary>A coin as the log books it.</summary>
/// <param name="Amount">Satoshi.</param>
/// <param name="Index">The entry.</param>
/// <param name="Height">The block.</param>
/// <param name="AddressIndex">Place of its address on the branch.</param>
/// <param name="Branch">0 receiving, 1 change.</param>
/// <param name="IsDonation">Whether its address was given to a donor.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BookedCoin(long Amount, long Index, long Height, long AddressIndex, long Branch, bool IsDonation);

/// <summary>A transaction that spent coins of the treasury and was not built by its service.</summary>
internal sealed record OutsideSpend(string Txid, long Spent, long Returned, long Index, long Height, IReadOnlyList<string> Inputs);

/// <summary>Why a coin can never come back: the outpoint that its transaction, or one that it comes from, spent too, and the transaction in the chain that got it.</summary>
internal sealed record LostCoin(string Input, string By, long Index, long Height);
