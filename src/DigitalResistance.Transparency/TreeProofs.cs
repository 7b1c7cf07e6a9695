namespace DigitalResistance.Transparency;

/// <summary>A run of leaves, first included, last excluded, whose hash is one line of a proof.</summary>
/// <param name="Begin">First leaf.</param>
/// <param name="End">One past the last leaf.</param>
public readonly record struct LeafRange(long Begin, long End);

/// <summary>Proves that one entry is in a tree (<see href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1">RFC 6962 section 2.1.1</see>).</summary>
public static class InclusionProof
{
    /// <summary>Which ranges' hashes make the proof, the leaf's sibling first.</summary>
    public static IReadOnlyList<LeafRange> Ranges(long index, long size)
    {
        if (index < 0 || index >= size) throw new ArgumentOutOfRangeException(nameof(index), index, $"The tree has {size} entries.");
        var path = new List<LeafRange>();
        for (var (begin, end) = (0L, size); end - begin > 1;)
        {
            var middle = begin + MerkleTree.SplitPoint(end - begin);
            if (index < middle)
            {
                path.Add(new LeafRange(middle, end));
                end = middle;
            }
            else
            {
                path.Add(new LeafRange(begin, middle));
                begin = middle;
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>Whether the proof leads from the leaf to the root (<see href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2">RFC 9162 section 2.1.3.2</see>).</summary>
    public static bool Verify(long index, long size, TreeHash leaf, IReadOnlyList<TreeHash> proof, TreeHash root)
    {
        if (index < 0 || index >= size) return false;
        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in proof)
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleTree.Node(sibling, hash);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                hash = MerkleTree.Node(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }
}

/// <summary>Proves that a larger tree only appended to a smaller one (<see href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2">RFC 6962 section 2.1.2</see>).</summary>
public static class ConsistencyProof
{
    /// <summary>Which ranges' hashes make the proof; none for equal sizes and for the empty tree, where nothing is to be shown.</summary>
    public static IReadOnlyList<LeafRange> Ranges(long oldSize, long newSize)
    {
        if (oldSize < 0 || oldSize > newSize) throw new ArgumentOutOfRangeException(nameof(oldSize), oldSize, $"The newer tree has {newSize} entries.");
        var path = new List<LeafRange>();
        if (oldSize == 0 || oldSize == newSize) return path;
        var (begin, end, complete) = (0L, newSize, true);
        while (oldSize != end)
        {
            var middle = begin + MerkleTree.SplitPoint(end - begin);
            if (oldSize <= middle)
            {
                path.Add(new LeafRange(middle, end));
                end = middle;
            }
            else
            {
                path.Add(new LeafRange(begin, middle));
                (begin, complete) = (middle, false);
            }
        }

        // The old root itself is known to the verifier, so it is left out when the old tree is one complete subtree of the new.
        if (!complete) path.Add(new LeafRange(begin, end));
        path.Reverse();
        return path;
    }

    /// <summary>Whether the proof joins both roots (<see href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2">RFC 9162 section 2.1.4.2</see>).</summary>
    public static bool Verify(long oldSize, long newSize, TreeHash oldRoot, TreeHash newRoot, IReadOnlyList<TreeHash> proof)
    {
        if (oldSize < 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.Count == 0 && oldRoot == newRoot;
        if (oldSize == 0) return proof.Count == 0 && oldRoot == MerkleTree.EmptyRoot;
        IReadOnlyList<TreeHash> path = (oldSize & (oldSize - 1)) == 0 ? [oldRoot, .. proof] : proof;
        if (path.Count == 0) return false;

        var (node, last) = (oldSize - 1, newSize - 1);
        while ((node & 1) == 1) (node, last) = (node >> 1, last >> 1);
        var (older, newer) = (path[0], path[0]);
        foreach (var sibling in path.Skip(1))
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                older = MerkleTree.Node(sibling, older);
                newer = MerkleTree.Node(sibling, newer);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                newer = MerkleTree.Node(newer, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && older == oldRoot && newer == newRoot;
    }
}
