namespace DigitalResistance.Transparency;

/// <summary>What the check of a whole log found.</summary>
/// <param name="Head">The signed head, when it could be believed.</param>
/// <param name="Fault">The first thing that is wrong; null when everything holds.</param>
public sealed record LogReport(Checkpoint? Head, LogFault? Fault)
{
    /// <summary>Whether every byte of the log leads to the signed root.</summary>
    public bool IsSound => Fault is null;
}

/// <summary>
/// Reads a whole log and believes nothing: the signature, every entry against the level-0 tiles, every tile of every level, the root,
/// and that the log only appended to older checkpoints. Memory stays constant; entries are handed on as they are read.
/// </summary>
/// <param name="source">The log.</param>
/// <param name="keys">Keys of which one at least must have signed the head.</param>
public sealed class LogVerifier(ILogSource source, IReadOnlyCollection<NoteVerifier> keys)
{
    private const int ReadAhead = 16;
    private readonly TreeFrontier _frontier = new();
    private readonly List<Row> _rows = [];
    private LogFault? _difference;

    /// <summary>Called with every entry in order, before the root is known: act on what it says only when the report is sound.</summary>
    public Action<long, ReadOnlyMemory<byte>>? OnEntry { get; init; }

    /// <summary>Largest log that is read: whoever holds the key could sign one that never ends.</summary>
    public long MostEntries { get; init; } = long.MaxValue;

    /// <summary>Called with the number of entries read so far, once a bundle.</summary>
    public Action<long, long>? OnProgress { get; init; }

    /// <summary>Checks the log, and that it extends every older checkpoint given (their signatures having been verified).</summary>
    public async Task<LogReport> VerifyAsync(IReadOnlyCollection<Checkpoint> older, CancellationToken cancellationToken = default)
    {
        Checkpoint head;
        try
        {
            var note = await source.ReadAsync(TilePath.Checkpoint, cancellationToken);
            if (note is null) return new LogReport(null, new LogFault(TilePath.Checkpoint, null, "the file is missing"));
            head = Checkpoint.Open(note, keys);
            if (head.Size > MostEntries) return new LogReport(head, new LogFault(TilePath.Checkpoint, null, $"the log says that it has {head.Size} entries; more than {MostEntries} are not read"));
        }
        catch (FormatException wrong)
        {
            return new LogReport(null, new LogFault(TilePath.Checkpoint, null, wrong.Message));
        }

        try
        {
            var roots = await ReadEntriesAsync(head, [.. older.Select(o => o.Size)], cancellationToken);
            for (var level = 1; level <= _rows.Count; level++) await CompareAsync(level, _rows[level - 1], cancellationToken);
            return new LogReport(head, FindFault(head, older, roots));
        }
        catch (LogFaultException fault)
        {
            return new LogReport(head, _difference ?? fault.Fault);
        }
    }

    private async Task<Dictionary<long, TreeHash>> ReadEntriesAsync(Checkpoint head, HashSet<long> sizes, CancellationToken cancellationToken)
    {
        var roots = new Dictionary<long, TreeHash>();
        if (sizes.Contains(0)) roots[0] = MerkleTree.EmptyRoot;
        var bundles = (head.Size + TilePath.Width - 1) / TilePath.Width;
        var ahead = new Queue<(Task<TileFile> Bundle, Task<TileFile> Tile)>();
        for (long number = 0, asked = 0; number < bundles; number++)
        {
            for (; asked < bundles && ahead.Count < ReadAhead; asked++)
            {
                var (n, wide) = (asked, TilePath.WidthAt(0, asked, head.Size));
                ahead.Enqueue((ReadAsync(w => TilePath.Entries(n, w), wide, cancellationToken), ReadAsync(w => TilePath.Hashes(0, n, w), wide, cancellationToken)));
            }

            var (bundle, tile) = ahead.Dequeue();
            var leaves = Leaves(await bundle, number);
            Compare(await tile, leaves, number * TilePath.Width);
            var first = number * TilePath.Width;
            if (leaves.Length == TilePath.Width && !sizes.Any(s => s > first && s < first + TilePath.Width))
            {
                var root = MerkleTree.Root(leaves);
                _frontier.Append(root, TilePath.Height);
                await PushAsync(1, root, cancellationToken);
            }
            else
            {
                foreach (var leaf in leaves)
                {
                    _frontier.Append(leaf);
                    if (sizes.Contains(_frontier.Size)) roots[_frontier.Size] = _frontier.Root();
                }

                if (leaves.Length == TilePath.Width) await PushAsync(1, MerkleTree.Root(leaves), cancellationToken);
            }

            if (sizes.Contains(_frontier.Size)) roots[_frontier.Size] = _frontier.Root();
            OnProgress?.Invoke(_frontier.Size, head.Size);
        }

        return roots;
    }

    private TreeHash[] Leaves(TileFile file, long number)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> entries;
        try
        {
            entries = EntryBundle.Read(file.Bytes);
        }
        catch (FormatException broken)
        {
            throw new LogFaultException(new LogFault(file.Path, null, broken.Message));
        }

        if (entries.Count != file.Holds) throw new LogFaultException(new LogFault(file.Path, number * TilePath.Width + Math.Min(entries.Count, file.Wanted), $"the bundle holds {entries.Count} entries instead of {file.Holds}"));
        var leaves = new TreeHash[file.Wanted];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = MerkleTree.Leaf(entries[i].Span);
            OnEntry?.Invoke(number * TilePath.Width + i, entries[i]);
        }

        return leaves;
    }

    private async Task PushAsync(int level, TreeHash hash, CancellationToken cancellationToken)
    {
        if (_rows.Count < level) _rows.Add(new Row());
        var row = _rows[level - 1];
        row.Hashes.Add(hash);
        if (row.Hashes.Count < TilePath.Width) return;
        await CompareAsync(level, row, cancellationToken);
        var root = MerkleTree.Root(row.Hashes.ToArray());
        row.Hashes.Clear();
        row.Tiles++;
        await PushAsync(level + 1, root, cancellationToken);
    }

    private async Task CompareAsync(int level, Row row, CancellationToken cancellationToken)
    {
        if (row.Hashes.Count == 0) return;
        var number = row.Tiles;
        Compare(await ReadAsync(w => TilePath.Hashes(level, number, w), row.Hashes.Count, cancellationToken), row.Hashes.ToArray(), firstEntry: null);
    }

    private void Compare(TileFile tile, TreeHash[] computed, long? firstEntry)
    {
        if (tile.Bytes.Length != tile.Holds * TreeHash.Length) throw new LogFaultException(new LogFault(tile.Path, null, $"the tile has {tile.Bytes.Length} bytes instead of {tile.Holds * TreeHash.Length}"));
        var stored = TreeHash.FromTile(tile.Bytes);
        var at = 0;
        while (at < computed.Length && computed[at] == stored[at]) at++;
        // Reading goes on: whether the entry or the tile was changed, only the signed root can tell.
        if (at < computed.Length) _difference ??= new LogFault(tile.Path, firstEntry + at, $"its hash number {at} is not the hash of what lies below it");
    }

    private LogFault? FindFault(Checkpoint head, IReadOnlyCollection<Checkpoint> older, Dictionary<long, TreeHash> roots)
    {
        var entriesHold = _frontier.Root() == head.Root;
        if (_difference is not null) return _difference with { Problem = $"{_difference.Problem}; {(entriesHold ? "the entries lead to the signed root, so this tile was changed" : "the entries do not lead to the signed root either")}" };
        if (!entriesHold) return new LogFault(TilePath.Checkpoint, null, $"the entries lead to the root {_frontier.Root().ToBase64()}, not to the signed {head.Root.ToBase64()}");
        foreach (var old in older.OrderBy(o => o.Size))
        {
            if (old.Origin != head.Origin) return new LogFault(TilePath.Checkpoint, null, $"the older checkpoint is of another log, '{old.Origin}'");
            if (old.Size > head.Size) return new LogFault(TilePath.Checkpoint, head.Size, $"rolled back: an older checkpoint has {old.Size} entries, this one {head.Size}");
            if (roots[old.Size] != old.Root) return new LogFault(TilePath.Checkpoint, null, $"forked: the first {old.Size} entries are not those that the older checkpoint of that size signed");
        }

        return null;
    }

    private async Task<TileFile> ReadAsync(Func<int, string> path, int width, CancellationToken cancellationToken)
    {
        var bytes = await source.ReadAsync(path(width), cancellationToken);
        if (bytes is not null) return new TileFile(path(width), bytes, width, width);
        if (width < TilePath.Width) bytes = await source.ReadAsync(path(TilePath.Width), cancellationToken);
        return bytes is not null
            ? new TileFile(path(TilePath.Width), bytes, width, TilePath.Width)
            : throw new LogFaultException(new LogFault(path(width), null, "the file is missing"));
    }

    /// <summary>One tile level above the leaves: the tile that is being filled, and how many were full before it.</summary>
    private sealed class Row
    {
        public List<TreeHash> Hashes { get; } = new(TilePath.Width);

        public long Tiles { get; set; }
    }

    /// <summary>A file as read: a full one may stand in for the partial one that was wanted.</summary>
    private sealed record TileFile(string Path, byte[] Bytes, int Wanted, int Holds);
}
