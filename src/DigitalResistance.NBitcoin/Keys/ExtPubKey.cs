using System.Buffers.Binary;
using System.Security.Cryptography;
using NBitcoin.Crypto;

namespace NBitcoin;

/// <summary>A key from which others are derived.</summary>
public interface IHDKey
{
    /// <summary>The key some steps further; null when a step is hardened and only public keys are known.</summary>
    IHDKey? Derive(KeyPath keyPath);

    /// <summary>Its public key.</summary>
    PubKey GetPublicKey();
}

/// <summary>An extended public key (https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki).</summary>
public class ExtPubKey : IDestination, IHDKey, IEquatable<ExtPubKey>
{
    /// <summary>Bytes without the four that name network and kind.</summary>
    public const int Length = 1 + 4 + 4 + 32 + 33;

    private const uint Hardened = 0x80000000;

    private readonly byte[] _chainCode;

    /// <summary>From its 74 bytes.</summary>
    public ExtPubKey(byte[] bytes)
        : this(bytes.AsSpan())
    {
    }

    /// <summary>From its 74 bytes.</summary>
    public ExtPubKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length) throw new FormatException($"An extended public key has {Length} bytes, this has {bytes.Length}.");
        Depth = bytes[0];
        ParentFingerprint = new HDFingerprint(bytes.Slice(1, 4));
        Child = BinaryPrimitives.ReadUInt32BigEndian(bytes[5..]);
        _chainCode = bytes.Slice(9, 32).ToArray();
        if (bytes[41] is not (2 or 3)) throw new FormatException("The extended key does not hold a compressed public key.");
        PubKey = new PubKey(bytes.Slice(41, 33));
        if (Depth == 0 && (Child != 0 || ParentFingerprint != default))
            throw new FormatException("A master key (depth 0) has neither a parent nor a number among its siblings.");
    }

    /// <summary>From its parts.</summary>
    public ExtPubKey(PubKey pubkey, byte[] chainCode, byte depth, HDFingerprint fingerprint, uint child)
    {
        ArgumentNullException.ThrowIfNull(pubkey);
        ArgumentNullException.ThrowIfNull(chainCode);
        if (chainCode.Length != 32) throw new ArgumentException("A chain code has 32 bytes.", nameof(chainCode));
        PubKey = pubkey.Compress();
        _chainCode = [.. chainCode];
        Depth = depth;
        ParentFingerprint = fingerprint;
        Child = child;
    }

    /// <summary>Its public key.</summary>
    public PubKey PubKey { get; }

    /// <summary>What makes its children unpredictable to those who only know the key.</summary>
    public byte[] ChainCode => [.. _chainCode];

    /// <summary>Steps from the master key.</summary>
    public byte Depth { get; }

    /// <summary>Its number among its siblings; the top bit means hardened.</summary>
    public uint Child { get; }

    /// <summary>Its parent.</summary>
    public HDFingerprint ParentFingerprint { get; }

    /// <summary>True when the step to it was hardened.</summary>
    public bool IsHardened => Child >= Hardened;

    /// <summary>The script that pays to the key itself (P2PK).</summary>
    public Script ScriptPubKey => PubKey.ScriptPubKey;

    /// <summary>Reads <c>xpub…</c> or <c>tpub…</c>.</summary>
    public static ExtPubKey Parse(string wif, Network expectedNetwork) => new BitcoinExtPubKey(wif, expectedNetwork).ExtPubKey;

    /// <summary>One step further (CKDpub). A hardened step needs the private key.</summary>
    public ExtPubKey Derive(uint index)
    {
        if (index >= Hardened) throw new InvalidOperationException("A hardened child cannot be derived from a public key.");
        if (Depth == byte.MaxValue) throw new InvalidOperationException("A key cannot be deeper than 255 steps.");
        Span<byte> data = stackalloc byte[37];
        PubKey.Bytes.CopyTo(data);
        BinaryPrimitives.WriteUInt32BigEndian(data[33..], index);
        Span<byte> hash = stackalloc byte[64];
        HMACSHA512.HashData(_chainCode, data, hash);
        var step = Curve.Number(hash[..32]);
        var point = Curve.MultiplyGenerator(step).Add(PubKey.Point).Normalize();
        if (step.CompareTo(Curve.N) >= 0 || point.IsInfinity) throw new InvalidOperationException("This child does not exist; take the next one.");
        return new ExtPubKey(new PubKey(point), hash[32..].ToArray(), (byte)(Depth + 1), PubKey.GetHDFingerPrint(), index);
    }

    /// <summary>Several steps further.</summary>
    public ExtPubKey Derive(KeyPath derivation)
    {
        ArgumentNullException.ThrowIfNull(derivation);
        return derivation.Indexes.Aggregate(this, (key, index) => key.Derive(index));
    }

    IHDKey? IHDKey.Derive(KeyPath keyPath) => keyPath.IsHardenedPath ? null : Derive(keyPath);

    /// <summary>Its public key.</summary>
    public PubKey GetPublicKey() => PubKey;

    /// <summary>The key as a network writes it.</summary>
    public BitcoinExtPubKey GetWif(Network network) => new(this, network);

    /// <summary>The key as a network writes it.</summary>
    public string ToString(Network network) => GetWif(network).ToString();

    /// <summary>True when the other was derived from this by one step, going by its fingerprint.</summary>
    public bool IsParentOf(ExtPubKey childKey)
    {
        ArgumentNullException.ThrowIfNull(childKey);
        return childKey.Depth == Depth + 1 && childKey.ParentFingerprint == PubKey.GetHDFingerPrint();
    }

    /// <summary>Its 74 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        bytes[0] = Depth;
        ParentFingerprint.ToBytes().CopyTo(bytes, 1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(5), Child);
        _chainCode.CopyTo(bytes, 9);
        PubKey.Bytes.CopyTo(bytes.AsSpan(41));
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(ExtPubKey? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExtPubKey);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PubKey, Child, Depth);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(ExtPubKey? a, ExtPubKey? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(ExtPubKey? a, ExtPubKey? b) => !(a == b);
}
