using System.Text.Json;
using NBitcoin;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Tests.Bitcoin;

/// <summary>Addresses that Bitcoin Core and bitcoinjs test themselves with.</summary>
public sealed class AddressVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void Addresses_of_Core_give_their_scripts_and_private_keys_are_refused_without_repeating_them()
    {
        var (addresses, keys, offCurve) = (0, 0, 0);
        foreach (var test in Vectors.Json("core/key_io_valid.json").EnumerateArray())
        {
            var (text, hex, meta) = (test[0].GetString()!, test[1].GetString()!, test[2]);
            var network = Network.GetNetwork(meta.Text("chain"))!;
            if (meta.GetProperty("isPrivkey").GetBoolean())
            {
                var refused = Record.Exception(() => BitcoinAddress.Create(text, network));
                Assert.IsType<FormatException>(refused, exactMatch: false);
                Assert.DoesNotContain(text[1..^1], refused.Message, StringComparison.Ordinal);
                if (StandIn.IsUsed) Assert.Contains("private key", refused.Message, StringComparison.Ordinal);
                keys++;
            }
            else if (hex.Length == 68 && hex.StartsWith("5120", StringComparison.Ordinal) && !TaprootPubKey.TryCreate(Convert.FromHexString(hex[4..]), out _))
            {
                // Core lets people pay to a taproot key that is no point; nobody could ever spend that.
                Assert.IsType<FormatException>(Record.Exception(() => BitcoinAddress.Create(text, network)), exactMatch: false);
                offCurve++;
            }
            else if (Script.FromHex(hex).GetDestinationAddress(network) is { } address)
            {
                Assert.Equal(hex, BitcoinAddress.Create(text, network).ScriptPubKey.ToHex());
                Assert.Equal(text, address.ToString());
                if (meta.TryGetProperty("tryCaseFlip", out var flip) && flip.GetBoolean())
                    Assert.Equal(hex, BitcoinAddress.Create(text.ToUpperInvariant(), network).ScriptPubKey.ToHex());
                if (network != Network.Main) Assert.IsType<FormatException>(Record.Exception(() => BitcoinAddress.Create(text, Network.Main)), exactMatch: false);
                addresses++;
            }
            else
            {
                Assert.IsType<FormatException>(Record.Exception(() => BitcoinAddress.Create(text, network)), exactMatch: false);
                offCurve++;
            }
        }

        output.WriteLine($"key_io_valid.json: {addresses} addresses, {keys} private keys refused, {offCurve} that nobody could spend refused");
        Assert.Equal(70, addresses + keys + offCurve);
        Assert.True(addresses >= 36);
    }

    [Fact]
    public void Base58_is_read_and_written()
    {
        var tests = Vectors.Json("core/base58_encode_decode.json").EnumerateArray().ToArray();
        foreach (var test in tests)
        {
            var bytes = Convert.FromHexString(test[0].GetString()!);
            Assert.Equal(test[1].GetString(), Encoders.Base58.EncodeData(bytes));
            Assert.Equal(bytes, Encoders.Base58.DecodeData(test[1].GetString()!));
        }

        output.WriteLine($"base58_encode_decode.json: {tests.Length}");
        Assert.Equal(21, tests.Length);
    }

    [Fact]
    public void Scripts_of_Core_give_their_addresses_and_words()
    {
        var count = 0;
        foreach (var test in Vectors.Json("core/rpc_decodescript.json").EnumerateArray())
        {
            var script = Script.FromHex(test[0].GetString()!);
            var address = script.GetDestinationAddress(Network.RegTest);
            if (address is not null) Assert.Equal(test[1].Text("address"), address.ToString());
            if (test[1].Optional("p2sh") is { } p2sh) Assert.Equal(p2sh, script.Hash.GetAddress(Network.RegTest).ToString());
            if (test[1].TryGetProperty("segwit", out var segwit)) Assert.Equal(segwit.Text("address"), script.WitHash.GetAddress(Network.RegTest).ToString());
            Assert.Equal(test[1].Text("type") == "nulldata", TxNullDataTemplate.Instance.CheckScriptPubKey(script) && test[0].GetString() == "6a00");
            count++;
        }

        output.WriteLine($"rpc_decodescript.json: {count} scripts");
        Assert.Equal(10, count);
    }

    [Fact]
    public void Addresses_of_bitcoinjs_give_their_scripts()
    {
        var tests = Vectors.Json("bitcoinjs/address.json");
        var count = 0;
        foreach (var test in tests.GetProperty("standard").EnumerateArray().Where(t => t.Text("network") is "bitcoin" or "testnet" or "regtest"))
        {
            var network = test.Text("network") switch { "bitcoin" => Network.Main, "testnet" => Network.TestNet, _ => Network.RegTest };
            var script = new Script(test.Text("script"));
            if ((test.Optional("base58check") ?? test.Optional("bech32")) is not { } text || script.GetDestinationAddress(network) is not { } address) continue;
            Assert.Equal(text, address.ToString(), ignoreCase: true);
            Assert.Equal(script, BitcoinAddress.Create(text, network).ScriptPubKey);
            count++;
        }

        foreach (var test in tests.GetProperty("bech32").EnumerateArray())
        {
            var program = Encoders.Bech32(test.Text("prefix")).Decode(test.Text("address"), out var version);
            Assert.Equal(test.Text("data"), Convert.ToHexStringLower(program));
            Assert.Equal(test.GetProperty("version").GetInt32(), version);
            count++;
        }

        foreach (var test in tests.GetProperty("invalid").GetProperty("toOutputScript").EnumerateArray())
        {
            var network = Network.GetNetwork(test.Optional("network")?.Replace("bitcoin", "main", StringComparison.Ordinal) ?? "main") ?? Network.Main;
            // Versions to come are payable for bitcoinjs from version 2 on; here they are not.
            StandIn.AssertRefused(() => BitcoinAddress.Create(test.Text("address"), network), test.Text("address"));
            count++;
        }

        var invalid = tests.GetProperty("invalid");
        foreach (var test in invalid.GetProperty("bech32").EnumerateArray().Concat(invalid.GetProperty("fromBase58Check").EnumerateArray()))
        {
            foreach (var network in Network.GetNetworks()) StandIn.AssertRefused(() => BitcoinAddress.Create(test.Text("address"), network), test.Text("address"));
            count++;
        }

        foreach (var test in invalid.GetProperty("fromOutputScript").EnumerateArray())
        {
            Assert.Null(new Script(test.Text("script")).GetDestinationAddress(Network.Main));
            count++;
        }

        output.WriteLine($"bitcoinjs address.json: {count}");
        Assert.True(count >= 52);
    }

    [Theory]
    [InlineData("p2wpkh", 6)]
    [InlineData("p2wsh", 11)]
    [InlineData("p2tr", 28)]
    public void Payments_of_bitcoinjs_have_their_scripts_and_addresses(string kind, int expected)
    {
        var checkedParts = 0;
        var tests = Vectors.Json($"bitcoinjs/{kind}.json").GetProperty("valid").EnumerateArray().ToArray();
        foreach (var test in tests)
        {
            string? Part(string name) => test.GetProperty("arguments").Optional(name) ?? test.GetProperty("expected").Optional(name);
            if (Part("address") is not { } address || Part("output") is not { } script) continue;
            var network = address.StartsWith("tb1", StringComparison.Ordinal) ? Network.TestNet : Network.Main;
            Assert.Equal(new Script(script), BitcoinAddress.Create(address, network).ScriptPubKey);
            Assert.Equal(address, new Script(script).GetDestinationAddress(network)!.ToString());
            if (Part("pubkey") is { } key && kind == "p2wpkh") Assert.Equal(address, new PubKey(key).GetAddress(ScriptPubKeyType.Segwit, network).ToString());
            if (Part("pubkey") is { } outputKey && kind == "p2tr") Assert.Equal(address, TaprootPubKey.Parse(outputKey).GetAddress(network).ToString());
            if (Part("internalPubkey") is { } internalKey && kind == "p2tr" && !HasScripts(test))
                Assert.Equal(address, TaprootInternalPubKey.Parse(internalKey).GetTaprootFullPubKey().GetAddress(network).ToString());
            if (Redeem(test) is { } redeem && kind == "p2wsh") Assert.Equal(address, new Script(redeem).WitHash.GetAddress(network).ToString());
            checkedParts++;
        }

        // The other invalid ones are parts that do not fit together, which only a builder of payments is given.
        var refused = 0;
        foreach (var test in Vectors.Json($"bitcoinjs/{kind}.json").GetProperty("invalid").EnumerateArray().Where(t => Refusals.Contains(t.Text("exception")) && t.GetProperty("arguments").Optional("address") is not null))
        {
            var network = test.GetProperty("arguments").Optional("network") == "testnet" ? Network.TestNet : Network.Main;
            StandIn.AssertRefused(() => BitcoinAddress.Create(test.GetProperty("arguments").Text("address"), network), test.GetProperty("arguments").Text("address"));
            refused++;
        }

        output.WriteLine($"bitcoinjs {kind}.json: {refused} invalid addresses");
        Assert.True(refused >= 3);
        output.WriteLine($"bitcoinjs {kind}.json: {checkedParts} of {tests.Length} name both an address and a script");
        Assert.Equal(expected, tests.Length);
        Assert.True(checkedParts >= expected - 2);
    }

    private static readonly string[] Refusals = ["Invalid prefix or Network mismatch", "Invalid address version", "Invalid address data", "Invalid pubkey for p2tr"];

    private static bool HasScripts(JsonElement test) => new[] { "arguments", "expected", "options" }.Any(part =>
        test.TryGetProperty(part, out var element) && element.ValueKind == JsonValueKind.Object
        && new[] { "scriptTree", "redeem", "hash", "witness" }.Any(name => element.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null));

    private static string? Redeem(JsonElement test) =>
        test.GetProperty("arguments").TryGetProperty("redeem", out var redeem) ? redeem.Optional("output") : null;
}
