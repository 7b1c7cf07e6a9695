using System.Runtime.Intrinsics;

namespace DigitalResistance.Transparency;

/// <summary>One SHA-256 value of the tree: a leaf, a node or a root. A value type, so that a million of them are 32 MB and no garbage.</summary>
public readonly struct TreeHash : IEquatable<TreeHash>
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = 32;

    private readonly Vector256<byte> _bytes;

    /// <summary>Takes exactly 32 bytes.</summary>
    public TreeHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length) throw new FormatException($"A hash has {Length} bytes, not {bytes.Length}.");
        _bytes = Vector256.Create(bytes);
    }

    /// <summary>Reads standard padded base64 (RFC 4648 section 4), in its one canonical spelling only.</summary>
    public static TreeHash FromBase64(string text) => new(StrictBase64.Decode(text));

    /// <summary>Reads 64 lowercase hexadecimal digits.</summary>
    public static TreeHash FromHex(string text) => new(Convert.FromHexString(text));

    /// <summary>Reads the hashes of a tile, one after another.</summary>
    public static TreeHash[] FromTile(ReadOnlySpan<byte> tile)
    {
        if (tile.Length % Length != 0) throw new FormatException($"A tile of {tile.Length} bytes is not a whole number of hashes.");
        var hashes = new TreeHash[tile.Length / Length];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = new TreeHash(tile.Slice(i * Length, Length));
        return hashes;
    }

    /// <summary>Writes hashes one after another, as a tile holds them.</summary>
    public static byte[] ToTile(ReadOnlySpan<TreeHash> hashes)
    {
        var tile = new byte[hashes.Length * Length];
        for (var i = 0; i < hashes.Length; i++) hashes[i].CopyTo(tile.AsSpan(i * Length));
        return tile;
    }

    /// <summary>Copies the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => _bytes.CopyTo(destination);

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Standard base64, as checkpoints and proofs print it.</summary>
    public string ToBase64() => Convert.ToBase64String(ToArray());

    /// <summary>Lowercase hexadecimal, as people read it.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());

    /// <inheritdoc/>
    public bool Equals(TreeHash other) => _bytes == other._bytes;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TreeHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _bytes.GetHashCode();

    /// <summary>Same 32 bytes.</summary>
    public static bool operator ==(TreeHash left, TreeHash right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(TreeHash left, TreeHash right) => !left.Equals(right);
}
