using DigitalResistance.Testing;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using DigitalResistance.Verify.Bitcoin;
using NBitcoin;

namespace DigitalResistance.Tests.Verify;

/// <summary>The verifier derives addresses by its own means: they are those of the BIPs, of Electrum, and of the treasury.</summary>
public sealed class WatchedDescriptorTests
{
    [Theory]
    [InlineData("wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)", "bitcoin", 0, 1, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g")] // BIP-84
    [InlineData("wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)", "bitcoin", 1, 0, "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el")]
    [InlineData("tr([73c5da0a/86'/0'/0']xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/<0;1>/*)", "bitcoin", 0, 0, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr")] // BIP-86
    [InlineData(TestTreasuries.TwoOfThree, "regtest", 0, 2, "bcrt1qrcwyzu0gywaa6uawqshrdstvy8k3xu7zzpeqydxwq6y7hpvrpcesqxzj65")] // Electrum 4.3.4
    [InlineData(TestTreasuries.OneKey, "regtest", 1, 0, "bcrt1qgp4tk7hmkkpdfdggmevp6ryk6pdrjgs6em3wmc")]
    public void It_gives_the_addresses_that_others_give(string text, string network, int branch, long index, string address) =>
        Assert.Equal(address, SegwitAddress.Of(WatchedDescriptor.Parse(text, network).Script(branch, index), network));

    [Theory]
    [InlineData(TestTreasuries.TwoOfThree)]
    [InlineData(TestTreasuries.OneKey)]
    [InlineData(TestTreasuries.Taproot)]
    public void It_agrees_with_the_treasury_on_every_address(string text)
    {
        var multi = text.Replace("sortedmulti", "multi", StringComparison.Ordinal);
        foreach (var written in new[] { text, multi })
        {
            var (treasury, watched) = (TestTreasuries.Parse(written), WatchedDescriptor.Parse(TestTreasuries.Parse(written).Text, "regtest"));
            for (var i = 0u; i < Needs.Depth(ci: 20, @long: 2000); i++)
            {
                var index = i * 104_729 % 0x80000000;
                foreach (var branch in new[] { Branch.Receive, Branch.Change }) Assert.Equal(treasury.Derive(branch, index).ScriptPubKey.ToBytes(), watched.Script((int)branch, index));
                Assert.Equal(treasury.Address(Branch.Receive, index), SegwitAddress.Of(watched.Script(0, index), "regtest"));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("wpkh()")]
    [InlineData("pkh(x/<0;1>/*)")]
    [InlineData("wsh(sortedmulti(3,a/<0;1>/*,b/<0;1>/*))")]
    [InlineData("wsh(sortedmulti(0,a/<0;1>/*))")]
    public void What_is_no_descriptor_is_refused(string text) => Assert.Throws<FormatException>(() => WatchedDescriptor.Parse(text, "regtest"));

    [Fact]
    public void A_key_of_another_network_or_with_a_wrong_letter_is_refused()
    {
        Assert.Throws<FormatException>(() => WatchedDescriptor.Parse(TestTreasuries.OneKey, "bitcoin"));
        Assert.Throws<FormatException>(() => WatchedDescriptor.Parse(TestTreasuries.OneKey.Replace("tpubDDk8", "tpubDDk9", StringComparison.Ordinal), "regtest"));
    }

    [Fact]
    public void A_transaction_has_the_id_and_the_parts_that_the_bitcoin_library_gives_it()
    {
        // Bitcoin Core, a payment with signatures apart (BIP-143's first example, signed).
        var bytes = Convert.FromHexString("01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000");
        var (ours, theirs) = (RawTransaction.Parse(bytes), Transaction.Load(bytes, Network.Main));
        Assert.Equal(theirs.GetHash().ToString(), ours.Txid);
        Assert.Equal(theirs.Inputs.Select(i => $"{i.PrevOut.Hash}:{i.PrevOut.N}"), ours.Inputs);
        Assert.Equal(theirs.Outputs.Select(o => o.Value.Satoshi), ours.Outputs.Select(o => o.Value));
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<FormatException>(() => RawTransaction.Parse(bytes.AsSpan(0, length)));
        var random = new Random(7);
        for (var i = 0; i < Needs.Depth(ci: 2000, @long: 200_000); i++)
        {
            var spoiled = bytes.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) spoiled[random.Next(spoiled.Length)] = (byte)random.Next(256);
            try
            {
                RawTransaction.Parse(spoiled);
            }
            catch (FormatException)
            {
            }
        }
    }
}
