using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>Something that can be paid to.</summary>
public interface IDestination
{
    /// <summary>The script that pays to it.</summary>
    Script ScriptPubKey { get; }
}

/// <summary>Something that can be paid to and written as an address.</summary>
public interface IAddressableDestination : IDestination
{
    /// <summary>True when the network has such addresses.</summary>
    bool IsSupported(Network network);

    /// <summary>Its address.</summary>
    BitcoinAddress GetAddress(Network network);
}

/// <summary>An address. Two are equal when their texts are, whatever the network.</summary>
public abstract class BitcoinAddress : IDestination, IBitcoinString
{
    private readonly string _text;

    private protected BitcoinAddress(string text, IDestination destination, Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _text = text;
        ScriptPubKey = destination.ScriptPubKey;
        Network = network;
    }

    /// <inheritdoc/>
    public Network Network { get; }

    /// <summary>The script that pays to it.</summary>
    public Script ScriptPubKey { get; }

    /// <summary>Reads an address of one network; <see cref="FormatException"/> says what is wrong with the text and where.</summary>
    public static BitcoinAddress Create(string str, Network expectedNetwork) => AddressText.Read(str, expectedNetwork);

    /// <inheritdoc/>
    public override string ToString() => _text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BitcoinAddress other && _text == other._text;

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Same text.</summary>
    public static bool operator ==(BitcoinAddress? a, BitcoinAddress? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another text.</summary>
    public static bool operator !=(BitcoinAddress? a, BitcoinAddress? b) => !(a == b);

    private protected static string Base58(byte version, ReadOnlySpan<byte> hash) => Encoders.Base58Check.EncodeData([version, .. hash]);

    private protected static string Segwit(Network network, byte version, ReadOnlySpan<byte> program) =>
        Encoders.Bech32(network.Prefixes.SegwitHrp).Encode(version, program.ToArray());
}

/// <summary>Pays to the hash of a key (P2PKH).</summary>
public class BitcoinPubKeyAddress(KeyId keyId, Network network)
    : BitcoinAddress(Base58(network.Prefixes.PubKeyAddress, keyId.Bytes), keyId, network)
{
    /// <summary>The hash.</summary>
    public KeyId Hash { get; } = keyId;
}

/// <summary>Pays to the hash of a script (P2SH).</summary>
public class BitcoinScriptAddress(ScriptId scriptId, Network network)
    : BitcoinAddress(Base58(network.Prefixes.ScriptAddress, scriptId.Bytes), scriptId, network)
{
    /// <summary>The hash.</summary>
    public ScriptId Hash { get; } = scriptId;
}

/// <summary>Pays to the hash of a key, signed in the witness (P2WPKH).</summary>
public class BitcoinWitPubKeyAddress(WitKeyId segwitKeyId, Network network)
    : BitcoinAddress(Segwit(network, 0, segwitKeyId.Bytes), segwitKeyId, network)
{
    /// <summary>The hash.</summary>
    public WitKeyId Hash { get; } = segwitKeyId;
}

/// <summary>Pays to the hash of a script, satisfied in the witness (P2WSH).</summary>
public class BitcoinWitScriptAddress(WitScriptId segwitScriptId, Network network)
    : BitcoinAddress(Segwit(network, 0, segwitScriptId.Bytes), segwitScriptId, network)
{
    /// <summary>The hash.</summary>
    public WitScriptId Hash { get; } = segwitScriptId;
}

/// <summary>Pays to a taproot key (P2TR).</summary>
public class TaprootAddress(TaprootPubKey pubKey, Network network)
    : BitcoinAddress(Segwit(network, 1, pubKey.ToBytes()), pubKey, network)
{
    /// <summary>The key.</summary>
    public TaprootPubKey PubKey { get; } = pubKey;
}
