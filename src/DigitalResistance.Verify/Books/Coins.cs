using DigitalResistance.Transparency;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>What the treasury received, and what left it by transactions that were not ours: each coin is booked once, and taken back as it was booked.</summary>
internal sealed class Coins
{
    private const long Supply = 2_100_000_000_000_000;

    // A million donations are a million of these: hashes and numbers, no text.
    private readonly Dictionary<(TreeHash Txid, long Vout), (bool IsDonation, long Amount)> _booked = [];
    private readonly Dictionary<string, (long Amount, IReadOnlyList<string> Inputs)> _outside = new(StringComparer.Ordinal);

    /// <summary>Sum of all that is booked now.</summary>
    public long Received { get; private set; }

    public void Book(CanonicalObject entry, bool isDonation)
    {
        var amount = entry.Integer("amount_sat");
        Need(amount > 0 && _booked.TryAdd(Coin(entry), (isDonation, amount)), "a coin is booked twice");
        Add(amount);
    }

    public void TakeBack(CanonicalObject entry, bool isDonation)
    {
        Need(_booked.Remove(Coin(entry), out var booked) && booked == (isDonation, entry.Integer("amount_sat")), "this coin was not booked like this");
        Received = Received - booked.Amount;
    }

    public void BookOutside(CanonicalObject entry)
    {
        Need(_outside.TryAdd(entry.Text("txid"), (entry.Integer("amount_sat"), entry.Texts("inputs"))), "an outside transaction is booked twice");
        Received = Received - entry.Integer("amount_sat");
    }

    public void TakeBackOutside(CanonicalObject entry)
    {
        Need(_outside.Remove(entry.Text("txid"), out var outside) && outside.Amount == entry.Integer("amount_sat"), "this transaction was not booked like this");
        Add(outside.Amount);
    }

    /// <summary>Whether a booked transaction that was not ours spent this coin: then nothing of ours that spends it can be mined.</summary>
    public bool IsSpentOutside(string coin) => _outside.Values.Any(outside => outside.Inputs.Contains(coin, StringComparer.Ordinal));

    private void Add(long amount)
    {
        Received += amount;
        Need(Received <= Supply, "more than there is");
    }

    private static (TreeHash, long) Coin(CanonicalObject entry) => (TreeHash.FromHex(entry.Text("txid")), entry.Integer("vout"));
}
