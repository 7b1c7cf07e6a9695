using DigitalResistance.Data;
using DigitalResistance.Moves;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>The payments of a move as its admins approved them, for transactions that were built before the tables were restored.</summary>
internal static class AnnouncedMove
{
    /// <summary>
    /// The transactions that a move may have, by number, each with the bills it pays; null where its rows are not those of the manifest that the
    /// log says was approved.
    /// </summary>
    public static async Task<IReadOnlyList<PlannedBatch>?> ReadAsync(MoneyDb db, int number, TreasuryWallet wallet, CancellationToken cancellation)
    {
        if (await db.Set<Move>().AsNoTracking().SingleOrDefaultAsync(m => m.Number == number, cancellation) is not { } move) return null;
        if (await ApprovedManifestAsync(db, number, cancellation) != move.ManifestSha256) return null;
        var costs = await db.Set<MoveCost>().AsNoTracking().Where(c => c.MoveNumber == number).OrderBy(c => c.Line).ToListAsync(cancellation);
        if (!MoveManifest.Matches(move, costs, wallet.LedgerNetwork)) return null;
        var payments = await MovePayments.PlanAsync(db, costs, wallet.Network, cancellation);
        return [.. Enumerable.Range(1, move.Batches).Select(batch => new PlannedBatch(batch, payments))];
    }

    /// <summary>Hash of the manifest that the log says was approved; null where it says none.</summary>
    public static async Task<string?> ApprovedManifestAsync(MoneyDb db, int number, CancellationToken cancellation)
    {
        var bytes = await db.Set<Ledger.LedgerEntry>().Where(e => e.MoveNumber == number && e.Type == "move.approved").Select(e => e.Bytes).FirstOrDefaultAsync(cancellation);
        return bytes is null ? null : CanonicalObject.Parse(bytes).Text("manifest")["sha256:".Length..];
    }
}
