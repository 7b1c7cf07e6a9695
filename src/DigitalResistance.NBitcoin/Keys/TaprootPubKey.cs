using System.Diagnostics.CodeAnalysis;
using NBitcoin.Crypto;
using NBitcoin.DataEncoders;

namespace NBitcoin;

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
