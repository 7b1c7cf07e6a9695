using System.Text.RegularExpressions;
using NBitcoin;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Tests.Bitcoin.Bips;

/// <summary>Bech32 and bech32m (https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki).</summary>
public sealed partial class Bip173And350Tests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("bip-0173", "bech32", 7, 12)]
    [InlineData("bip-0350", "bech32m", 7, 14)]
    public void Texts_are_read_and_written_with_the_right_checksum_only(string bip, string kind, int valid, int invalid)
    {
        StandIn.Only("it takes some prefixes that the BIP forbids; no address has one");
        var encoding = kind == "bech32" ? Bech32EncodingType.BECH32 : Bech32EncodingType.BECH32M;
        foreach (var row in BipVectors.Of(bip, "valid " + kind))
        {
            var text = Unescape(row[1]);
            var encoder = EncoderOf(text);
            var data = encoder.DecodeDataRaw(text, out var found);
            Assert.Equal(encoding.EncodingConstant, found.EncodingConstant);
            Assert.Equal(text.ToLowerInvariant(), encoder.EncodeRaw(data, encoding));
            valid--;
        }

        foreach (var row in BipVectors.Of(bip, "invalid " + kind))
        {
            StandIn.AssertRefused(() => EncoderOf(Unescape(row[1])).DecodeDataRaw(Unescape(row[1]), out _), row[2]);
            invalid--;
        }

        Assert.Equal((0, 0), (valid, invalid));
    }

    [Fact]
    public void Addresses_of_every_witness_version_are_read_written_and_turned_into_scripts()
    {
        var count = 0;
        foreach (var row in BipVectors.Of("bip-0350", "valid address").Concat(BipVectors.Of("bip-0173", "valid address").Where(r => r[2].StartsWith("00", StringComparison.Ordinal))))
        {
            var encoder = EncoderOf(row[1]);
            var program = encoder.Decode(row[1], out var version);
            var opcode = version == 0 ? OpcodeType.OP_0 : OpcodeType.OP_1 - 1 + version;
            Assert.Equal(row[2], PayToWitTemplate.Instance.GenerateScriptPubKey(opcode, program).ToHex());
            Assert.Equal(row[1].ToLowerInvariant(), encoder.Encode(version, program));
            count++;
        }

        output.WriteLine($"BIP-173 and BIP-350: {count} addresses");
        Assert.Equal(11, count);
    }

    [Fact]
    public void Every_invalid_address_of_the_texts_is_refused_on_every_network()
    {
        var rows = BipVectors.Of("bip-0350", "invalid address").Concat(BipVectors.Of("bip-0173", "invalid address")).ToArray();
        foreach (var row in rows)
            foreach (var network in Network.GetNetworks())
                StandIn.AssertRefused(() => BitcoinAddress.Create(Unescape(row[1]), network), row[2]);
        Assert.Equal(25, rows.Length);
    }

    [Fact]
    public void A_version_without_meaning_is_not_paid_to()
    {
        foreach (var row in BipVectors.Of("bip-0350", "valid address").Where(r => r[2][..2] is not ("00" or "51") || r[2].Length != 68 && r[2][..2] == "51"))
            StandIn.AssertRefused(() => BitcoinAddress.Create(row[1], Network.Main), row[1]);
    }

    private static Bech32Encoder EncoderOf(string text) => Encoders.Bech32(text.LastIndexOf('1') is > 0 and var at ? text[..at].ToLowerInvariant() : "bc");

    private static string Unescape(string text) => Escape().Replace(text, m => ((char)Convert.ToInt32(m.Groups[1].Value, 16)).ToString());

    [GeneratedRegex(@"\\u([0-9a-f]{4})", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escape();
}
