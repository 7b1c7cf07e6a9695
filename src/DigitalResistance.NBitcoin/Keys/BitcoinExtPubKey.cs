namespace NBitcoin;

/// <summary>An extended public key as a network writes it: <c>xpub…</c> or <c>tpub…</c>.</summary>
public class BitcoinExtPubKey : IDestination, IHDKey, IBitcoinString
{
    private readonly string _text;

    /// <summary>Reads it.</summary>
    public BitcoinExtPubKey(string base58, Network expectedNetwork)
    {
        ArgumentNullException.ThrowIfNull(base58);
        ArgumentNullException.ThrowIfNull(expectedNetwork);
        var data = DataEncoders.Encoders.Base58Check.DecodeData(base58);
        ReadOnlySpan<byte> version = expectedNetwork.Prefixes.ExtPubKey;
        if (data.AsSpan().StartsWith(expectedNetwork.Prefixes.ExtSecretKey))
            throw new FormatException("This is a private key. Never paste one anywhere; the public key is enough.");
        if (!data.AsSpan().StartsWith(version)) throw new FormatException($"This is not an extended public key of {expectedNetwork.Name}.");
        ExtPubKey = new ExtPubKey(data.AsSpan(version.Length));
        Network = expectedNetwork;
        _text = base58;
    }

    /// <summary>Of a key.</summary>
    public BitcoinExtPubKey(ExtPubKey key, Network network)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(network);
        ExtPubKey = key;
        Network = network;
        _text = DataEncoders.Encoders.Base58Check.EncodeData([.. network.Prefixes.ExtPubKey, .. key.ToBytes()]);
    }

    /// <summary>The key.</summary>
    public ExtPubKey ExtPubKey { get; }

    /// <inheritdoc/>
    public Network Network { get; }

    /// <summary>The script that pays to the key itself (P2PK).</summary>
    public Script ScriptPubKey => ExtPubKey.ScriptPubKey;

    /// <summary>One step further.</summary>
    public BitcoinExtPubKey Derive(uint index) => new(ExtPubKey.Derive(index), Network);

    /// <summary>Several steps further.</summary>
    public BitcoinExtPubKey Derive(KeyPath keyPath) => new(ExtPubKey.Derive(keyPath), Network);

    IHDKey? IHDKey.Derive(KeyPath keyPath) => keyPath.IsHardenedPath ? null : Derive(keyPath);

    /// <summary>Its public key.</summary>
    public PubKey GetPublicKey() => ExtPubKey.PubKey;

    /// <inheritdoc/>
    public override string ToString() => _text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BitcoinExtPubKey other && _text == other._text;

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Same text.</summary>
    public static bool operator ==(BitcoinExtPubKey? a, BitcoinExtPubKey? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Another text.</summary>
    public static bool operator !=(BitcoinExtPubKey? a, BitcoinExtPubKey? b) => !(a == b);
}
