using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Treasury;

public sealed class DescriptorTests
{
    [Fact] // BIP-84, test vectors; the key is the zpub given there with xpub's version bytes.
    public void Wpkh_gives_the_addresses_of_BIP_84()
    {
        var treasury = Descriptor.Parse(
            "wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)", Network.Main);
        Assert.Equal("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", treasury.Address(Branch.Receive, 0));
        Assert.Equal("bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g", treasury.Address(Branch.Receive, 1));
        Assert.Equal("bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el", treasury.Address(Branch.Change, 0));
    }

    [Fact] // BIP-86, test vectors
    public void Tr_gives_the_addresses_of_BIP_86()
    {
        var treasury = Descriptor.Parse(
            "tr([73c5da0a/86'/0'/0']xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/<0;1>/*)", Network.Main);
        Assert.Equal("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", treasury.Address(Branch.Receive, 0));
        Assert.Equal("bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh", treasury.Address(Branch.Receive, 1));
        Assert.Equal("bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7", treasury.Address(Branch.Change, 0));
        Assert.True(treasury.Derive(Branch.Receive, 0).IsTaproot);
    }

    [Fact] // Electrum 4.3.4, a watch-only 2of3 wallet with the same three keys: listaddresses
    public void Sortedmulti_gives_the_addresses_that_Electrum_gives()
    {
        var treasury = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
        Assert.Equal("bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8", treasury.Address(Branch.Receive, 0));
        Assert.Equal("bcrt1qnzwqxqtnmyz7tjuzxagfhkugl0g0h4ay3rgxjtx5233weskwdw0srrsk02", treasury.Address(Branch.Receive, 1));
        Assert.Equal("bcrt1qrcwyzu0gywaa6uawqshrdstvy8k3xu7zzpeqydxwq6y7hpvrpcesqxzj65", treasury.Address(Branch.Receive, 2));
        Assert.Equal("bcrt1qrjmmzx3qrg6x24cq68rdc6qaepw0y8j5y7wnwdwf482hcv5pd5xqm844pr", treasury.Address(Branch.Change, 0));
        Assert.Equal("bcrt1q75dtqz7239zvpcymy3d2zgwdyrgyzgalqquzf570qru4vw53xkpsl8wkdu", treasury.Address(Branch.Change, 1));
    }

    [Fact] // Electrum 4.3.4, a watch-only standard wallet with the same key: listaddresses
    public void Wpkh_gives_the_addresses_that_Electrum_gives()
    {
        var treasury = TestTreasuries.Parse(TestTreasuries.OneKey);
        Assert.Equal("bcrt1qvakvs9egvf7pek5hpdmz4kye5heshcwfunhcl4", treasury.Address(Branch.Receive, 0));
        Assert.Equal("bcrt1qmpthrnngacjdd9e3vzzslfrjy9df9vc0z7wvz2", treasury.Address(Branch.Receive, 2));
        Assert.Equal("bcrt1qgp4tk7hmkkpdfdggmevp6ryk6pdrjgs6em3wmc", treasury.Address(Branch.Change, 0));
    }

    [Fact]
    public void Each_key_comes_with_its_whole_path_from_the_master_key()
    {
        var script = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Derive(Branch.Change, 7);
        Assert.Equal(["4ba43603/48'/1'/0'/2'/1/7", "8dfc9b34/48'/1'/0'/2'/1/7", "56c4fac3/48'/1'/0'/2'/1/7"], script.Keys.Select(key => key.Path.ToString()));
        Assert.Equal(script.WitnessScript!.WitHash.ScriptPubKey, script.ScriptPubKey);
    }

    [Fact]
    public void Multi_keeps_the_order_of_its_keys_and_sortedmulti_does_not_care()
    {
        var sorted = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
        var keys = sorted.Keys.Select(key => key.ToString()).ToArray();
        string[] turned = [keys[2], keys[0], keys[1]];
        var sortedTurned = TestTreasuries.Parse($"wsh(sortedmulti(2,{string.Join(',', turned)}))");
        var multi = TestTreasuries.Parse($"wsh(multi(2,{string.Join(',', keys)}))");
        var multiTurned = TestTreasuries.Parse($"wsh(multi(2,{string.Join(',', turned)}))");
        Assert.Equal(sorted.Address(Branch.Receive, 5), sortedTurned.Address(Branch.Receive, 5));
        Assert.NotEqual(multi.Address(Branch.Receive, 5), multiTurned.Address(Branch.Receive, 5));
        Assert.Equal(multi.Derive(Branch.Receive, 5).Keys.Select(key => key.PubKey), PayToMultiSigTemplate.Instance.ExtractScriptPubKeyParameters(multi.Derive(Branch.Receive, 5).WitnessScript!)!.PubKeys);
    }

    [Fact]
    public void There_is_one_canonical_text_whatever_was_pasted()
    {
        var canonical = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
        var pasted = TestTreasuries.Parse("  " + TestTreasuries.TwoOfThree.Replace("h/", "'/", StringComparison.Ordinal).Replace("2h]", "2']", StringComparison.Ordinal) + "\r\n");
        Assert.Equal(canonical.Text, pasted.Text);
        Assert.Equal(canonical.Sha256, pasted.Sha256);
        Assert.Equal(canonical.Text, TestTreasuries.Parse(canonical.Text).Text);
        Assert.StartsWith(TestTreasuries.TwoOfThree + "#", canonical.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Unhardened_steps_before_the_branches_are_kept()
    {
        var plain = TestTreasuries.Parse(TestTreasuries.OneKey);
        var stepped = TestTreasuries.Parse(TestTreasuries.OneKey.Replace("/<0;1>", "/4/2/<0;1>", StringComparison.Ordinal));
        Assert.Equal("e89702d2/84'/1'/0'/4/2/1/3", stepped.Derive(Branch.Change, 3).Keys[0].Path.ToString());
        Assert.Equal(plain.Keys[0].Key.ExtPubKey.Derive(4).Derive(2).Derive(1).Derive(3).PubKey, stepped.Derive(Branch.Change, 3).Keys[0].PubKey);
        Assert.Contains("/4/2/<0;1>/*", stepped.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TestTreasuries.OneKey)]
    [InlineData(TestTreasuries.TwoOfThree)]
    [InlineData(TestTreasuries.Taproot)]
    public void Deriving_a_run_equals_deriving_one_by_one(string text)
    {
        var treasury = TestTreasuries.Parse(text);
        var run = treasury.DeriveRange(Branch.Receive, 40, 20);
        Assert.Equal(Enumerable.Range(40, 20).Select(i => treasury.Derive(Branch.Receive, (uint)i).ScriptPubKey), run.Select(script => script.ScriptPubKey));
        Assert.Equal(Enumerable.Range(40, 20).Select(i => (uint)i), run.Select(script => script.Index));
    }
}
