using System.Globalization;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Endpoints;

/// <summary><c>GET /api/v1/summary</c>: where everything stands at the newest checkpoint.</summary>
internal static class SummaryReads
{
    public static RouteGroupBuilder MapSummary(this RouteGroupBuilder reads)
    {
        reads.MapGet("/summary", ReadAsync).WithTags("summary").WithSummary("Totals of the treasury, the newest checkpoint, how many rounds there are");
        return reads;
    }

    private static async Task<Summary> ReadAsync(MoneyDb db, TreasuryWallet wallet, LedgerStanding standing, PublicRounds all, CancellationToken cancellation)
    {
        // Of one size: what is sealed between the two questions is left for the next reader.
        var head = await db.Set<LedgerHead>().AsNoTracking().SingleOrDefaultAsync(cancellation);
        var size = head?.Published ?? 0;
        var row = await db.Set<LedgerCheckpoint>().AsNoTracking().SingleOrDefaultAsync(c => c.Size == size, cancellation);
        var rounds = await all.ListAsync(cancellation);
        var totals = await LedgerTotals.ReadAsync(db, size, cancellation);
        return new Summary(
            wallet.Network.Name.ToLower(CultureInfo.InvariantCulture), head?.Origin, await standing.IsStoppedAsync(cancellation),
            head?.Received.Value ?? 0, head?.Paid.Value ?? 0, head?.Costs.Value ?? 0, head?.Fees.Value ?? 0, head?.Balance.Value ?? 0, totals.CreditOwed.Value, totals.Carry.Value,
            row is null ? null : new CheckpointAnswer(row.Size, Api.At(row.PublishedAt), row.Note),
            rounds.Count, rounds.Count(r => r.State == RoundState.Closed), rounds.Count == 0 ? null : rounds[0].Number);
    }
}

/// <summary>Where everything stands.</summary>
/// <param name="Network">The bitcoin network: <c>main</c>, <c>testnet</c>, <c>signet</c> or <c>regtest</c>.</param>
/// <param name="Origin">The log's name; absent before its first entry.</param>
/// <param name="IsStale">Whether nothing new is sealed, so that newer events are missing.</param>
/// <param name="ReceivedSat">Everything that ever came in.</param>
/// <param name="PaidSat">Everything that was ever paid to operators.</param>
/// <param name="CostsSat">Everything that was ever paid for running costs.</param>
/// <param name="FeeSat">Every fee of all transactions.</param>
/// <param name="BalanceSat">Confirmed coins of the treasury: received less paid, costs and fees.</param>
/// <param name="CreditOwedSat">What operators earned and were not paid yet; the balance holds it.</param>
/// <param name="CarrySat">What no round gave to anybody; it stayed in the balance.</param>
/// <param name="Checkpoint">The checkpoint that covers these totals; absent before the first.</param>
/// <param name="Rounds">How many rounds were announced.</param>
/// <param name="RoundsClosed">How many of them are paid and closed.</param>
/// <param name="LastRound">Number of the newest; absent before the first.</param>
internal sealed record Summary(
    string Network, string? Origin, bool IsStale, long ReceivedSat, long PaidSat, long CostsSat, long FeeSat, long BalanceSat, long CreditOwedSat, long CarrySat,
    CheckpointAnswer? Checkpoint, int Rounds, int RoundsClosed, int? LastRound);

/// <summary>A published checkpoint.</summary>
/// <param name="Size">Entries it covers.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="Note">The signed note, verbatim.</param>
internal sealed record CheckpointAnswer(long Size, DateTime PublishedAt, string Note);
