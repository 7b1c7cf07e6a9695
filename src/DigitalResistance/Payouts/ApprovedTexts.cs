using System.Globalization;
using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>
/// Takes copies of what admins approved, for a database that was restored from before that: the manifest of a move, or of a round with the list of its payments, one text after
/// the other. Whoever brings them need not be trusted: the log names the hash of the manifest, and that the hash of the list.
/// </summary>
public sealed class ApprovedTexts(MoneyDb db, TreasuryWallet wallet, PaymentLock payments, ToldMoves moves, RoundRewriting rounds)
{
    private const string ListHeader = "token,amount_sat,address";

    /// <summary>Brings back what the texts are of: <see cref="ImportResult.OrderBack"/>, <see cref="ImportResult.Known"/>, <see cref="ImportResult.NotTold"/>, <see cref="ImportResult.ChangedMeanwhile"/>; null where there is no such text.</summary>
    public async Task<ImportResult?> TakeAsync(byte[] bytes, CancellationToken cancellation)
    {
        // Browsers and editors change the ends of lines.
        var lines = Encoding.UTF8.GetString(bytes).ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim('\uFEFF', ' ', '\t')).Where(line => line.Length > 0).ToArray();
        if (Part(lines, MoveManifest.Header) is { } move) return await TakeMoveAsync(move, cancellation);
        var (manifest, list) = (Part(lines, Manifest.Header), Part(lines, ListHeader));
        return manifest is null && list is null ? null : await TakeRoundAsync(manifest, list, cancellation);
    }

    private async Task<ImportResult> TakeMoveAsync(string manifest, CancellationToken cancellation)
    {
        if (NumberOf(manifest, "move") is not { } number) return new ImportResult.NotTold();
        if (await AnnouncedOrder.ReadAsync(db, PaymentOrder.Move(number), wallet, cancellation) is not null) return new ImportResult.Known();
        if (!await moves.TryRewriteAsync(number, proposed => MoveRewriting.FromManifest(proposed, wallet.LedgerNetwork, manifest), cancellation)) return new ImportResult.NotTold();
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new ImportResult.OrderBack(PaymentOrder.Move(number)) : new ImportResult.ChangedMeanwhile();
    }

    // The list alone does not say which round it is of: it is tried for each that is missing.
    private async Task<ImportResult> TakeRoundAsync(string? manifest, string? list, CancellationToken cancellation)
    {
        var missing = manifest is null ? (await payments.ForgottenAsync(cancellation)).Select(f => f.Name.Order.RoundNumber).OfType<int>().Distinct() : NumberOf(manifest, "round") is { } said ? [said] : [];
        foreach (var number in missing.ToArray())
        {
            if (await AnnouncedOrder.ReadAsync(db, PaymentOrder.Round(number), wallet, cancellation) is not null)
            {
                if (manifest is not null) return new ImportResult.Known();
            }
            else if (await rounds.TryAsync(number, manifest, list, cancellation))
            {
                return new ImportResult.OrderBack(PaymentOrder.Round(number));
            }
        }

        return new ImportResult.NotTold();
    }

    private static string? Part(string[] lines, string header)
    {
        var start = Array.IndexOf(lines, header);
        if (start < 0) return null;
        var end = Array.FindIndex(lines, start + 1, line => line is MoveManifest.Header or Manifest.Header or ListHeader);
        return string.Concat(lines[start..(end < 0 ? lines.Length : end)].Select(line => line + "\n"));
    }

    private static int? NumberOf(string manifest, string name)
    {
        var line = manifest.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal)) ?? "";
        return int.TryParse(line[Math.Min(line.Length, name.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
