using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Ledger;

/// <summary>
/// Second half of replacing the log's key: the log says that the old one signs no more, and its file is gone. Only when a published
/// checkpoint that announces the new key is signed by it, so that no reader is left without a key. The database first, then the file: between
/// the two nothing is sealed, and the next call finishes.
/// </summary>
public sealed class LedgerKeyRevoking(MoneyDb db, LedgerFolders folders, TimeProvider time)
{
    /// <summary>Revokes the old key; the vkey that is left.</summary>
    public async Task<string> RevokeAsync(CancellationToken cancellation = default)
    {
        var head = await db.Set<LedgerHead>().SingleOrDefaultAsync(cancellation) ?? throw new LedgerRefusedException("There is no log yet.", "There is nothing to revoke.");
        var next = LedgerKeys.Read(folders.Keys, LedgerKeys.Next, head.Origin)
            ?? throw new LedgerRefusedException("No key is being replaced.", "Begin with 'ledger add-key'.");
        if (next.ToString() != head.VerifierKey)
        {
            await CheckSignedAsync(next, cancellation);
            db.Append(new LogKeyRevoked(head.VerifierKey), time.GetUtcNow());
            head.VerifierKey = next.ToString();
            head.Version++;
            await db.SaveChangesAsync(cancellation);
        }

        File.Move(Path.Combine(folders.Keys.Path, LedgerKeys.Next), Path.Combine(folders.Keys.Path, LedgerKeys.Current), overwrite: true);
        DurableFolder.FlushFolder(folders.Keys.Path);
        return next.ToString();
    }

    private async Task CheckSignedAsync(NoteSigner next, CancellationToken cancellation)
    {
        var announcement = await db.AnnouncementOfAsync(next, cancellation);
        var newest = await db.Set<LedgerCheckpoint>().AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefaultAsync(cancellation);
        var waiting = new LedgerRefusedException("No published checkpoint announces the next key and is signed by it.", "Start the program, wait until the ledger shows the entry 'log.key_added', and tell readers; then come back.");
        if (announcement?.Index is not { } index || newest is null || newest.Size <= index) throw waiting;
        try
        {
            _ = SignedCheckpoint.Read(System.Text.Encoding.UTF8.GetBytes(newest.Note), "The newest checkpoint", [next.Verifier]);
        }
        catch (LedgerRefusedException)
        {
            throw waiting;
        }
    }
}
