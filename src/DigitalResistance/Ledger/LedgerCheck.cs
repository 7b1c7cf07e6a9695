using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Ledger;

/// <summary>
/// Looks at everything there is before the first signature of a process: every checkpoint that was ever signed and is still known must
/// be a prefix of what the database holds, and the published files must lead to the published root. "A log must not sign any checkpoint
/// which is inconsistent with any checkpoint it previously signed" (<see href="https://c2sp.org/tlog-checkpoint">tlog-checkpoint</see>).
/// </summary>
internal static class LedgerCheck
{
    /// <summary>The newest checkpoint ever signed, or null when there is none; throws <see cref="LedgerRefusedException"/>.</summary>
    public static async Task<SignedCheckpoint?> RunAsync(MoneyDb db, OpenLedger ledger, LedgerFolders folders, CancellationToken cancellation)
    {
        var remembered = SignedCheckpoint.Read(folders.Keys.Read(LedgerFolders.LastSigned), Path.Combine(folders.Keys.Path, LedgerFolders.LastSigned), ledger.Keys);
        var published = SignedCheckpoint.Read(folders.Log.Read(TilePath.Checkpoint), Path.Combine(folders.Log.Path, TilePath.Checkpoint), ledger.Keys);
        var row = await db.Set<LedgerCheckpoint>().AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefaultAsync(cancellation);
        var recorded = SignedCheckpoint.Read(row is null ? null : System.Text.Encoding.UTF8.GetBytes(row.Note), "The newest checkpoint in the database", ledger.Keys);

        var known = new[] { remembered, published, recorded }.OfType<SignedCheckpoint>().OrderBy(c => c.Head.Size).ToArray();
        if (known.Length == 0) return null;
        var newest = known[^1];
        if (newest.Head.Size > ledger.Head.Assigned) throw Restored(newest.Head, ledger.Head.Assigned, folders);
        await CompareAsync(db, ledger, folders, known, cancellation);
        if (published is not null) await CheckFilesAsync(ledger, folders, cancellation);
        if (remembered?.Head != newest.Head) folders.Keys.Replace(LedgerFolders.LastSigned, remembered?.Note, newest.Note);
        return newest;
    }

    private static LedgerRefusedException Restored(Checkpoint signed, long assigned, LedgerFolders folders) => new(
        $"The database ends at entry {assigned - 1}, but a checkpoint of {signed.Size} entries was signed: it was restored from an older backup.",
        $"Restore a newer backup. If there is none, 'ledger readmit' brings the entries {assigned} to {signed.Size - 1} back from {folders.Log.Path} and tells readers so; what they say must then be compared with the other tables and the chain.");

    private static async Task CompareAsync(MoneyDb db, OpenLedger ledger, LedgerFolders folders, SignedCheckpoint[] known, CancellationToken cancellation)
    {
        var (frontier, different) = (new TreeFrontier(), (Checkpoint?)null);
        // What had its place when the head was read: another process may be giving places meanwhile.
        var assigned = ledger.Head.Assigned;
        var entries = db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index < assigned).OrderBy(e => e.Index).Select(e => new { e.Index, e.Bytes });
        await foreach (var entry in entries.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (entry.Index != frontier.Size) throw new LedgerRefusedException($"The entry {frontier.Size} is missing in the database.", "Restore the database; nothing is signed until then.");
            frontier.Append(MerkleTree.Leaf(entry.Bytes));
            different = known.FirstOrDefault(c => c.Head.Size == frontier.Size && c.Head.Root != frontier.Root())?.Head;
            if (different is not null) break;
        }

        // Not before the rows above are closed: PostgreSQL answers one question at a time.
        if (different is not null) throw await DifferenceAsync(db, folders, different, cancellation);
        var beyond = await db.Set<LedgerEntry>().CountAsync(e => e.Index >= assigned, cancellation);
        if (frontier.Size + beyond != assigned) throw new LedgerRefusedException($"The database says that it has {assigned} entries, and has {frontier.Size + beyond}.", "Restore the database; nothing is signed until then.");
    }

    private static async Task<LedgerRefusedException> DifferenceAsync(MoneyDb db, LedgerFolders folders, Checkpoint signed, CancellationToken cancellation)
    {
        var found = $"The database's first {signed.Size} entries are not those that were signed.";
        var tree = new TiledTree(new FolderLogSource(folders.Log.Path), signed.Size);
        try
        {
            if (await tree.RootAsync(signed.Size, cancellation) == signed.Root)
            {
                var entries = db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index != null && e.Index < signed.Size).OrderBy(e => e.Index).Select(e => e.Bytes);
                var index = 0L;
                await foreach (var bytes in entries.AsAsyncEnumerable().WithCancellation(cancellation))
                {
                    if (!(await tree.EntryAsync(index, cancellation)).Span.SequenceEqual(bytes)) return new LedgerRefusedException(
                        $"The entry {index} in the database is not the one that was signed and published.",
                        $"Somebody changed the row. The published bytes are in {Path.Combine(folders.Log.Path, TilePath.Entries(index / TilePath.Width))}[.p]; put them back, or restore the database.");
                    index++;
                }
            }
        }
        catch (LogFaultException fault)
        {
            found += $" The published files cannot tell which: {fault.Message}.";
        }

        return new LedgerRefusedException(found, "Restore the database and the log's folder from the same moment; nothing is signed until then.");
    }

    private static async Task CheckFilesAsync(OpenLedger ledger, LedgerFolders folders, CancellationToken cancellation)
    {
        var report = await new LogVerifier(new FolderLogSource(folders.Log.Path), ledger.Keys).VerifyAsync([], cancellation);
        if (report.Fault is { } fault) throw new LedgerRefusedException(
            $"The published files are damaged: {fault}.",
            $"Move the folder {folders.Log.Path} away: it is then written anew from the database and compared with the last signed checkpoint.");
    }
}
