using System.Diagnostics.CodeAnalysis;
using NBitcoin.Crypto;
using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>A taproot key before it is tweaked (https://github.com/bitcoin/bips/blob/master/bip-0341.mediawiki).</summary>
public class TaprootInternalPubKey : IEquatable<TaprootInternalPubKey>
{
    private readonly byte[] _bytes;

    /// <summary>From 32 bytes.</summary>
    public TaprootInternalPubKey(byte[] pubkey)
        : this(pubkey.AsSpan())
    {
    }

    /// <summary>From 32 bytes.</summary>
    public TaprootInternalPubKey(ReadOnlySpan<byte> pubkey)
    {
        if (Curve.TryLiftX(pubkey) is null) throw new FormatException("This is not an x-only public key.");
        _bytes = pubkey.ToArray();
    }

    /// <summary>Reads 32 bytes, or says that they are no x coordinate of a point.</summary>
    public static bool TryCreate(byte[] pubkey, [MaybeNullWhen(false)] out TaprootInternalPubKey result)
    {
        result = Curve.TryLiftX(pubkey) is null ? null : new TaprootInternalPubKey(pubkey);
        return result is not null;
    }

    /// <summary>From hexadecimal digits.</summary>
    public static TaprootInternalPubKey Parse(string hex) => new(Encoders.Hex.DecodeData(hex));

    /// <summary>The same x coordinate taken as an output key.</summary>
    public TaprootPubKey AsTaprootPubKey() => new(_bytes);

    /// <summary>The output key without scripts.</summary>
    public TaprootFullPubKey GetTaprootFullPubKey() => GetTaprootFullPubKey(null);

    /// <summary>The output key with a tree of scripts.</summary>
    public TaprootFullPubKey GetTaprootFullPubKey(uint256? merkleRoot) => TaprootFullPubKey.Create(this, merkleRoot);

    /// <summary>What is added to the key: the tagged hash of it and of the scripts.</summary>
    public byte[] ComputeTapTweak(uint256? merkleRoot) => Hashes.Tagged("TapTweak", _bytes, merkleRoot is null ? default : merkleRoot.ToBytes());

    /// <summary>Its 32 bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <inheritdoc/>
    public override string ToString() => Encoders.Hex.EncodeData(_bytes);

    /// <inheritdoc/>
    public bool Equals(TaprootInternalPubKey? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TaprootInternalPubKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 0);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(TaprootInternalPubKey? a, TaprootInternalPubKey? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(TaprootInternalPubKey? a, TaprootInternalPubKey? b) => !(a == b);
}

/// <summary>The key that a taproot output shows.</summary>
public class TaprootPubKey : IAddressableDestination, IPubKey, IComparable<TaprootPubKey>
{
    private readonly byte[] _bytes;

    /// <summary>From 32 bytes.</summary>
    public TaprootPubKey(byte[] pubkey)
        : this(pubkey.AsSpan())
    {
    }

    /// <summary>From 32 bytes.</summary>
    public TaprootPubKey(ReadOnlySpan<byte> pubkey)
    {
        if (pubkey.Length != 32) throw new ArgumentException("The pubkey size should be 32 bytes", nameof(pubkey));
        if (Curve.TryLiftX(pubkey) is null) throw new ArgumentException("Invalid taproot pubkey", nameof(pubkey));
        _bytes = pubkey.ToArray();
    }

    /// <summary>The script that pays to it.</summary>
    public Script ScriptPubKey => field ??= Script.FromBytesUnsafe([(byte)OpcodeType.OP_1, 32, .. _bytes]);

    /// <summary>Reads 32 bytes, or says that they are no x coordinate of a point.</summary>
    public static bool TryCreate(byte[] pubkey, [MaybeNullWhen(false)] out TaprootPubKey result) => TryCreate(pubkey.AsSpan(), out result);

    /// <summary>Reads 32 bytes, or says that they are no x coordinate of a point.</summary>
    public static bool TryCreate(ReadOnlySpan<byte> pubkey, [MaybeNullWhen(false)] out TaprootPubKey result)
    {
        result = Curve.TryLiftX(pubkey) is null ? null : new TaprootPubKey(pubkey);
        return result is not null;
    }

    /// <summary>From hexadecimal digits.</summary>
    public static TaprootPubKey Parse(string hex) =>
        TryCreate(Encoders.Hex.DecodeData(hex), out var key) ? key : throw new FormatException("This is not an x-only public key.");

    /// <summary>Its address.</summary>
    public TaprootAddress GetAddress(Network network) => new(this, network);

    BitcoinAddress IAddressableDestination.GetAddress(Network network) => GetAddress(network);

    bool IAddressableDestination.IsSupported(Network network) => true;

    /// <summary>True when the key signed this hash.</summary>
    public bool VerifySignature(uint256 hash, SchnorrSignature signature)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return VerifySignature(hash.ToBytes(), signature);
    }

    /// <summary>True when the key signed this message, of any length.</summary>
    public bool VerifySignature(ReadOnlySpan<byte> hash, SchnorrSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return Curve.VerifySchnorr(_bytes, hash, signature.Bytes);
    }

    /// <summary>Its 32 bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <inheritdoc/>
    public override string ToString() => Encoders.Hex.EncodeData(_bytes);

    /// <inheritdoc/>
    public int CompareTo(TaprootPubKey? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TaprootPubKey other && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 0);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(TaprootPubKey? a, TaprootPubKey? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(TaprootPubKey? a, TaprootPubKey? b) => !(a == b);
}

/// <summary>An output key together with how it came from its internal key.</summary>
public class TaprootFullPubKey : TaprootPubKey
{
    private TaprootFullPubKey(byte[] outputKey, bool parity, TaprootInternalPubKey internalKey, uint256? merkleRoot, byte[] tweak)
        : base(outputKey)
    {
        OutputKeyParity = parity;
        InternalKey = internalKey;
        MerkleRoot = merkleRoot;
        Tweak = tweak;
        OutputKey = new TaprootPubKey(outputKey);
    }

    /// <summary>True when the output point has an odd y.</summary>
    public bool OutputKeyParity { get; }

    /// <summary>The tree of scripts, or null.</summary>
    public uint256? MerkleRoot { get; }

    /// <summary>What was added to the internal key.</summary>
    public ReadOnlyMemory<byte> Tweak { get; }

    /// <summary>The key before the tweak.</summary>
    public TaprootInternalPubKey InternalKey { get; }

    /// <summary>The key that outputs show.</summary>
    public TaprootPubKey OutputKey { get; }

    /// <summary>https://github.com/bitcoin/bips/blob/master/bip-0341.mediawiki#constructing-and-spending-taproot-outputs.</summary>
    public static TaprootFullPubKey Create(TaprootInternalPubKey internalKey, uint256? merkleRoot)
    {
        ArgumentNullException.ThrowIfNull(internalKey);
        var tweak = internalKey.ComputeTapTweak(merkleRoot);
        var number = Curve.Number(tweak);
        if (number.CompareTo(Curve.N) >= 0) throw new FormatException("The taproot tweak is out of range.");
        var point = Curve.MultiplyGenerator(number).Add(Curve.TryLiftX(internalKey.Bytes)).Normalize();
        if (point.IsInfinity) throw new FormatException("The taproot tweak cancels the key.");
        return new TaprootFullPubKey(point.AffineXCoord.GetEncoded(), point.AffineYCoord.TestBitZero(), internalKey, merkleRoot, tweak);
    }
}

/// <summary>Where a taproot key comes from and in which script leaves it appears.</summary>
public class TaprootKeyPath
{
    /// <summary>For the key path only.</summary>
    public TaprootKeyPath(RootedKeyPath rootedKeyPath)
        : this(rootedKeyPath, null)
    {
    }

    /// <summary>For these leaves as well.</summary>
    public TaprootKeyPath(RootedKeyPath rootedKeyPath, uint256[]? leafHashes)
    {
        ArgumentNullException.ThrowIfNull(rootedKeyPath);
        RootedKeyPath = rootedKeyPath;
        LeafHashes = leafHashes ?? [];
    }

    /// <summary>Hashes of the leaves.</summary>
    public uint256[] LeafHashes { get; }

    /// <summary>Where the key comes from.</summary>
    public RootedKeyPath RootedKeyPath { get; }

    /// <inheritdoc/>
    public override string ToString() => RootedKeyPath.ToString();
}
