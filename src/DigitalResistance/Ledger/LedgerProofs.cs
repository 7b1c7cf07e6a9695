using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Ledger;

/// <summary>Proves single entries from the published files, as anybody could who downloaded them.</summary>
public sealed class LedgerProofs(MoneyDb db, LedgerFolders folders)
{
    /// <summary>The proof that an entry is under the newest checkpoint; null when there is no such entry yet.</summary>
    public async Task<EntryProof?> ProveAsync(long index, CancellationToken cancellation = default)
    {
        var row = await db.Set<LedgerCheckpoint>().AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefaultAsync(cancellation);
        if (row is null || index < 0 || index >= row.Size) return null;
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(row.Note));
        var tree = new TiledTree(new FolderLogSource(folders.Log.Path), row.Size);
        var entry = (await tree.EntryAsync(index, cancellation)).ToArray();
        return new EntryProof(index, entry, MerkleTree.Leaf(entry), await tree.ProveInclusionAsync(index, cancellation), note);
    }
}

/// <summary>An entry and why it is in the log.</summary>
/// <param name="Index">Its place.</param>
/// <param name="Entry">Its bytes.</param>
/// <param name="Leaf">Its leaf hash.</param>
/// <param name="Hashes">The inclusion proof.</param>
/// <param name="Note">The signed checkpoint it leads to.</param>
public sealed record EntryProof(long Index, byte[] Entry, TreeHash Leaf, IReadOnlyList<TreeHash> Hashes, SignedNote Note)
{
    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint => Checkpoint.Parse(Note.Text);

    /// <summary>The file to keep; it carries the entry itself as its extra data.</summary>
    public TlogProof ToFile() => new(Index, Hashes, Note, Entry);
}
