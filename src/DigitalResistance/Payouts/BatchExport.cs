using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>
/// Lets a PSBT out. Only after its ledger entry is published outside the database: whatever happens to this database, the world knows
/// that a signed copy may exist. The first time is written down before the first byte leaves.
/// </summary>
public sealed class BatchExport(MoneyDb db, LedgerSeals seals, PaymentLock paymentLock, TimeProvider time)
{
    /// <summary>The PSBT of a batch's newest version.</summary>
    public async Task<ExportResult> DownloadAsync(Guid batchId, CancellationToken cancellation)
    {
        if (await db.Set<Batch>().SingleOrDefaultAsync(b => b.Id == batchId, cancellation) is not { } batch) return new ExportResult.NotFound();
        if (batch.State >= BatchState.Confirmed) return new ExportResult.Confirmed();
        if (await paymentLock.FindAsync(cancellation) is not null) return new ExportResult.Locked();
        var version = await db.Set<BatchTransaction>().Include(t => t.Announcement).Where(t => t.BatchId == batchId).OrderByDescending(t => t.Number).FirstAsync(cancellation);
        if (!IsAsAnnounced(version)) return new ExportResult.NotAsAnnounced();
        if (await seals.CoverAsync([version.AnnouncementId], cancellation) is null) return new ExportResult.NotPublishedYet();

        if (batch.State == BatchState.Built)
        {
            batch.ExportedAt ??= time.GetUtcNow();
            batch.State = BatchState.Exported;
            batch.Version++;
            if (batch.RoundNumber is { } number && await db.Set<Round>().SingleAsync(r => r.Number == number, cancellation) is { State: RoundState.Building } round)
            {
                round.State = RoundState.Signing;
                round.Version++;
            }

            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved)
            {
                // Two downloads at once, or another batch's: either way somebody wrote it down, or this one does at its second try.
                return await DownloadAsync(batchId, cancellation);
            }
        }

        return new ExportResult.Ready(version.Psbt, $"{batch.Order.Member}-{batch.Order.Number}-batch-{batch.Number}-{version.Txid[..8]}.psbt");
    }

    // The published entry says which bytes may be signed; rows that were changed since do not leave.
    private static bool IsAsAnnounced(BatchTransaction version) =>
        Convert.ToHexStringLower(SHA256.HashData(version.Psbt)) == version.PsbtSha256
        && Encoding.ASCII.GetString(version.Announcement.Bytes).Contains($"\"sha256:{version.PsbtSha256}\"", StringComparison.Ordinal);
}

/// <summary>How asking for a PSBT can end.</summary>
public abstract record ExportResult
{
    private ExportResult()
    {
    }

    /// <summary>Here it is.</summary>
    public sealed record Ready(byte[] Psbt, string FileName) : ExportResult;

    /// <summary>Its ledger entry is not published yet; a moment later it is.</summary>
    public sealed record NotPublishedYet : ExportResult;

    /// <summary>The database was restored and does not know yet all that the log says.</summary>
    public sealed record Locked : ExportResult;

    /// <summary>The stored PSBT is not the one that was announced. Nothing leaves.</summary>
    public sealed record NotAsAnnounced : ExportResult;

    /// <summary>A version of the batch is confirmed: nothing is left to sign.</summary>
    public sealed record Confirmed : ExportResult;

    /// <summary>There is no such batch.</summary>
    public sealed record NotFound : ExportResult;
}
