using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>The payments of a round as its admins approved them, for transactions that were built before the tables were restored.</summary>
internal static class AnnouncedRound
{
    /// <summary>
    /// The batches of a round, by number; null where its rows are not those of the manifest that the log says was approved. No limit of today is
    /// asked: what was built then is what it is.
    /// </summary>
    public static async Task<IReadOnlyList<PlannedBatch>?> ReadAsync(MoneyDb db, int number, Network network, CancellationToken cancellation)
    {
        if (await db.Set<Round>().AsNoTracking().SingleOrDefaultAsync(r => r.Number == number, cancellation) is not { Manifest: not null } round) return null;
        if (!RoundPayments.MayBuild(round.State) && round.State != RoundState.Closed) return null;
        if (await ApprovedManifestAsync(db, number, cancellation) != round.ManifestSha256) return null;
        var grants = await db.Set<Grant>().AsNoTracking().Where(g => g.RoundNumber == number).ToListAsync(cancellation);
        return Manifest.Matches(round, grants) ? PayoutPlan.Divide(PaymentsOf(grants, network), RoundPayments.BatchesOf(round)) : null;
    }

    /// <summary>Hash of the manifest that the log says was approved last; null where it says none.</summary>
    public static async Task<string?> ApprovedManifestAsync(MoneyDb db, int number, CancellationToken cancellation)
    {
        var bytes = await db.Set<LedgerEntry>().Where(e => e.RoundNumber == number && e.Type == "round.approved")
            .OrderByDescending(e => e.Index == null).ThenByDescending(e => e.Index).ThenByDescending(e => e.Id).Select(e => e.Bytes).FirstOrDefaultAsync(cancellation);
        return bytes is null ? null : CanonicalObject.Parse(bytes).Text("manifest")["sha256:".Length..];
    }

    private static IEnumerable<PlannedPayment> PaymentsOf(IEnumerable<Grant> grants, Network network) =>
        grants.Where(g => g.Paid > Sats.Zero).Select(g => new PlannedPayment(g.Id, g.Token, g.Paid, BitcoinAddress.Create(g.Address!, network).ScriptPubKey));
}
