namespace DigitalResistance.Transparency;

/// <summary>
/// Grows a log in a folder. Files below a published checkpoint are never touched again; what a crash left behind above it is written
/// anew. The order is the promise: tiles and bundles are on the disk before any checkpoint that needs them has a name.
/// </summary>
public sealed class LogWriter
{
    private readonly DurableFolder _folder;
    private readonly TreeFrontier _frontier = new();
    private readonly List<byte[]> _bundle = [];
    private readonly List<Row> _rows = [];
    private readonly List<string> _completed = [];
    private byte[]? _published;

    private LogWriter(DurableFolder folder) => _folder = folder;

    /// <summary>Entries so far, published or not.</summary>
    public long Size => _frontier.Size;

    /// <summary>Root of the entries so far.</summary>
    public TreeHash Root => _frontier.Root();

    /// <summary>
    /// Opens the log at its published checkpoint, or empty when there is none. Throws <see cref="LogFaultException"/> when the right edge
    /// of the tree, which everything new is hashed upon, does not lead to the published root.
    /// </summary>
    public static LogWriter Open(DurableFolder folder, params IReadOnlyCollection<NoteVerifier> keys)
    {
        var writer = new LogWriter(folder) { _published = folder.Read(TilePath.Checkpoint) };
        if (writer._published is null) return writer;
        try
        {
            var head = Checkpoint.Open(writer._published, keys);
            writer.ReadEdge(head);
            if (writer.Root != head.Root) throw new LogFaultException(new LogFault("tile", head.Size - 1, $"the tiles at the edge of size {head.Size} do not lead to the published root"));
            return writer;
        }
        catch (FormatException wrong)
        {
            throw new LogFaultException(new LogFault(TilePath.Checkpoint, null, wrong.Message));
        }
    }

    /// <summary>Adds an entry. Full bundles and tiles go to the disk at once, everything else waits for <see cref="Save"/>.</summary>
    public void Append(byte[] entry)
    {
        if (entry.Length > EntryBundle.MaximumEntryLength) throw new ArgumentException($"An entry has at most {EntryBundle.MaximumEntryLength} bytes.", nameof(entry));
        var number = Size / TilePath.Width;
        _bundle.Add(entry);
        var leaf = MerkleTree.Leaf(entry);
        _frontier.Append(leaf);
        if (_bundle.Count == TilePath.Width)
        {
            _folder.Write(TilePath.Entries(number), EntryBundle.Write(_bundle));
            _completed.Add(TilePath.Entries(number));
            _bundle.Clear();
        }

        Push(0, leaf);
    }

    /// <summary>Puts everything a checkpoint of this size needs on the disk.</summary>
    public void Save()
    {
        if (_bundle.Count > 0) _folder.Write(TilePath.Entries(Size / TilePath.Width, _bundle.Count), EntryBundle.Write(_bundle));
        for (var level = 0; level < _rows.Count; level++)
        {
            var row = _rows[level];
            if (row.Hashes.Count > 0) _folder.Write(TilePath.Hashes(level, row.Tiles, row.Hashes.Count), TreeHash.ToTile(row.Hashes.ToArray()));
        }

        _folder.Flush();
    }

    /// <summary>
    /// Makes a signed checkpoint of this size the public one, after <see cref="Save"/>; false when the public one is no longer the one
    /// this writer started from, and then this writer is of no more use.
    /// </summary>
    public bool Publish(SignedNote note)
    {
        var head = Checkpoint.Parse(note.Text);
        if (head.Size != Size || head.Root != Root) throw new ArgumentException($"The checkpoint is of size {head.Size}, the tree of size {Size}.", nameof(note));
        var bytes = note.ToBytes();
        if (!_folder.Replace(TilePath.Checkpoint, _published, bytes)) return false;
        _published = bytes;
        // Readers of the older checkpoint fall back to the full file, as tlog-tiles lets them.
        foreach (var full in _completed) _folder.Remove($"{full}.p");
        _completed.Clear();
        return true;
    }

    private void Push(int level, TreeHash hash)
    {
        if (_rows.Count == level) _rows.Add(new Row());
        var row = _rows[level];
        row.Hashes.Add(hash);
        if (row.Hashes.Count < TilePath.Width) return;
        var tile = row.Hashes.ToArray();
        _folder.Write(TilePath.Hashes(level, row.Tiles), TreeHash.ToTile(tile));
        _completed.Add(TilePath.Hashes(level, row.Tiles));
        row.Hashes.Clear();
        row.Tiles++;
        Push(level + 1, MerkleTree.Root(tile));
    }

    private void ReadEdge(Checkpoint head)
    {
        var rows = new Stack<Row>();
        for (var level = 0; head.Size >> (level * TilePath.Height) is > 0 and var total; level++)
        {
            var (tiles, width) = (total / TilePath.Width, (int)(total % TilePath.Width));
            var row = new Row { Tiles = tiles };
            if (width > 0) row.Hashes.AddRange(ReadPart(w => TilePath.Hashes(level, tiles, w), width, bytes => TreeHash.FromTile(bytes)).AsSpan(0, width));
            _rows.Add(row);
            rows.Push(row);
        }

        for (var level = rows.Count - 1; level >= 0; level--)
            foreach (var hash in rows.Pop().Hashes)
                _frontier.Append(hash, level * TilePath.Height);

        var (number, entries) = (head.Size / TilePath.Width, (int)(head.Size % TilePath.Width));
        if (entries == 0) return;
        var bundle = ReadPart(w => TilePath.Entries(number, w), entries, bytes => EntryBundle.Read(bytes).Select(e => e.ToArray()).ToArray());
        for (var i = 0; i < entries; i++)
        {
            if (MerkleTree.Leaf(bundle[i]) != _rows[0].Hashes[i]) throw new LogFaultException(new LogFault(TilePath.Entries(number, entries), number * TilePath.Width + i, "the entry is not the one that the tile hashed"));
            _bundle.Add(bundle[i]);
        }
    }

    /// <summary>Reads a partial file, or the full one in its place (left by a crash above the checkpoint), as at least <paramref name="width"/> items.</summary>
    private T[] ReadPart<T>(Func<int, string> path, int width, Func<byte[], T[]> parse)
    {
        var bytes = _folder.Read(path(width)) ?? _folder.Read(path(TilePath.Width)) ?? throw new LogFaultException(new LogFault(path(width), null, "the file is missing"));
        try
        {
            var items = parse(bytes);
            return items.Length >= width ? items : throw new FormatException($"it holds {items.Length} of {width}");
        }
        catch (FormatException broken)
        {
            throw new LogFaultException(new LogFault(path(width), null, broken.Message));
        }
    }

    /// <summary>One tile level: the tile being filled, and how many were full before it.</summary>
    private sealed class Row
    {
        public List<TreeHash> Hashes { get; } = new(TilePath.Width);

        public long Tiles { get; set; }
    }
}
