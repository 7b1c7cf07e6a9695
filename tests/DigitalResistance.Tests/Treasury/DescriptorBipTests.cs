using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Treasury;

/// <summary>
/// Vectors of BIP-380 to 386 and 389, written down from their texts. Most of their descriptors are none that a treasury may have (a fixed key,
/// a private one, another script): those are refused for what they are. What has extended public keys gives the scripts that stand there.
/// </summary>
public sealed class DescriptorBipTests
{
    private const string Fixed = "03a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd";
    private const string XOnly = "a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd";
    private const string Uncompressed = "04a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd5b8dec5235a0fa8722476c7709c02559e3aa73aa03918ba2d492eea75abea235";
    private const string Wif = "L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1";
    private const string UncompressedWif = "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss";
    private const string Master = "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB";
    private const string MasterPrivate = "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U";
    private const string Child = "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH";
    private const string First = "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
    private const string Second = "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y";

    public static TheoryData<string, DescriptorFaultKind> NoTreasury => new()
    {
        // BIP-381
        { $"pkh({Wif})", DescriptorFaultKind.Script },
        { $"pkh({Fixed})", DescriptorFaultKind.Script },
        { $"sh(pk({Fixed}))", DescriptorFaultKind.Script },
        { $"sh(sh(pkh({Fixed})))", DescriptorFaultKind.Script },
        // BIP-382
        { $"wpkh({Wif})", DescriptorFaultKind.PrivateKey },
        { $"wpkh({Fixed})", DescriptorFaultKind.Key },
        { $"wpkh([ffffffff/13']{Child}/1/2/*)", DescriptorFaultKind.Branches },
        { "sh(wpkh(xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi/10/20/30/40/*'))", DescriptorFaultKind.PrivateKey },
        { $"wsh(pkh({Fixed}))", DescriptorFaultKind.Script },
        { $"wsh(pk({Fixed}))", DescriptorFaultKind.Script },
        { $"sh(wsh(pkh({Fixed})))", DescriptorFaultKind.Script },
        { $"wpkh({UncompressedWif})", DescriptorFaultKind.PrivateKey },
        { $"wpkh({Uncompressed})", DescriptorFaultKind.Key },
        { $"sh(wpkh({Uncompressed}))", DescriptorFaultKind.Script },
        { $"wsh(pk({Uncompressed}))", DescriptorFaultKind.Script },
        { $"wsh(wpkh({Fixed}))", DescriptorFaultKind.Script },
        { $"wsh(wsh(pkh({Fixed})))", DescriptorFaultKind.Script },
        { $"wpkh(wsh(pkh({Fixed})))", DescriptorFaultKind.Key },
        { $"wsh({Fixed})", DescriptorFaultKind.Script },
        // BIP-383, the thresholds as a treasury would write them
        { $"multi(1,{Fixed},{Uncompressed})", DescriptorFaultKind.Script },
        { $"sh(multi(2,{First}/*,{Second}/0/0/*))", DescriptorFaultKind.Script },
        { $"wsh(multi(2,{MasterPrivate}/2147483647'/0,{Second}/1/2/*))", DescriptorFaultKind.PrivateKey },
        { $"wsh(multi(a,{Master}/<0;1>/*))", DescriptorFaultKind.Threshold },
        { $"wsh(multi(0,{Master}/<0;1>/*))", DescriptorFaultKind.Threshold },
        { $"wsh(multi(3,{Master}/<0;1>/*,[00000000/1]{Second}/<0;1>/*))", DescriptorFaultKind.Threshold },
        // BIP-384 and 385
        { $"combo({Fixed})", DescriptorFaultKind.Script },
        { "raw(512103a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd4104a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd5b8dec5235a0fa8722476c7709c02559e3aa73aa03918ba2d492eea75abea23552ae)", DescriptorFaultKind.Script },
        { "addr(3PUNyaW7M55oKWJ3kDukwk9bsKvryra15j)", DescriptorFaultKind.Script },
        // BIP-386
        { $"tr({XOnly})", DescriptorFaultKind.Key },
        { $"tr({Wif})", DescriptorFaultKind.PrivateKey },
        { $"tr({XOnly},pk(669b8afcec803a0d323e9a17f3ea8e68e8abe5a278020a929adbec52421adbd0))", DescriptorFaultKind.Key },
        { $"tr({Master}/<0;1>/*,pk({Fixed}))", DescriptorFaultKind.Syntax },
        { $"tr({UncompressedWif})", DescriptorFaultKind.PrivateKey },
        { $"tr({Uncompressed})", DescriptorFaultKind.Key },
        { $"wsh(tr({XOnly}))", DescriptorFaultKind.Script },
        { $"sh(tr({XOnly}))", DescriptorFaultKind.Script },
        // BIP-389
        { $"pk({Second}/<0;1>)", DescriptorFaultKind.Script },
        { $"pkh({MasterPrivate}/<2147483647h;0>/0)", DescriptorFaultKind.PrivateKey },
        { $"wpkh([ffffffff/13h]{Child}/<1;3>/2/*)", DescriptorFaultKind.Branches },
        { $"multi(2,{First}/<1;2>/*,{Second}/<3;4>/0/*)", DescriptorFaultKind.Script },
        { $"pkh({Master}/<0;1;2>)", DescriptorFaultKind.Script },
        { $"wpkh({Master}/<0;1>/<2;3>)", DescriptorFaultKind.Branches },
        { $"wpkh([deadbeef/<0;1>]{Master}/0)", DescriptorFaultKind.Origin },
        { $"wpkh({Master}/<>/*)", DescriptorFaultKind.Branches },
        { $"wpkh({Master}/0>/*)", DescriptorFaultKind.Branches },
        { $"wpkh({Master}/<0/*)", DescriptorFaultKind.Branches },
        { $"wpkh({Master}/<0;>/*)", DescriptorFaultKind.Branches },
    };

    [Theory]
    [MemberData(nameof(NoTreasury))]
    public void What_is_a_descriptor_and_no_treasury_is_refused_for_what_it_is(string text, DescriptorFaultKind kind)
    {
        Assert.False(Descriptor.TryParse(text, Network.Main, out _, out var fault));
        Assert.Equal(kind, fault.Kind);
    }

    [Fact] // BIP-382: wpkh([ffffffff/13']xpub…/1/2/*)
    public void Keys_of_a_witness_key_give_its_scripts() => Assert.Equal(
        ["0014326b2249e3a25d5dc60935f044ee835d090ba859", "0014af0bd98abc2f2cae66e36896a39ffe2d32984fb7", "00141fa798efd1cbf95cebf912c031b8a4a6e9fb9f27"],
        Enumerable.Range(0, 3).Select(i => Derived(Child, $"1/2/{i}").GetScriptPubKey(ScriptPubKeyType.Segwit).ToHex()));

    [Fact] // BIP-383: sortedmulti(2,xpub…/*,xpub…/0/0/*)
    public void Sorted_keys_of_a_multisig_give_its_scripts() => Assert.Equal(
        [
            "5221025d5fc65ebb8d44a5274b53bac21ff8307fec2334a32df05553459f8b1f7fe1b62102fbd47cc8034098f0e6a94c6aeee8528abf0a2153a5d8e46d325b7284c046784652ae",
            "52210264fd4d1f5dea8ded94c61e9641309349b62f27fbffe807291f664e286bfbe6472103f4ece6dfccfa37b211eb3d0af4d0c61dba9ef698622dc17eecdf764beeb005a652ae",
            "5221022ccabda84c30bad578b13c89eb3b9544ce149787e5b538175b1d1ba259cbb83321024d902e1a2fc7a8755ab5b694c575fce742c48d9ff192e63df5193e4c7afe1f9c52ae",
        ],
        Enumerable.Range(0, 3).Select(i => PayToMultiSigTemplate.Instance.GenerateScriptPubKey(2, true, Derived(First, $"{i}"), Derived(Second, $"0/0/{i}")).ToHex()));

    [Fact] // BIP-386: tr(key)
    public void A_key_gives_its_taproot_script() => Assert.Equal(
        "512077aab6e066f8a7419c5ab714c12c67d25007ed55a43cadcacb4d7a970a093f11",
        new PubKey(Fixed).GetScriptPubKey(ScriptPubKeyType.TaprootBIP86).ToHex());

    [Fact] // BIP-389: <0;1> stands for two descriptors, in this order
    public void Two_branches_are_two_descriptors()
    {
        var descriptor = Descriptor.Parse($"wsh(sortedmulti(2,[00000000/1]{First}/7/<0;1>/*,[00000001/1]{Second}/<0;1>/*))", Network.Main);
        foreach (var branch in new[] { Branch.Receive, Branch.Change })
        {
            Assert.Equal(
                PayToMultiSigTemplate.Instance.GenerateScriptPubKey(2, true, Derived(First, $"7/{(int)branch}/5"), Derived(Second, $"{(int)branch}/5")).WitHash.ScriptPubKey,
                descriptor.Derive(branch, 5).ScriptPubKey);
        }
    }

    [Fact] // BIP-32 writes a key's depth in one byte
    public void A_key_too_deep_to_have_children_is_refused_and_not_a_surprise()
    {
        var key = ExtPubKey.Parse(First, Network.Main);
        string Deep(byte depth) => $"wpkh([00000000/1]{new ExtPubKey(key.PubKey, key.ChainCode, depth, new HDFingerprint(7u), 3).ToString(Network.Main)}/<0;1>/*)";
        Assert.NotNull(Descriptor.Parse(Deep(253), Network.Main).Derive(Branch.Change, 1).ScriptPubKey);
        Assert.Equal(DescriptorFaultKind.Branches, Assert.Throws<DescriptorException>(() => Descriptor.Parse(Deep(254), Network.Main)).Fault.Kind);
        Assert.Equal(DescriptorFaultKind.Branches, Assert.Throws<DescriptorException>(() => Descriptor.Parse(Deep(255), Network.Main)).Fault.Kind);
    }

    private static PubKey Derived(string key, string path) => path.Split('/').Aggregate(ExtPubKey.Parse(key, Network.Main), (node, step) => node.Derive(uint.Parse(step, null))).PubKey;
}
