using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Ledger;

/// <summary>
/// Opens the log, or creates it where there is nothing at all: no row, no key, no checkpoint. Where only a part is there, something was
/// lost, and creating a new log beside it would be a fork: then it refuses and says what is missing.
/// </summary>
internal static class LedgerOpening
{
    private const string DefaultOrigin = "localhost/ledger";

    public static async Task<OpenLedger> OpenAsync(MoneyDb db, LedgerFolders folders, LedgerOptions options, DateTimeOffset now, CancellationToken cancellation)
    {
        var head = await db.Set<LedgerHead>().AsNoTracking().SingleOrDefaultAsync(cancellation);
        var origin = head?.Origin ?? options.Origin ?? DefaultOrigin;
        if (head is not null && options.Origin is not null && options.Origin != origin)
            throw new LedgerRefusedException($"This log is named '{origin}', Ledger:Origin says '{options.Origin}'.", "A log keeps its name for ever: correct the setting.");

        var signer = LedgerKeys.Read(folders.Keys, LedgerKeys.Current, origin);
        if (head is null)
        {
            if (SignedFile(folders) is { } signed)
            {
                // What is signed was in a database before: in this one by now, where another process has just created the log.
                if (await db.Set<LedgerHead>().AnyAsync(cancellation)) return await OpenAsync(db, folders, options, now, cancellation);
                throw new LedgerRefusedException($"There is a signed checkpoint ({signed}), but the database has no log.", "Restore the database that belongs to it; a new log needs an empty data folder.");
            }

            // A key without anything signed is a creation that was interrupted: it goes on with that key.
            signer ??= LedgerKeys.Create(folders.Keys, LedgerKeys.Current, origin);
            // Other entries may wait already: the one that names the log is the first, whatever was written before it.
            head = new LedgerHead { Origin = origin, VerifierKey = signer.ToString(), Assigned = 1 };
            db.Add(head);
            db.Append(new LogCreated(origin, signer.ToString()), now).Index = 0;
            // Of two processes that start on an empty folder one creates the log, and the other one opens it.
            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return await OpenAsync(db, folders, options, now, cancellation);
            db.ChangeTracker.Clear();
        }

        var keyFile = Path.Combine(folders.Keys.Path, LedgerKeys.Current);
        if (signer is null) throw new LedgerRefusedException($"The database has a log of {head.Assigned} entries, but its key file {keyFile} is missing.", "Put the key file back from its own backup.");
        if (signer.ToString() != head.VerifierKey) throw new LedgerRefusedException($"The key file {keyFile} holds {signer}, the log is signed by {head.VerifierKey}.", "Put the right key file back.");

        var next = LedgerKeys.Read(folders.Keys, LedgerKeys.Next, origin);
        return new OpenLedger(head, next is null ? [signer] : [signer, next]);
    }

    private static string? SignedFile(LedgerFolders folders) =>
        folders.Keys.Read(LedgerFolders.LastSigned) is not null ? Path.Combine(folders.Keys.Path, LedgerFolders.LastSigned)
        : folders.Log.Read(TilePath.Checkpoint) is not null ? Path.Combine(folders.Log.Path, TilePath.Checkpoint) : null;
}

/// <summary>A log that may be written to.</summary>
/// <param name="Head">Its row as it was read.</param>
/// <param name="Signers">Its key, and while it is being replaced the next one too.</param>
internal sealed record OpenLedger(LedgerHead Head, IReadOnlyList<NoteSigner> Signers)
{
    /// <summary>Keys of which one at least must have signed whatever is believed.</summary>
    public IReadOnlyList<NoteVerifier> Keys => [.. Signers.Select(s => s.Verifier)];
}

/// <summary>A checkpoint and the very bytes that were signed.</summary>
/// <param name="Head">What it says.</param>
/// <param name="Note">The note.</param>
internal sealed record SignedCheckpoint(Checkpoint Head, byte[] Note)
{
    /// <summary>Reads and verifies one; null when there is none; refuses one that our keys did not sign.</summary>
    public static SignedCheckpoint? Read(byte[]? note, string place, IReadOnlyList<NoteVerifier> keys)
    {
        if (note is null) return null;
        try
        {
            return new SignedCheckpoint(Checkpoint.Open(note, keys), note);
        }
        catch (FormatException wrong)
        {
            throw new LedgerRefusedException($"{place} is not a checkpoint of this log: {wrong.Message}", "Put the file back as it was; nothing is signed until then.");
        }
    }
}
