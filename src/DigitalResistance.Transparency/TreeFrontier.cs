namespace DigitalResistance.Transparency;

/// <summary>
/// The right edge of a growing tree: the roots of its complete subtrees, at most one per height. Enough to append for ever and to
/// know the root at any moment, in memory that grows with the logarithm of the size.
/// </summary>
public sealed class TreeFrontier
{
    private readonly List<(int Height, TreeHash Hash)> _subtrees = [];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>Adds one leaf.</summary>
    public void Append(TreeHash leaf) => Append(leaf, height: 0);

    /// <summary>Adds a complete subtree of 2^<paramref name="height"/> leaves; the size so far must be a multiple of that.</summary>
    public void Append(TreeHash subtree, int height)
    {
        if (Size % (1L << height) != 0) throw new InvalidOperationException($"A subtree of height {height} cannot start at leaf {Size}.");
        Size += 1L << height;
        while (_subtrees.Count > 0 && _subtrees[^1].Height == height)
        {
            subtree = MerkleTree.Node(_subtrees[^1].Hash, subtree);
            _subtrees.RemoveAt(_subtrees.Count - 1);
            height++;
        }

        _subtrees.Add((height, subtree));
    }

    /// <summary>The RFC 6962 root of everything appended.</summary>
    public TreeHash Root()
    {
        if (_subtrees.Count == 0) return MerkleTree.EmptyRoot;
        var root = _subtrees[^1].Hash;
        for (var i = _subtrees.Count - 2; i >= 0; i--) root = MerkleTree.Node(_subtrees[i].Hash, root);
        return root;
    }
}
