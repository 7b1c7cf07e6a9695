namespace DigitalResistance.Transparency;

/// <summary>A tree of a known size, read from tiles: what proofs are made from.</summary>
/// <param name="source">Where the tiles are.</param>
/// <param name="size">Size of the tree, as a checkpoint gave it.</param>
public sealed class TiledTree(ILogSource source, long size)
{
    private readonly Dictionary<string, byte[]> _read = [];

    /// <summary>Entries in the tree.</summary>
    public long Size => size;

    /// <summary>The bytes of one entry.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> EntryAsync(long index, CancellationToken cancellationToken = default)
    {
        if (index < 0 || index >= size) throw new ArgumentOutOfRangeException(nameof(index), index, $"The tree has {size} entries.");
        var number = index / TilePath.Width;
        var bundle = EntryBundle.Read(await ReadAsync(w => TilePath.Entries(number, w), TilePath.WidthAt(0, number, size), cancellationToken));
        var offset = (int)(index % TilePath.Width);
        return offset < bundle.Count ? bundle[offset] : throw new LogFaultException(new LogFault(TilePath.Entries(number), index, "the bundle is too short"));
    }

    /// <summary>The root at this size or any smaller one.</summary>
    public ValueTask<TreeHash> RootAsync(long atSize, CancellationToken cancellationToken = default) => HashAsync(new LeafRange(0, atSize), cancellationToken);

    /// <summary>Proof that an entry is in the tree.</summary>
    public Task<IReadOnlyList<TreeHash>> ProveInclusionAsync(long index, CancellationToken cancellationToken = default) =>
        HashesAsync(InclusionProof.Ranges(index, size), cancellationToken);

    /// <summary>Proof that the tree only appended to its smaller self.</summary>
    public Task<IReadOnlyList<TreeHash>> ProveConsistencyAsync(long oldSize, CancellationToken cancellationToken = default) =>
        HashesAsync(ConsistencyProof.Ranges(oldSize, size), cancellationToken);

    private async Task<IReadOnlyList<TreeHash>> HashesAsync(IReadOnlyList<LeafRange> ranges, CancellationToken cancellationToken)
    {
        var hashes = new TreeHash[ranges.Count];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = await HashAsync(ranges[i], cancellationToken);
        return hashes;
    }

    /// <summary>Every range RFC 6962 asks for starts at a multiple of its own largest complete subtree, so the frontier can take subtrees as they come.</summary>
    private async ValueTask<TreeHash> HashAsync(LeafRange range, CancellationToken cancellationToken)
    {
        var frontier = new TreeFrontier();
        for (var at = range.Begin; at < range.End;)
        {
            var height = 0;
            while (frontier.Size % (2L << height) == 0 && at + (2L << height) <= range.End) height++;
            frontier.Append(await SubtreeAsync(height, at >> height, cancellationToken), height);
            at += 1L << height;
        }

        return frontier.Root();
    }

    private async ValueTask<TreeHash> SubtreeAsync(int height, long number, CancellationToken cancellationToken)
    {
        var level = height / TilePath.Height;
        var first = number << (height % TilePath.Height);
        var tile = first / TilePath.Width;
        var bytes = await ReadAsync(w => TilePath.Hashes(level, tile, w), TilePath.WidthAt(level, tile, size), cancellationToken);
        var (offset, count) = ((int)(first % TilePath.Width), 1 << (height % TilePath.Height));
        if (bytes.Length < (offset + count) * TreeHash.Length) throw new LogFaultException(new LogFault(TilePath.Hashes(level, tile), null, "the tile is too short"));
        return MerkleTree.Root(TreeHash.FromTile(bytes.AsSpan(offset * TreeHash.Length, count * TreeHash.Length)));
    }

    private async ValueTask<byte[]> ReadAsync(Func<int, string> path, int width, CancellationToken cancellationToken)
    {
        if (_read.TryGetValue(path(width), out var known)) return known;
        // A partial file may be deleted once the full one exists, which then begins with the same bytes.
        var bytes = await source.ReadAsync(path(width), cancellationToken)
            ?? (width < TilePath.Width ? await source.ReadAsync(path(TilePath.Width), cancellationToken) : null)
            ?? throw new LogFaultException(new LogFault(path(width), null, "the file is missing"));
        return _read[path(width)] = bytes;
    }
}
