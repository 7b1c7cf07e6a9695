using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NBitcoin;

/// <summary>Steps from one key to another (https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki).</summary>
public class KeyPath
{
    private const uint Hardened = 0x80000000;
    private const int Longest = 255;

    private readonly uint[] _indexes;

    /// <summary>No step.</summary>
    public KeyPath() => _indexes = [];

    /// <summary>These steps; hardened ones have the top bit.</summary>
    public KeyPath(params uint[] indexes)
    {
        ArgumentNullException.ThrowIfNull(indexes);
        if (indexes.Length > Longest) throw new ArgumentException("A KeyPath should have at most 255 indices", nameof(indexes));
        _indexes = [.. indexes];
    }

    /// <summary>From text such as <c>48'/0'/0'/2'</c>.</summary>
    public KeyPath(string path)
        : this(Parse(path)._indexes)
    {
    }

    /// <summary>No step.</summary>
    public static KeyPath Empty { get; } = new();

    /// <summary>The steps.</summary>
    public uint[] Indexes => [.. _indexes];

    /// <summary>One step.</summary>
    public uint this[int index] => _indexes[index];

    /// <summary>How many steps.</summary>
    public int Length => _indexes.Length;

    /// <summary>True when the last step is hardened.</summary>
    public bool IsHardened => _indexes.Length == 0 ? throw new InvalidOperationException("No index found in this KeyPath") : _indexes[^1] >= Hardened;

    /// <summary>True when any step is hardened, so that public keys alone cannot follow it.</summary>
    public bool IsHardenedPath => Array.Exists(_indexes, i => i >= Hardened);

    /// <summary>All steps but the last; null when there is none.</summary>
    public KeyPath? Parent => _indexes.Length == 0 ? null : new KeyPath(_indexes[..^1]);

    /// <summary>Reads a path.</summary>
    public static KeyPath Parse(string path) =>
        TryParse(path, out var keyPath) ? keyPath : throw new FormatException("This is not a key path, such as 48'/0'/0'/2'.");

    /// <summary>Reads a path, or says that it cannot. A leading <c>m</c> is passed over; <c>'</c> and <c>h</c> harden a step.</summary>
    public static bool TryParse(string path, [MaybeNullWhen(false)] out KeyPath keyPath)
    {
        ArgumentNullException.ThrowIfNull(path);
        keyPath = null;
        var indexes = new List<uint>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "m"))
        {
            var hardened = part[^1] is '\'' or 'h';
            if (!uint.TryParse(hardened ? part[..^1] : part, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
            if (index >= Hardened || indexes.Count == Longest) return false;
            indexes.Add(hardened ? index | Hardened : index);
        }

        keyPath = new KeyPath(indexes.ToArray());
        return true;
    }

    /// <summary>From four bytes a step, as PSBTs carry it.</summary>
    public static KeyPath FromBytes(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return FromBytes(data.AsSpan());
    }

    internal static KeyPath FromBytes(ReadOnlySpan<byte> data)
    {
        if (data.Length % 4 != 0 || data.Length / 4 > Longest) throw new FormatException("A key path has four bytes a step and at most 255 steps.");
        var indexes = new uint[data.Length / 4];
        for (var i = 0; i < indexes.Length; i++) indexes[i] = BinaryPrimitives.ReadUInt32LittleEndian(data[(4 * i)..]);
        return new KeyPath(indexes);
    }

    /// <summary>Four bytes a step, as PSBTs carry it.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[4 * _indexes.Length];
        for (var i = 0; i < _indexes.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), _indexes[i]);
        return bytes;
    }

    /// <summary>One step further.</summary>
    public KeyPath Derive(int index, bool hardened)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return Derive(hardened ? (uint)index | Hardened : (uint)index);
    }

    /// <summary>One step further.</summary>
    public KeyPath Derive(uint index) => new([.. _indexes, index]);

    /// <summary>Further by a written path.</summary>
    public KeyPath Derive(string path) => Derive(Parse(path));

    /// <summary>Further by a path.</summary>
    public KeyPath Derive(KeyPath derivation)
    {
        ArgumentNullException.ThrowIfNull(derivation);
        return new([.. _indexes, .. derivation._indexes]);
    }

    /// <summary>The sibling after this.</summary>
    public KeyPath Increment() =>
        _indexes.Length == 0 ? throw new InvalidOperationException("Cannot increment an empty keypath") : new KeyPath([.. _indexes[..^1], checked(_indexes[^1] + 1)]);

    /// <summary>The hardened steps at the beginning.</summary>
    public KeyPath GetAccountKeyPath() => new(_indexes.TakeWhile(i => i >= Hardened).ToArray());

    /// <summary>The unhardened steps at the end.</summary>
    public KeyPath GetAddressKeyPath() => new(_indexes[(Array.FindLastIndex(_indexes, i => i >= Hardened) + 1)..]);

    /// <summary>This path from a master key.</summary>
    public RootedKeyPath ToRootedKeyPath(HDFingerprint masterFingerprint) => new(masterFingerprint, this);

    /// <summary>This path from a master key.</summary>
    public RootedKeyPath ToRootedKeyPath(IHDKey masterKey) => new(masterKey, this);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join('/', _indexes.Select(i => (i & ~Hardened).ToString(CultureInfo.InvariantCulture) + (i >= Hardened ? "'" : "")));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KeyPath other && _indexes.AsSpan().SequenceEqual(other._indexes);

    /// <inheritdoc/>
    public override int GetHashCode() => _indexes.Aggregate(_indexes.Length, HashCode.Combine);

    /// <summary>Same steps.</summary>
    public static bool operator ==(KeyPath? a, KeyPath? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other steps.</summary>
    public static bool operator !=(KeyPath? a, KeyPath? b) => !(a == b);

    /// <summary>One path after the other.</summary>
    public static KeyPath? operator +(KeyPath? a, KeyPath? b) => a is null ? b : b is null ? a : a.Derive(b);
}
