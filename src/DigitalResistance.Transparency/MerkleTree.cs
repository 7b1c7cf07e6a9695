using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;

namespace DigitalResistance.Transparency;

/// <summary>
/// The hashes of <see href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1">RFC 6962 section 2.1</see> over SHA-256.
/// Leaves and nodes carry different prefixes, so that no entry can pass for an inner node.
/// </summary>
public static class MerkleTree
{
    /// <summary>Root of the tree without entries: SHA-256 of nothing.</summary>
    public static TreeHash EmptyRoot { get; } = new(SHA256.HashData(ReadOnlySpan<byte>.Empty));

    /// <summary>SHA-256(0x00 ‖ entry).</summary>
    public static TreeHash Leaf(ReadOnlySpan<byte> entry)
    {
        var length = entry.Length + 1;
        byte[]? rented = null;
        var input = length <= 1024 ? stackalloc byte[length] : (rented = ArrayPool<byte>.Shared.Rent(length)).AsSpan(0, length);
        input[0] = 0x00;
        entry.CopyTo(input[1..]);
        Span<byte> hash = stackalloc byte[TreeHash.Length];
        SHA256.HashData(input, hash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return new TreeHash(hash);
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right).</summary>
    public static TreeHash Node(TreeHash left, TreeHash right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * TreeHash.Length];
        input[0] = 0x01;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + TreeHash.Length)..]);
        Span<byte> hash = stackalloc byte[TreeHash.Length];
        SHA256.HashData(input, hash);
        return new TreeHash(hash);
    }

    /// <summary>MTH over subtree roots of equal height, left to right; leaf hashes are the case of height 0.</summary>
    public static TreeHash Root(ReadOnlySpan<TreeHash> hashes)
    {
        if (hashes.Length == 0) return EmptyRoot;
        if (hashes.Length == 1) return hashes[0];
        var split = (int)SplitPoint(hashes.Length);
        return Node(Root(hashes[..split]), Root(hashes[split..]));
    }

    /// <summary>The largest power of two strictly smaller than <paramref name="size"/>: where RFC 6962 divides a tree.</summary>
    public static long SplitPoint(long size) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)(size - 1)));
}
