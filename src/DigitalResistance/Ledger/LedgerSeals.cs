using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Ledger;

/// <summary>Asks which entries are already public for good: what a payout rests on, and what a download of a PSBT waits for.</summary>
/// <param name="db">The primary database.</param>
public sealed class LedgerSeals(MoneyDb db)
{
    /// <summary>
    /// The first published checkpoint that covers all of these entries (by <see cref="LedgerEntry.Id"/>), or null while one of them waits.
    /// It was public, on the disk and remembered outside the database before this could return it.
    /// </summary>
    public async Task<Checkpoint?> CoverAsync(IReadOnlyCollection<long> entryIds, CancellationToken cancellation = default)
    {
        if (entryIds.Count == 0) throw new ArgumentException("Which entries?", nameof(entryIds));
        var places = await db.Set<LedgerEntry>().AsNoTracking().Where(e => entryIds.Contains(e.Id)).Select(e => e.Index).ToListAsync(cancellation);
        if (places.Count != entryIds.Distinct().Count()) throw new ArgumentException("There is no such entry.", nameof(entryIds));
        if (places.Contains(null)) return null;
        var last = places.Max();
        var row = await db.Set<LedgerCheckpoint>().AsNoTracking().Where(c => c.Size > last).OrderBy(c => c.Size).FirstOrDefaultAsync(cancellation);
        return row is null ? null : Read(row);
    }

    /// <summary>The newest published checkpoint, or null before the first.</summary>
    public async Task<Checkpoint?> LatestAsync(CancellationToken cancellation = default) =>
        await db.Set<LedgerCheckpoint>().AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefaultAsync(cancellation) is { } row ? Read(row) : null;

    private static Checkpoint Read(LedgerCheckpoint row) => Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(row.Note)).Text);
}
