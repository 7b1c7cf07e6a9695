using System.Diagnostics.CodeAnalysis;
using NBitcoin.Crypto;
using NBitcoin.DataEncoders;
using Org.BouncyCastle.Math.EC;

namespace NBitcoin;

/// <summary>Something a script can name as a key.</summary>
[SuppressMessage("Design", "CA1040", Justification = "NBitcoin's interface.")]
public interface IPubKey
{
}

/// <summary>The standard ways to pay to one key.</summary>
public enum ScriptPubKeyType
{
    /// <summary>Pay to public key hash.</summary>
    Legacy,

    /// <summary>Pay to witness public key hash.</summary>
    Segwit,

    /// <summary>Pay to witness public key hash inside pay to script hash.</summary>
    SegwitP2SH,

    /// <summary>Pay to taproot with a key and no scripts.</summary>
    TaprootBIP86,
}

/// <summary>A public key on secp256k1, checked to be a point when made.</summary>
public class PubKey : IDestination, IComparable<PubKey>, IEquatable<PubKey>, IPubKey
{
    private readonly byte[] _bytes;

    /// <summary>From hexadecimal digits.</summary>
    public PubKey(string hex)
        : this(Encoders.Hex.DecodeData(hex))
    {
    }

    /// <summary>From 33 or 65 bytes.</summary>
    public PubKey(byte[] bytes)
        : this(bytes.AsSpan())
    {
    }

    /// <summary>From 33 or 65 bytes.</summary>
    public PubKey(ReadOnlySpan<byte> bytes)
        : this(Curve.TryDecode(bytes) ?? throw new FormatException("This is not a public key: no point of the curve is written like that."), bytes.ToArray())
    {
    }

    internal PubKey(ECPoint point)
        : this(point, point.GetEncoded(compressed: true))
    {
    }

    private PubKey(ECPoint point, byte[] bytes)
    {
        Point = point;
        _bytes = bytes;
    }

    internal ECPoint Point { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>True for the form of 33 bytes.</summary>
    public bool IsCompressed => _bytes.Length == 33;

    /// <summary>Its name in P2PKH.</summary>
    public KeyId Hash => field ??= new KeyId(Hashes.Hash160(_bytes));

    /// <summary>Its name in P2WPKH.</summary>
    public WitKeyId WitHash => field ??= new WitKeyId(Hashes.Hash160(_bytes));

    /// <summary>The script that pays to the key itself (P2PK).</summary>
    public Script ScriptPubKey => field ??= PayToPubkeyTemplate.Instance.GenerateScriptPubKey(this);

    /// <summary>The x coordinate, as taproot uses it inside.</summary>
    public TaprootInternalPubKey TaprootInternalKey => field ??= new TaprootInternalPubKey(Compress()._bytes.AsSpan(1));

    /// <summary>Reads 33 or 65 bytes, or says that they are no point.</summary>
    public static bool TryCreatePubKey(byte[] bytes, [MaybeNullWhen(false)] out PubKey pubKey)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return TryCreatePubKey(bytes.AsSpan(), out pubKey);
    }

    /// <summary>Reads 33 or 65 bytes, or says that they are no point.</summary>
    public static bool TryCreatePubKey(ReadOnlySpan<byte> bytes, [MaybeNullWhen(false)] out PubKey pubKey)
    {
        pubKey = Curve.TryDecode(bytes) is { } point ? new PubKey(point, bytes.ToArray()) : null;
        return pubKey is not null;
    }

    /// <summary>The same key in 33 bytes.</summary>
    public PubKey Compress() => IsCompressed ? this : new PubKey(Point);

    /// <summary>True when the key signed this hash.</summary>
    public bool Verify(uint256 hash, ECDSASignature sig)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(sig);
        return Curve.VerifyEcdsa(Point, hash, sig.R, sig.S);
    }

    /// <summary>The first four bytes of its name, by which wallets point at a master key.</summary>
    public HDFingerprint GetHDFingerPrint() => new(Hash.ToBytes().AsSpan(0, 4));

    /// <summary>A standard script that pays to the key.</summary>
    public Script GetScriptPubKey(ScriptPubKeyType type) => GetDestination(type).ScriptPubKey;

    /// <summary>A standard address of the key.</summary>
    public BitcoinAddress GetAddress(ScriptPubKeyType type, Network network) => GetDestination(type).GetAddress(network);

    /// <summary>A standard destination of the key.</summary>
    public IAddressableDestination GetDestination(ScriptPubKeyType type) => type switch
    {
        ScriptPubKeyType.Legacy => Hash,
        ScriptPubKeyType.Segwit => WitHash,
        ScriptPubKeyType.SegwitP2SH => WitHash.ScriptPubKey.Hash,
        ScriptPubKeyType.TaprootBIP86 => GetTaprootFullPubKey(),
        _ => throw new NotSupportedException("Unsupported ScriptPubKeyType"),
    };

    /// <summary>The key as taproot shows it outside, without scripts.</summary>
    public TaprootFullPubKey GetTaprootFullPubKey() => TaprootInternalKey.GetTaprootFullPubKey();

    /// <summary>The key as taproot shows it outside, with a tree of scripts.</summary>
    public TaprootFullPubKey GetTaprootFullPubKey(uint256? merkleRoot) => TaprootInternalKey.GetTaprootFullPubKey(merkleRoot);

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <summary>Its bytes in hexadecimal digits.</summary>
    public string ToHex() => Encoders.Hex.EncodeData(_bytes);

    /// <inheritdoc/>
    public override string ToString() => ToHex();

    /// <inheritdoc/>
    public int CompareTo(PubKey? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <inheritdoc/>
    public bool Equals(PubKey? pk) => pk is not null && _bytes.AsSpan().SequenceEqual(pk._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PubKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 1);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(PubKey? a, PubKey? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(PubKey? a, PubKey? b) => !(a == b);
}

/// <summary>Orders keys by their bytes, as BIP-67 does.</summary>
public class PubKeyComparer : IComparer<PubKey>
{
    private PubKeyComparer()
    {
    }

    /// <summary>The one there is.</summary>
    public static PubKeyComparer Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(PubKey? x, PubKey? y) => x is null ? (y is null ? 0 : -1) : x.CompareTo(y);
}
