using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Ledger;

/// <summary>
/// Puts waiting entries under a signed checkpoint: places in the database, tiles on the disk, the signature remembered outside the
/// database, the checkpoint public, the lines for pages. Stopped between any two of these steps, the next pass finishes what was begun.
/// Two sealers at once: each step is a compare-and-swap, one wins, and both would have signed the same tree.
/// </summary>
public sealed partial class SealingPass(MoneyDb db, LedgerFolders folders, LedgerState state, IOptions<LedgerOptions> options, TimeProvider time, ILogger<SealingPass> log) : IPass
{
    private const int MostDoubts = 10;

    private static readonly TimeSpan RetryAfterRefusal = TimeSpan.FromSeconds(30), TellEvery = TimeSpan.FromMinutes(1);

    /// <summary>Tests throw from it to stop between two steps.</summary>
    internal Action<string>? BeforeStep { get; set; }

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        // A refused log is refused until somebody acts: it is looked at again, but not every second.
        if (state.Refusal is not null && time.GetUtcNow() < state.RetryAt) return 0;
        var before = await StandAsync(cancellation);
        try
        {
            var sealedEntries = await SealAsync(cancellation);
            state.Doubts = 0;
            await TellAsync(cancellation);
            return sealedEntries;
        }
        catch (Exception fault) when (fault is LogFaultException or LedgerRefusedException)
        {
            if (state.Doubts == MostDoubts || await StandAsync(cancellation) == before)
                throw await RefuseAsync(fault as LedgerRefusedException ?? new LedgerRefusedException($"The published files are damaged: {fault.Message}.", $"Move the folder {folders.Log.Path} away: it is then written anew from the database."), cancellation);

            // Another process sealed while this one was looking: what was read before and after does not fit together, and proves nothing
            // until it has happened many times in a row.
            state.Doubts++;
            LogMoved(fault.Message);
            return 0;
        }
    }

    /// <summary>Something of it changes with every step of any sealer.</summary>
    private async Task<(long? Version, string Signed, string Published)> StandAsync(CancellationToken cancellation) => (
        await db.Set<LedgerHead>().Select(h => (long?)h.Version).SingleOrDefaultAsync(cancellation),
        Convert.ToHexString(folders.Keys.Read(LedgerFolders.LastSigned) ?? []), Convert.ToHexString(folders.Log.Read(TilePath.Checkpoint) ?? []));

    private async Task<int> SealAsync(CancellationToken cancellation)
    {
        var ledger = await LedgerOpening.OpenAsync(db, folders, options.Value, time.GetUtcNow(), cancellation);
        var signed = state.Checked ? ReadLastSigned(ledger) : await LedgerCheck.RunAsync(db, ledger, folders, cancellation);

        var writer = LogWriter.Open(folders.Log, ledger.Keys);
        if (writer.Size > (signed?.Head.Size ?? 0)) throw new LedgerRefusedException($"The public checkpoint has {writer.Size} entries, the last one we remember signing {signed?.Head.Size ?? 0}.", "Another program writes to this log: stop it.");
        if (signed is not null && writer.Size < signed.Head.Size) await FinishAsync(writer, signed, cancellation);
        if (signed is not null && writer.Root != signed.Head.Root) throw new LedgerRefusedException($"The public checkpoint of {writer.Size} entries has another root than the one we signed.", "Another program writes to this log with our key: stop it, and tell readers.");

        var sealedEntries = await RecordAsync(signed, cancellation);
        state.Passed(signed?.Head);
        var assigned = await AssignAsync(cancellation);
        if (assigned == writer.Size) return sealedEntries;

        await GrowAsync(writer, assigned, cancellation);
        BeforeStep?.Invoke("save tiles");
        writer.Save();
        var next = new Checkpoint(ledger.Head.Origin, writer.Size, writer.Root);
        var note = next.Sign(ledger.Signers);
        BeforeStep?.Invoke("remember the signature");
        if (!folders.Keys.Replace(LedgerFolders.LastSigned, signed?.Note, note.ToBytes())) return sealedEntries;
        BeforeStep?.Invoke("publish");
        if (!writer.Publish(note)) return sealedEntries;
        BeforeStep?.Invoke("record");
        sealedEntries += await RecordAsync(new SignedCheckpoint(next, note.ToBytes()), cancellation);
        state.Passed(next);
        LogSealed(next.Size);
        return sealedEntries;
    }

    private SignedCheckpoint? ReadLastSigned(OpenLedger ledger) =>
        SignedCheckpoint.Read(folders.Keys.Read(LedgerFolders.LastSigned), Path.Combine(folders.Keys.Path, LedgerFolders.LastSigned), ledger.Keys);

    /// <summary>Signed, but not yet public: the same note is published, never another one of the same size.</summary>
    private async Task FinishAsync(LogWriter writer, SignedCheckpoint signed, CancellationToken cancellation)
    {
        await GrowAsync(writer, signed.Head.Size, cancellation);
        if (writer.Root != signed.Head.Root) throw new LedgerRefusedException($"The database's first {signed.Head.Size} entries are not those that were signed.", "Restore the database; nothing is signed until then.");
        writer.Save();
        if (writer.Publish(SignedNote.Parse(signed.Note))) LogFinished(signed.Head.Size);
    }

    private async Task GrowAsync(LogWriter writer, long size, CancellationToken cancellation)
    {
        var entries = db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index >= writer.Size && e.Index < size).OrderBy(e => e.Index).Select(e => new { e.Index, e.Bytes });
        await foreach (var entry in entries.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            if (entry.Index != writer.Size) break;
            writer.Append(entry.Bytes);
        }

        if (writer.Size != size) throw new LedgerRefusedException($"The entry {writer.Size} is missing in the database.", "Restore the database; nothing is signed until then.");
    }

    /// <summary>Gives waiting entries their places, and returns the next free one.</summary>
    private async Task<long> AssignAsync(CancellationToken cancellation)
    {
        var head = await db.Set<LedgerHead>().AsNoTracking().SingleAsync(cancellation);
        if (!await db.Set<LedgerEntry>().AnyAsync(e => e.Index == null, cancellation)) return head.Assigned;
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        if (!await RaiseAsync(head, cancellation)) return (await db.Set<LedgerHead>().AsNoTracking().SingleAsync(cancellation)).Assigned;
        var claimed = await db.Database.ExecuteSqlRawAsync(ClaimEntries, [head.Assigned, options.Value.BatchSize], cancellation);
        await db.Set<LedgerHead>().ExecuteUpdateAsync(set => set.SetProperty(h => h.Assigned, head.Assigned + claimed), cancellation);
        BeforeStep?.Invoke("commit places");
        await transaction.CommitAsync(cancellation);
        return head.Assigned + claimed;
    }

    /// <summary>Writes the lines of everything a public checkpoint covers. From here on the database knows that it is public.</summary>
    private async Task<int> RecordAsync(SignedCheckpoint? published, CancellationToken cancellation)
    {
        var head = await db.Set<LedgerHead>().AsNoTracking().SingleAsync(cancellation);
        if (published is null || head.Published >= published.Head.Size) return 0;
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        if (!await RaiseAsync(head, cancellation)) return 0;
        var lines = await LinesAsync(head, published.Head.Size, cancellation);
        db.Add(new LedgerCheckpoint { Size = published.Head.Size, Note = System.Text.Encoding.UTF8.GetString(published.Note), PublishedAt = time.GetUtcNow() });
        await LedgerDay.NoteAsync(db, lines, cancellation);
        await db.SaveChangesAsync(cancellation);
        db.ChangeTracker.Clear();
        await db.InsertAllAsync(lines, cancellation);
        var totals = Totals(head, lines);
        await db.Set<LedgerHead>().ExecuteUpdateAsync(set => set.SetProperty(h => h.Published, published.Head.Size)
            .SetProperty(h => h.Balance, lines[^1].Balance).SetProperty(h => h.Received, totals.Received)
            .SetProperty(h => h.Paid, totals.Paid).SetProperty(h => h.Costs, totals.Costs).SetProperty(h => h.Fees, totals.Fees), cancellation);
        BeforeStep?.Invoke("commit lines");
        await transaction.CommitAsync(cancellation);
        return lines.Count;
    }

    private async Task<List<LedgerLine>> LinesAsync(LedgerHead head, long size, CancellationToken cancellation)
    {
        var (lines, balance) = (new List<LedgerLine>(), head.Balance);
        var entries = db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index >= head.Published && e.Index < size).OrderBy(e => e.Index).Select(e => new { e.Index, e.Bytes });
        foreach (var entry in await entries.ToListAsync(cancellation))
        {
            var line = LedgerLine.Of(entry.Index!.Value, CanonicalObject.Parse(entry.Bytes), balance);
            balance = line.Balance;
            lines.Add(line);
        }

        return lines;
    }

    private static (Sats Received, Sats Paid, Sats Costs, Sats Fees) Totals(LedgerHead head, List<LedgerLine> lines)
    {
        var (received, paid, costs, fees) = (head.Received, head.Paid, head.Costs, head.Fees);
        foreach (var line in lines)
        {
            if (line.Type is not ("tx.confirmed" or "tx.unconfirmed"))
            {
                received += line.Change;
                continue;
            }

            // What is taken back is counted down again.
            var (amount, fee) = line.Type == "tx.confirmed" ? (line.Amount!.Value, line.Fee!.Value) : (-line.Amount!.Value, -line.Fee!.Value);
            if (line.Move is null) paid += amount;
            else costs += amount;
            fees += fee;
        }

        return (received, paid, costs, fees);
    }

    /// <summary>Takes the head's row for this transaction, if nobody was faster.</summary>
    private async Task<bool> RaiseAsync(LedgerHead head, CancellationToken cancellation) =>
        await db.Set<LedgerHead>().Where(h => h.Version == head.Version).ExecuteUpdateAsync(set => set.SetProperty(h => h.Version, head.Version + 1), cancellation) == 1;

    private async Task<LedgerRefusedException> RefuseAsync(LedgerRefusedException refusal, CancellationToken cancellation)
    {
        if (state.Refusal?.Message != refusal.Message) LogRefused(refusal.Message);
        state.Refused(refusal, time.GetUtcNow() + RetryAfterRefusal);
        state.ToldAt = null;
        await LedgerWatch.TellAsync(db, refused: true, time.GetUtcNow(), cancellation);
        return refusal;
    }

    /// <summary>Tells the processes that show pages that all is well, now and then.</summary>
    private async Task TellAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (now - state.ToldAt < TellEvery) return;
        await LedgerWatch.TellAsync(db, refused: false, now, cancellation);
        state.ToldAt = now;
    }

    internal static readonly string ClaimEntries = ReadSql();

    private static string ReadSql()
    {
        using var stream = typeof(SealingPass).Assembly.GetManifestResourceStream(typeof(SealingPass), "ClaimEntries.sql")!;
        return new StreamReader(stream).ReadToEnd();
    }

    [LoggerMessage(1, LogLevel.Information, "The log was sealed at {Size} entries")]
    private partial void LogSealed(long size);

    [LoggerMessage(2, LogLevel.Warning, "The checkpoint of {Size} entries had been signed but not published; it is public now")]
    private partial void LogFinished(long size);

    [LoggerMessage(4, LogLevel.Debug, "Another process sealed at the same moment: {Reason}")]
    private partial void LogMoved(string reason);

    [LoggerMessage(3, LogLevel.Critical, "Nothing is sealed: {Reason}")]
    private partial void LogRefused(string reason);
}
