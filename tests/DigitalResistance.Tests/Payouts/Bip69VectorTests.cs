using System.Text.Json;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Bitcoin;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Payouts;

/// <summary>The order of inputs and outputs in a payout is that of BIP-69, by its published vectors.</summary>
public sealed class Bip69VectorTests(ITestOutputHelper output)
{
    private static readonly byte[] Commitment = new byte[32];

    [Fact]
    public void Inputs_stand_as_BIP_69_orders_them()
    {
        var script = TestTreasuries.Parse(TestTreasuries.OneKey).Derive(Branch.Receive, 0);
        var tests = Vectors.Json("bcoin/bip69.json").GetProperty("inputs").EnumerateArray().ToArray();
        foreach (var test in tests)
        {
            var coins = test.GetProperty("inputs").EnumerateArray()
                .Select((input, at) => new SpentCoin(at, input.Text("txId"), input.GetProperty("vout").GetInt32(), new Sats(1_000), script, [])).ToArray();
            var ordered = PayoutTransaction.Create(coins, [], null, Commitment, Network.RegTest).Inputs;
            Assert.Equal(Expected(test).Select(at => coins[at].Outpoint), ordered.Select(input => input.PrevOut));
        }

        output.WriteLine($"bip69.json: {tests.Length} orders of inputs");
        Assert.Equal(6, tests.Length);
    }

    [Fact]
    public void Outputs_stand_as_BIP_69_orders_them()
    {
        var tests = Vectors.Json("bcoin/bip69.json").GetProperty("outputs").EnumerateArray().ToArray();
        foreach (var test in tests)
        {
            var payments = test.GetProperty("outputs").EnumerateArray()
                .Select(o => new PlannedPayment(Guid.NewGuid(), "", new Sats(o.GetProperty("value").GetInt64()), Script.FromHex(o.Text("script")))).ToArray();
            // The commitment is the one output that is not in the vector; it holds nothing and so comes first.
            var ordered = PayoutTransaction.Create([], payments, null, Commitment, Network.RegTest).Outputs.Skip(1);
            Assert.Equal(
                Expected(test).Select(at => (payments[at].Amount.Value, payments[at].Script.ToHex())),
                ordered.Select(o => (o.Value.Satoshi, o.ScriptPubKey.ToHex())));
        }

        output.WriteLine($"bip69.json: {tests.Length} orders of outputs");
        Assert.Equal(6, tests.Length);
    }

    private static IEnumerable<int> Expected(JsonElement test) => test.GetProperty("expected").EnumerateArray().Select(at => at.GetInt32());
}
