using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NBitcoin.Wire;

namespace NBitcoin;

/// <summary>One output of one transaction.</summary>
public class OutPoint : IEquatable<OutPoint>
{
    /// <summary>Of no transaction, as a coinbase input has it.</summary>
    public OutPoint()
        : this(uint256.Zero, uint.MaxValue)
    {
    }

    /// <summary>That output of that transaction.</summary>
    public OutPoint(uint256 hashIn, uint nIn)
    {
        ArgumentNullException.ThrowIfNull(hashIn);
        Hash = hashIn;
        N = nIn;
    }

    /// <summary>That output of that transaction.</summary>
    public OutPoint(uint256 hashIn, int nIn)
        : this(hashIn, nIn == -1 ? uint.MaxValue : checked((uint)nIn))
    {
    }

    /// <summary>That output of that transaction.</summary>
    public OutPoint(Transaction tx, uint i)
        : this((tx ?? throw new ArgumentNullException(nameof(tx))).GetHash(), i)
    {
    }

    /// <summary>That output of that transaction.</summary>
    public OutPoint(Transaction tx, int i)
        : this((tx ?? throw new ArgumentNullException(nameof(tx))).GetHash(), i)
    {
    }

    /// <summary>The transaction.</summary>
    public uint256 Hash { get; }

    /// <summary>The number of the output, from 0.</summary>
    public uint N { get; }

    /// <summary>True for the one that a coinbase input has.</summary>
    public bool IsNull => Hash == uint256.Zero && N == uint.MaxValue;

    /// <summary>Reads <c>txid-n</c>, <c>txid:n</c> or 72 hexadecimal digits as on the wire.</summary>
    public static OutPoint Parse(string str) =>
        TryParse(str, out var result) ? result : throw new FormatException("An outpoint is written as a transaction's hash, '-' or ':', and a number.");

    /// <summary>Reads <c>txid-n</c>, <c>txid:n</c> or 72 hexadecimal digits as on the wire, or says that it cannot.</summary>
    public static bool TryParse(string str, [MaybeNullWhen(false)] out OutPoint result)
    {
        ArgumentNullException.ThrowIfNull(str);
        result = null;
        if (str.Length == 72 && DataEncoders.HexEncoder.IsWellFormed(str))
        {
            var reader = new WireReader(Convert.FromHexString(str), "outpoint");
            result = Read(ref reader);
            return true;
        }

        var parts = str.Split('-', ':');
        if (parts.Length != 2 || !uint256.TryParse(parts[0], out var hash)) return false;
        if (!uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var n)) return false;
        result = new OutPoint(hash, n);
        return true;
    }

    /// <summary>Its wire encoding.</summary>
    public byte[] ToBytes()
    {
        var writer = new WireWriter(36);
        Write(writer);
        return writer.ToArray();
    }

    internal static OutPoint Read(ref WireReader reader) => new(reader.ReadUInt256(), reader.ReadUInt32());

    internal void Write(WireWriter writer)
    {
        writer.WriteUInt256(Hash);
        writer.WriteUInt32(N);
    }

    /// <summary><c>txid-n</c>.</summary>
    public override string ToString() => $"{Hash}-{N.ToString(CultureInfo.InvariantCulture)}";

    /// <inheritdoc/>
    public bool Equals(OutPoint? other) => other is not null && N == other.N && Hash == other.Hash;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OutPoint);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Hash, N);

    /// <summary>Same output.</summary>
    public static bool operator ==(OutPoint? a, OutPoint? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another output.</summary>
    public static bool operator !=(OutPoint? a, OutPoint? b) => !(a == b);
}
