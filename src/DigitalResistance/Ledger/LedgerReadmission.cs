using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Ledger;

/// <summary>
/// After a database was restored from a backup older than the log: brings the entries that readers already have back from the log's own
/// files, so that the log can go on without a fork, and tells readers so. What those entries say (a payment, a donation) every feature keeps
/// as <see cref="ToldFact"/> beside its tables, which follow when the chain shows it: no payment leaves before that.
/// </summary>
public sealed class LedgerReadmission(MoneyDb db, LedgerFolders folders, IOptions<LedgerOptions> options, TimeProvider time, IEnumerable<IReadmissionHearer> hearers)
{
    /// <summary>Readmits what is missing; the number of entries, zero when the database lacks none. Nothing else may write meanwhile.</summary>
    public async Task<long> RunAsync(CancellationToken cancellation = default)
    {
        var ledger = await LedgerOpening.OpenAsync(db, folders, options.Value, time.GetUtcNow(), cancellation);
        var signed = SignedCheckpoint.Read(folders.Keys.Read(LedgerFolders.LastSigned) ?? folders.Log.Read(TilePath.Checkpoint), "The last signed checkpoint", ledger.Keys);
        var first = ledger.Head.Assigned;
        if (signed is null || signed.Head.Size <= first) return 0;

        var tree = new TiledTree(new FolderLogSource(folders.Log.Path), signed.Head.Size);
        await CheckAsync(tree, signed.Head, first, cancellation);
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        var waiting = await db.Set<LedgerEntry>().Where(e => e.Index == null).OrderBy(e => e.Id).ToListAsync(cancellation);
        var forgotten = new List<CanonicalObject>();
        for (var index = first; index < signed.Head.Size; index++)
        {
            var bytes = (await tree.EntryAsync(index, cancellation)).ToArray();
            // An entry that the backup still holds as waiting is the same entry, not a second one, and the tables know what it says.
            var row = waiting.Find(e => e.Index is null && e.Bytes.AsSpan().SequenceEqual(bytes));
            if (row is null)
            {
                var entry = CanonicalObject.Parse(bytes);
                forgotten.Add(entry);
                row = db.Add(Row(entry, bytes)).Entity;
            }

            row.Index = index;
        }

        var (notice, now) = (new Incident(IncidentCode.EntriesReadmitted, first, signed.Head.Size), time.GetUtcNow());
        db.Append(notice, now);
        if (!await db.Set<ToldFact>().AnyAsync(f => f.Type == ToldFact.ChainUnread, cancellation)) db.Add(ToldFact.Unread(notice, now));
        await db.SaveChangesAsync(cancellation);
        foreach (var hearer in hearers) await hearer.HearAsync(forgotten, cancellation);
        await db.SaveChangesAsync(cancellation);
        await db.Set<LedgerHead>().ExecuteUpdateAsync(set => set.SetProperty(h => h.Assigned, signed.Head.Size).SetProperty(h => h.Version, h => h.Version + 1), cancellation);
        await transaction.CommitAsync(cancellation);
        return signed.Head.Size - first;
    }

    private async Task CheckAsync(TiledTree tree, Checkpoint signed, long first, CancellationToken cancellation)
    {
        try
        {
            var frontier = new TreeFrontier();
            await foreach (var bytes in db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index != null).OrderBy(e => e.Index).Select(e => e.Bytes).AsAsyncEnumerable().WithCancellation(cancellation))
                frontier.Append(MerkleTree.Leaf(bytes));
            if (frontier.Size != first || frontier.Root() != await tree.RootAsync(first, cancellation))
                throw new LedgerRefusedException($"The database's first {first} entries are not those of the log.", "Restore another backup.");
            for (var index = first; index < signed.Size; index++) frontier.Append(MerkleTree.Leaf((await tree.EntryAsync(index, cancellation)).Span));
            if (frontier.Root() != signed.Root) throw new LedgerRefusedException($"The log's files do not lead to the signed root of {signed.Size} entries.", "Get them back from a mirror: any copy of the public folder will do, it is checked here.");
        }
        catch (LogFaultException fault)
        {
            throw new LedgerRefusedException($"The log's files are damaged: {fault.Message}.", "Get them back from a mirror: any copy of the public folder will do, it is checked here.");
        }
    }

    private static LedgerEntry Row(CanonicalObject entry, byte[] bytes)
    {
        int? Number(string member) => entry.Has(member) ? checked((int)entry.Integer(member)) : null;
        return new LedgerEntry { Type = entry.Text("type"), Bytes = bytes, RoundNumber = Number("round"), MoveNumber = Number("move") };
    }
}
