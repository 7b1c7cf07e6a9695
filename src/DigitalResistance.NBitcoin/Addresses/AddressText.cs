using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>
/// Reads what people paste as an address. It never repeats the text in a message (somebody may have pasted a private
/// key), but says what is wrong, at which position, and which network the text belongs to when it is not the expected one.
/// </summary>
internal static class AddressText
{
    public static BitcoinAddress Read(string text, Network network)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(network);
        if (text.Length == 0) throw new FormatException("The address is empty.");
        var blank = text.AsSpan().IndexOfAny(" \t\r\n");
        if (blank >= 0) throw new FormatException($"There is a blank at position {blank + 1}.");
        return SegwitNetworks(text) is { Length: > 0 } networks ? ReadSegwit(text, network, networks) : ReadBase58(text, network);
    }

    /// <summary>Networks whose segwit addresses begin like this text; none for base58.</summary>
    private static Network[] SegwitNetworks(string text) =>
        Network.GetNetworks().Where(n => text.StartsWith(n.Prefixes.SegwitHrp + "1", StringComparison.OrdinalIgnoreCase)).ToArray();

    private static BitcoinAddress ReadSegwit(string text, Network network, Network[] networks)
    {
        // The expected network decides only after the checksum held: a slip in the prefix is a slip, not another network.
        var program = Encoders.Bech32(networks[0].Prefixes.SegwitHrp).Decode(text, out var version);
        if (!networks.Contains(network)) throw OtherNetwork(networks, network);
        return (version, program.Length) switch
        {
            (0, 20) => new BitcoinWitPubKeyAddress(new WitKeyId(program), network),
            (0, 32) => new BitcoinWitScriptAddress(new WitScriptId(program), network),
            (1, 32) => TaprootPubKey.TryCreate(program, out var key)
                ? new TaprootAddress(key, network)
                : throw new FormatException("The taproot key is not a point of the curve: nobody could ever spend what is sent there."),
            _ => throw new FormatException(
                $"Witness version {version} with {program.Length} bytes has no meaning yet: anybody could take what is sent there."),
        };
    }

    private static BitcoinAddress ReadBase58(string text, Network network)
    {
        if (text.Length > 120) throw new FormatException($"The text has {text.Length} characters, more than any address.");
        var data = Encoders.Base58Check.DecodeData(text);
        if (data.Length == 78) throw NotAnAddress(IsPrivate(data, p => p.ExtSecretKey) ? "an extended private key" : "an extended public key");
        if (data.Length is 33 or 34 && IsPrivate(data, p => [p.SecretKey])) throw NotAnAddress("a private key");
        if (data.Length != 21) throw new FormatException($"An address holds 20 bytes after its kind, this holds {Math.Max(0, data.Length - 1)}.");
        var hash = data[1..];
        if (data[0] == network.Prefixes.PubKeyAddress) return new BitcoinPubKeyAddress(new KeyId(hash), network);
        if (data[0] == network.Prefixes.ScriptAddress) return new BitcoinScriptAddress(new ScriptId(hash), network);
        var networks = Network.GetNetworks().Where(n => data[0] == n.Prefixes.PubKeyAddress || data[0] == n.Prefixes.ScriptAddress).ToArray();
        throw networks.Length > 0 ? OtherNetwork(networks, network) : new FormatException("The address is of no bitcoin network.");
    }

    private static bool IsPrivate(byte[] data, Func<NetworkPrefixes, byte[]> prefix) =>
        Network.GetNetworks().Any(n => data.AsSpan().StartsWith(prefix(n.Prefixes)));

    private static FormatException NotAnAddress(string what) =>
        new($"This is {what}, not an address.{(what.Contains("private", StringComparison.Ordinal) ? " Whoever reads it owns the coins: consider it lost and move them." : "")}");

    private static FormatException OtherNetwork(Network[] networks, Network expected) =>
        new($"This is an address of {string.Join(" or ", networks.Select(n => n.Name))}; an address of {expected.Name} is expected.");
}
