using System.ComponentModel;
using NBitcoin.Crypto;
using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>A hash that a standard script pays to; equal when kind and bytes are. NBitcoin has no such base: do not name it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class HashedDestination : IAddressableDestination
{
    private readonly byte[] _bytes;

    private protected HashedDestination(ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length != length) throw new FormatException($"This hash has {length} bytes, not {bytes.Length}.");
        _bytes = bytes.ToArray();
    }

    /// <summary>The script that pays to it.</summary>
    public Script ScriptPubKey => field ??= Script.FromBytesUnsafe(Pay(_bytes));

    private protected abstract byte[] Pay(byte[] hash);

    private protected abstract BitcoinAddress AddressOn(Network network);

    BitcoinAddress IAddressableDestination.GetAddress(Network network) => AddressOn(network);

    /// <inheritdoc/>
    public bool IsSupported(Network network) => true;

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <inheritdoc/>
    public override string ToString() => Encoders.Hex.EncodeData(_bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HashedDestination other && other.GetType() == GetType() && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_bytes, 0);

    /// <summary>Same kind and bytes.</summary>
    public static bool operator ==(HashedDestination? a, HashedDestination? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another kind or other bytes.</summary>
    public static bool operator !=(HashedDestination? a, HashedDestination? b) => !(a == b);
}

/// <summary>The hash of a key in P2PKH.</summary>
public class KeyId : HashedDestination
{
    /// <summary>From 20 bytes.</summary>
    public KeyId(byte[] value)
        : base(value, 20)
    {
    }

    /// <summary>From hexadecimal digits.</summary>
    public KeyId(string value)
        : this(Encoders.Hex.DecodeData(value))
    {
    }

    /// <summary>Its address.</summary>
    public BitcoinPubKeyAddress GetAddress(Network network) => new(this, network);

    private protected override BitcoinAddress AddressOn(Network network) => GetAddress(network);

    private protected override byte[] Pay(byte[] hash) =>
        [(byte)OpcodeType.OP_DUP, (byte)OpcodeType.OP_HASH160, 20, .. hash, (byte)OpcodeType.OP_EQUALVERIFY, (byte)OpcodeType.OP_CHECKSIG];
}

/// <summary>The hash of a key in P2WPKH.</summary>
public class WitKeyId : HashedDestination
{
    /// <summary>From 20 bytes.</summary>
    public WitKeyId(byte[] value)
        : base(value, 20)
    {
    }

    /// <summary>From hexadecimal digits.</summary>
    public WitKeyId(string value)
        : this(Encoders.Hex.DecodeData(value))
    {
    }

    /// <summary>The same hash taken for P2PKH, whose script BIP-143 signs.</summary>
    public KeyId AsKeyId() => new(ToBytes());

    /// <summary>Its address.</summary>
    public BitcoinWitPubKeyAddress GetAddress(Network network) => new(this, network);

    private protected override BitcoinAddress AddressOn(Network network) => GetAddress(network);

    private protected override byte[] Pay(byte[] hash) => [0, 20, .. hash];
}

/// <summary>The hash of a script in P2SH.</summary>
public class ScriptId : HashedDestination
{
    /// <summary>From 20 bytes.</summary>
    public ScriptId(byte[] value)
        : base(value, 20)
    {
    }

    /// <summary>From hexadecimal digits.</summary>
    public ScriptId(string value)
        : this(Encoders.Hex.DecodeData(value))
    {
    }

    /// <summary>Of a script.</summary>
    public ScriptId(Script script)
        : base(Hashes.Hash160(script.Bytes), 20)
    {
    }

    /// <summary>Its address.</summary>
    public BitcoinScriptAddress GetAddress(Network network) => new(this, network);

    private protected override BitcoinAddress AddressOn(Network network) => GetAddress(network);

    private protected override byte[] Pay(byte[] hash) => [(byte)OpcodeType.OP_HASH160, 20, .. hash, (byte)OpcodeType.OP_EQUAL];
}

/// <summary>The hash of a script in P2WSH.</summary>
public class WitScriptId : HashedDestination
{
    /// <summary>From 32 bytes.</summary>
    public WitScriptId(byte[] value)
        : base(value, 32)
    {
    }

    /// <summary>From hexadecimal digits.</summary>
    public WitScriptId(string value)
        : this(Encoders.Hex.DecodeData(value))
    {
    }

    /// <summary>Of a script.</summary>
    public WitScriptId(Script script)
        : base(Hashes.SHA256(script.Bytes), 32)
    {
    }

    /// <summary>Its address.</summary>
    public BitcoinWitScriptAddress GetAddress(Network network) => new(this, network);

    private protected override BitcoinAddress AddressOn(Network network) => GetAddress(network);

    private protected override byte[] Pay(byte[] hash) => [0, 32, .. hash];
}
