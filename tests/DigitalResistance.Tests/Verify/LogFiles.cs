using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Verify;

/// <summary>A log as the sealer would write it, without waiting for the disk.</summary>
internal static class LogFiles
{
    public static void Write(string folder, NoteSigner signer, byte[][] entries)
    {
        var leaves = entries.Select(e => MerkleTree.Leaf(e)).ToArray();
        for (var n = 0; n * TilePath.Width < entries.Length; n++)
            Put(folder, TilePath.Entries(n, TilePath.WidthAt(0, n, entries.Length)), EntryBundle.Write([.. entries.Skip(n * TilePath.Width).Take(TilePath.Width)]));
        for (var (level, row) = (0, leaves); row.Length > 0; level++)
        {
            foreach (var (tile, n) in row.Chunk(TilePath.Width).Select((t, n) => (t, n))) Put(folder, TilePath.Hashes(level, n, tile.Length), TreeHash.ToTile(tile));
            row = [.. row.Chunk(TilePath.Width).Where(t => t.Length == TilePath.Width).Select(t => MerkleTree.Root(t))];
        }

        Put(folder, TilePath.Checkpoint, new Checkpoint(signer.Verifier.Name, entries.Length, MerkleTree.Root(leaves)).Sign(signer).ToBytes());
    }

    private static void Put(string folder, string path, byte[] bytes)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }
}
