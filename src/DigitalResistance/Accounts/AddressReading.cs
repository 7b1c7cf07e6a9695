using NBitcoin;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Accounts;

/// <summary>
/// What somebody entered as an address, read: the address in its one spelling, or what is wrong and where. Positions count from 1.
/// It says where a slip is and never what should stand there: a corrected address may be somebody else's
/// (<see href="https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki">BIP-173</see>, "Error locations").
/// </summary>
public abstract record AddressReading
{
    private const string Bech32Characters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const string Base58Characters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static readonly string[] SegwitPrefixes = ["bc", "tb", "bcrt"];

    private AddressReading()
    {
    }

    /// <summary>An address of the expected network.</summary>
    public sealed record Good(string Address) : AddressReading;

    /// <summary>Nothing was entered.</summary>
    public sealed record Empty : AddressReading;

    /// <summary>A character that such an address never has.</summary>
    public sealed record BadCharacter(int Position) : AddressReading;

    /// <summary>Capital and small letters are mixed where only one kind may be.</summary>
    public sealed record MixedCase(int Position) : AddressReading;

    /// <summary>The checksum does not fit. Where at most two characters are wrong, <paramref name="First"/> and <paramref name="Second"/> say which.</summary>
    public sealed record BadChecksum(int? First, int? Second) : AddressReading;

    /// <summary>A good address of another network.</summary>
    public sealed record WrongNetwork(string Network) : AddressReading;

    /// <summary>A private key: whoever saw it owns the coins.</summary>
    public sealed record PrivateKey : AddressReading;

    /// <summary>No address that could be paid.</summary>
    public sealed record NotAnAddress : AddressReading;

    /// <summary>Reads what was entered.</summary>
    public static AddressReading Read(string? entered, Network expected)
    {
        var text = entered?.Trim() ?? "";
        if (text.Length == 0) return new Empty();
        // Nothing an address can be is longer; the work below grows with the length.
        if (text.Length > 120) return new NotAnAddress();
        var prefix = Array.Find(SegwitPrefixes, p => text.StartsWith(p + "1", StringComparison.OrdinalIgnoreCase));
        return (prefix is null ? Base58Mistake(text) : Bech32Mistake(text, prefix)) ?? OnNetwork(text, expected);
    }

    private static AddressReading? Bech32Mistake(string text, string prefix)
    {
        for (var i = prefix.Length + 1; i < text.Length; i++)
        {
            if (!Bech32Characters.Contains(char.ToLowerInvariant(text[i]), StringComparison.Ordinal)) return new BadCharacter(i + 1);
        }

        var (upper, lower) = (text.AsSpan().IndexOfAnyInRange('A', 'Z'), text.AsSpan().IndexOfAnyInRange('a', 'z'));
        if (upper >= 0 && lower >= 0) return new MixedCase(Math.Max(upper, lower) + 1);
        try
        {
            Encoders.Bech32(prefix).DecodeDataRaw(text.ToLowerInvariant(), out _);
            return null;
        }
        catch (Bech32FormatException exception)
        {
            var at = exception.ErrorIndexes;
            return new BadChecksum(at.Length > 0 ? at[0] + 1 : null, at.Length > 1 ? at[1] + 1 : null);
        }
        catch (FormatException)
        {
            return new BadChecksum(null, null);
        }
    }

    private static AddressReading? Base58Mistake(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!Base58Characters.Contains(text[i], StringComparison.Ordinal)) return new BadCharacter(i + 1);
        }

        try
        {
            var data = Encoders.Base58Check.DecodeData(text);
            // WIF: 0x80 or 0xEF, 32 bytes, maybe a mark of compression. Extended keys have 78 bytes; the private ones start 04 88 AD E4 or 04 35 83 94.
            var isKey = data is [0x80 or 0xEF, ..] && (data.Length == 33 || data.Length == 34);
            var isExtended = data.Length == 78 && data is [0x04, 0x88, 0xAD, 0xE4, ..] or [0x04, 0x35, 0x83, 0x94, ..];
            return isKey || isExtended ? new PrivateKey() : null;
        }
        catch (FormatException)
        {
            // Base58 cannot tell where: its checksum is a hash.
            return new BadChecksum(null, null);
        }
    }

    private static AddressReading OnNetwork(string text, Network expected)
    {
        if (Create(text, expected) is { } good) return new Good(good);
        return Network.GetNetworks().FirstOrDefault(n => n != expected && Create(text, n) is not null) is { } other
            ? new WrongNetwork(other.ChainName.ToString().ToLowerInvariant())
            : new NotAnAddress();
    }

    private static string? Create(string text, Network network)
    {
        try
        {
            return BitcoinAddress.Create(text, network).ToString();
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
