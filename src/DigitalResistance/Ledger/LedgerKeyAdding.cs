using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Ledger;

/// <summary>
/// First half of replacing the log's key: makes the next one and says so in the log. From then on both sign, so that readers who know
/// either can go on; <see cref="LedgerKeyRevoking"/> ends it. Interrupted anywhere, the next call finishes with the same key.
/// </summary>
public sealed class LedgerKeyAdding(MoneyDb db, LedgerFolders folders, IOptions<LedgerOptions> options, TimeProvider time)
{
    /// <summary>Makes and announces the next key; the vkey to publish, and whether this call announced it.</summary>
    public async Task<(string VerifierKey, bool IsNew)> AddAsync(CancellationToken cancellation = default)
    {
        if (!await db.Set<LedgerHead>().AnyAsync(cancellation)) throw new LedgerRefusedException("There is no log yet.", "Start the program once; it makes the log and its first key.");
        var ledger = await LedgerOpening.OpenAsync(db, folders, options.Value, time.GetUtcNow(), cancellation);
        var next = LedgerKeys.Read(folders.Keys, LedgerKeys.Next, ledger.Head.Origin) ?? LedgerKeys.Create(folders.Keys, LedgerKeys.Next, ledger.Head.Origin);
        DurableFolder.FlushFolder(folders.Keys.Path);
        if (await db.AnnouncementOfAsync(next, cancellation) is not null) return (next.ToString(), false);
        db.Append(new LogKeyAdded(next.ToString()), time.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return (next.ToString(), true);
    }
}

internal static class LedgerKeyAnnouncements
{
    /// <summary>The entry that says that this key begins to sign; null where there is none.</summary>
    public static async Task<LedgerEntry?> AnnouncementOfAsync(this MoneyDb db, NoteSigner key, CancellationToken cancellation)
    {
        var entries = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Type == "log.key_added").ToListAsync(cancellation);
        return entries.Find(e => CanonicalObject.Parse(e.Bytes).Text("key") == key.ToString());
    }
}
