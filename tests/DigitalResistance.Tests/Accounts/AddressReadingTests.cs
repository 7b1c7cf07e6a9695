using System.Text.Json;
using DigitalResistance.Accounts;
using DigitalResistance.Testing;
using NBitcoin;

namespace DigitalResistance.Tests.Accounts;

public sealed class AddressReadingTests
{
    // BIP-173 and BIP-350's examples, and the genesis block's address.
    private const string Segwit = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    private const string Taproot = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";
    private const string Base58 = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

    private static AddressReading Read(string? text) => AddressReading.Read(text, Network.Main);

    [Theory]
    [InlineData(Segwit, Segwit)]
    [InlineData("  BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4\r\n", Segwit)]
    [InlineData(Taproot, Taproot)]
    [InlineData(Base58, Base58)]
    public void A_good_address_is_read_into_its_one_spelling(string text, string address) => Assert.Equal(new AddressReading.Good(address), Read(text));

    [Theory]
    [InlineData(null)]
    [InlineData(" \t ")]
    public void Nothing_is_told_apart_from_something_wrong(string? text) => Assert.IsType<AddressReading.Empty>(Read(text));

    [Fact]
    public void Each_wrong_character_of_a_segwit_address_is_found()
    {
        foreach (var address in new[] { Segwit, Taproot })
        {
            for (var i = 3; i < address.Length; i++)
            {
                foreach (var wrong in "qpz9".Where(c => c != address[i]))
                {
                    // The version decides which checksum is looked for, so a slip there may not be placed; elsewhere it always is.
                    var reading = Assert.IsType<AddressReading.BadChecksum>(Read(address[..i] + wrong + address[(i + 1)..]));
                    Assert.True(i == 3 || reading == new AddressReading.BadChecksum(i + 1, null), $"{address[i]} to {wrong} at {i + 1}: {reading}");
                }

                Assert.Equal(new AddressReading.BadCharacter(i + 1), Read(address[..i] + 'b' + address[(i + 1)..]));
            }
        }
    }

    [Fact]
    public void Two_wrong_characters_are_both_found()
    {
        for (var i = 4; i < Segwit.Length - 1; i++)
        {
            var j = i + 1 + (i * 7 % (Segwit.Length - i - 1));
            var text = Segwit.ToCharArray();
            (text[i], text[j]) = (text[i] == 'q' ? 'p' : 'q', text[j] == 'z' ? 'r' : 'z');
            Assert.Equal(new AddressReading.BadChecksum(i + 1, j + 1), Read(new string(text)));
        }
    }

    [Fact]
    public void A_slip_in_base58_is_noticed_and_a_character_it_does_not_know_is_shown()
    {
        Assert.Equal(new AddressReading.BadChecksum(null, null), Read(Base58.Replace('D', 'E')));
        Assert.Equal(new AddressReading.BadCharacter(9), Read("1A1zP1eP0QGefi2DMPTfTL5SLmv7DivfNa"));
        Assert.Equal(new AddressReading.BadCharacter(3), Read("1A 1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
    }

    [Fact]
    public void Mixed_letters_are_shown_where_they_change() => Assert.Equal(new AddressReading.MixedCase(5), Read("bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));

    [Theory]
    [InlineData("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "testnet")]
    [InlineData("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "regtest")]
    [InlineData("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "testnet")]
    public void A_good_address_of_another_network_is_named(string text, string network) => Assert.Equal(new AddressReading.WrongNetwork(network), Read(text));

    [Fact]
    public void A_real_address_is_refused_on_a_test_network() => Assert.Equal(new AddressReading.WrongNetwork("mainnet"), AddressReading.Read(Segwit, Network.RegTest));

    [Theory]
    [InlineData("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ")]
    [InlineData("L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ")]
    public void A_private_key_is_recognised_so_that_its_owner_can_be_warned(string text) => Assert.IsType<AddressReading.PrivateKey>(Read(text));

    [Theory]
    [InlineData("bc1sw50qgdz25j")]
    [InlineData("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4")]
    [InlineData("xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8")]
    public void What_nobody_could_spend_from_is_no_address(string text) => Assert.IsNotType<AddressReading.Good>(Read(text));

    [Fact]
    public void Bitcoin_Cores_own_examples_are_read_alike()
    {
        var vectors = JsonDocument.Parse(File.ReadAllText(Needs.Beside("shared/vectors/core/key_io_valid.json"))).RootElement;
        Dictionary<string, Network> networks = new() { ["main"] = Network.Main, ["test"] = Network.TestNet, ["testnet4"] = Network.TestNet4, ["signet"] = NBitcoin.Bitcoin.Instance.Signet, ["regtest"] = Network.RegTest };
        var seen = 0;
        foreach (var vector in vectors.EnumerateArray())
        {
            var (text, script, facts) = (vector[0].GetString()!, vector[1].GetString()!, vector[2]);
            var network = networks[facts.GetProperty("chain").GetString()!];
            if (facts.GetProperty("isPrivkey").GetBoolean())
            {
                Assert.IsType<AddressReading.PrivateKey>(AddressReading.Read(text, network));
                continue;
            }

            // Programs of witness versions to come are addresses for Core, but nobody could defend coins there yet.
            if (Convert.FromHexString(script)[0] is > 0x51 and <= 0x60) continue;
            if (AddressReading.Read(text, network) is AddressReading.Good(var address)) Assert.Equal(script, BitcoinAddress.Create(address, network).ScriptPubKey.ToHex());
            else Assert.StartsWith("51", script, StringComparison.Ordinal);
            seen++;
        }

        Assert.InRange(seen, 30, vectors.GetArrayLength());
    }
}
