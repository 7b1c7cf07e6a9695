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
