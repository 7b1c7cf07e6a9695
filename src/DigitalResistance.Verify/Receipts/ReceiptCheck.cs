using System.Globalization;
using System.Text;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;

namespace DigitalResistance.Verify.Receipts;

/// <summary>
/// A donor's <c>.tlog-proof</c>: the entry is the one that the signed checkpoint covers. With the log as it is now: that checkpoint is still
/// a beginning of it, whether the donation still stands, and which payment spent the coin.
/// </summary>
internal static class ReceiptCheck
{
    private const int LongestFile = 1024 * 1024;

    /// <summary>Reads a proof and believes it only when one of the keys signed where it leads; throws <see cref="FormatException"/>.</summary>
    public static (TlogProof Proof, Checkpoint Head, CanonicalObject Entry) Open(byte[] file, IReadOnlyCollection<NoteVerifier> keys)
    {
        if (file.Length > LongestFile) throw new FormatException("A proof is not as long as this file.");
        return Open(TlogProof.Parse(Encoding.UTF8.GetString(file)), keys);
    }

    /// <summary>The same of a proof that was read.</summary>
    public static (TlogProof Proof, Checkpoint Head, CanonicalObject Entry) Open(TlogProof proof, IReadOnlyCollection<NoteVerifier> keys)
    {
        var bytes = proof.Extra ?? throw new FormatException("The proof does not carry its entry.");
        var head = proof.Verify(bytes, keys);
        var entry = CanonicalObject.Parse(bytes);
        if (EntryShapes.ByType.TryGetValue(entry.Text("type"), out var members)) EntryShapes.Check(entry, members);
        return (proof, head, entry);
    }

    /// <summary>The check of a receipt; <paramref name="log"/> is the whole log, where the reader named it.</summary>
    public static async Task<Verdict> RunAsync(byte[] file, IReadOnlyCollection<NoteVerifier> keys, Func<byte[], Verification>? log, CancellationToken cancellation)
    {
        try
        {
            var (proof, head, entry) = Open(file, keys);
            var says = new List<string> { Describe(proof.Index, entry) };
            if (log is null)
            {
                return new Verdict
                {
                    Outcome = Outcome.Partial,
                    Says = says,
                    NotChecked = ["whether the log still says so, and where the money went: name the log with --log"],
                    Origin = head.Origin,
                    Entries = head.Size,
                    Root = head.Root.ToBase64(),
                };
            }

            var verification = log(proof.Checkpoint.ToBytes());
            var verdict = await verification.RunAsync(cancellation);
            if (verification.Books is { } books && verdict.Outcome != Outcome.Failed) says.AddRange(Follow(books, entry));
            return verdict with { Says = says };
        }
        catch (Exception wrong) when (wrong is FormatException or BookFaultException)
        {
            return Verification.Failed($"the receipt: {wrong.Message}");
        }
    }

    private static string Describe(long index, CanonicalObject entry) => entry.Text("type") == "donation.confirmed"
        ? string.Create(CultureInfo.InvariantCulture, $"receipt: entry {index}, a donation of {entry.Integer("amount_sat")} sat in {entry.Text("txid")}:{entry.Integer("vout")}, block {entry.Integer("height")}, at address {entry.Integer("address_index")} of the treasury")
        : $"receipt: entry {index}, {entry}";

    private static IEnumerable<string> Follow(LedgerBooks books, CanonicalObject entry)
    {
        if (entry.Text("type") != "donation.confirmed") yield break;
        if (books.Coins.Find(entry) is null)
        {
            yield return "the chain took this donation back later, and the log with it";
            yield break;
        }

        var coin = FormattableString.Invariant($"{entry.Text("txid")}:{entry.Integer("vout")}");
        if (books.Payments.All.Find(p => p.IsBooked && p.Inputs.Contains(coin, StringComparer.Ordinal)) is { } payment)
            yield return FormattableString.Invariant($"it was spent for {(payment.Move is { } move ? $"move {move}" : $"round {payment.Round}")}, in the transaction {payment.Txid}, which paid {payment.Paid} sat to {payment.Recipients} recipients");
        else if (books.Coins.Outside.FirstOrDefault(o => o.Inputs.Contains(coin, StringComparer.Ordinal)) is { } outside)
            yield return $"it was spent by {outside.Txid}, which no round paid with (entry {outside.Index})";
        else yield return "it lies in the treasury";
    }
}
