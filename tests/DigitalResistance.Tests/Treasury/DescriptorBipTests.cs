using System.Globalization;
using System.Text.RegularExpressions;
using DigitalResistance.Tests.Bitcoin.Bips;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Treasury;

/// <summary>
/// Every vector of BIP-380 to 389, written down from their texts. Most of their descriptors are none that a treasury may have (a fixed key,
/// a private one, another script): those are refused for what they are, with the place. What is valid gives the scripts that stand there.
/// </summary>
public sealed partial class DescriptorBipTests(ITestOutputHelper output)
{
    private const string Fixed = "03a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd";
    private const string Master = "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB";
    private const string MasterPrivate = "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U";
    private const string First = "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
    private const string Second = "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y";

    [Theory]
    [InlineData("bip-0380", 8, 21, 16)]
    [InlineData("bip-0381", 0, 17, 4)]
    [InlineData("bip-0382", 0, 12, 11)]
    [InlineData("bip-0383", 0, 9, 4)]
    [InlineData("bip-0384", 0, 4, 3)]
    [InlineData("bip-0385", 0, 4, 6)]
    [InlineData("bip-0386", 0, 6, 4)]
    [InlineData("bip-0387", 0, 6, 7)]
    [InlineData("bip-0389", 0, 6, 8)]
    public void Every_text_is_refused_for_what_it_is_with_its_place_and_no_private_part_is_repeated(string bip, int checksums, int valid, int invalid)
    {
        foreach (var row in BipVectors.Of(bip))
        {
            // A key expression alone is no descriptor.
            var (before, after) = bip == "bip-0380" && row[0] != "checksum" ? ("wpkh(", ")") : ("", "");
            AssertRefused(before + row[2] + after, row[1], before.Length);
        }

        foreach (var single in BipVectors.Of(bip, "valid").Where(_ => bip == "bip-0389").SelectMany(r => r[3].Split(';')))
            Assert.False(Descriptor.TryParse(single, Network.Main, out _, out _), "A treasury has both branches.");
        output.WriteLine($"{bip}: {checksums} checksums, {valid} valid and {invalid} invalid ones");
        Assert.Equal((checksums, valid, invalid), (BipVectors.Of(bip, "checksum").Count(), BipVectors.Of(bip, "valid").Count(), BipVectors.Of(bip, "invalid").Count()));
    }

    [Theory]
    [InlineData("bip-0381", 17)]
    [InlineData("bip-0382", 18)]
    [InlineData("bip-0383", 13)]
    [InlineData("bip-0384", 18)]
    [InlineData("bip-0385", 4)]
    [InlineData("bip-0386", 7)]
    [InlineData("bip-0387", 10)]
    public void Keys_and_templates_of_the_library_give_every_script_of_the_texts(string bip, int expected)
    {
        var count = 0;
        foreach (var row in BipVectors.Of(bip, "valid").Where(r => r[3].Length > 0))
        {
            foreach (var (index, scripts) in row[3].Split(';').Index())
            {
                Assert.Equal(scripts.Split(','), BipDescriptor.Scripts(row[2], (uint)index));
                count += scripts.Split(',').Length;
            }
        }

        output.WriteLine($"{bip}: {count} scripts");
        Assert.Equal(expected, count);
    }

    [Fact] // No page prints a wallet policy: a Ledger gets its policy from Sparrow, which reads the same descriptor.
    public void Policies_of_BIP_388_that_a_treasury_can_have_are_its_descriptors_and_templates_alone_are_none()
    {
        var (treasuries, others) = (0, 0);
        foreach (var row in BipVectors.Of("bip-0388", "valid"))
        {
            var (answer, text, template, keys) = (row[1], row[2], row[4], row[5].Split(','));
            Assert.Equal(text, Place().Replace(template, m => keys[int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture)]).Replace("/**", "/<0;1>/*", StringComparison.Ordinal));
            AssertRefused(template, row[3]);
            if (answer == "treasury")
            {
                var descriptor = Descriptor.Parse(text, Network.Main);
                Assert.Equal(text.Replace('\'', 'h'), descriptor.Text[..descriptor.Text.IndexOf('#', StringComparison.Ordinal)]);
                Assert.Equal(keys, descriptor.Keys.Select(k => $"[{k.Origin}]{k.Key}"));
                treasuries++;
            }
            else
            {
                AssertRefused(text, answer);
                others++;
            }
        }

        foreach (var row in BipVectors.Of("bip-0388", "invalid")) AssertRefused(row[2], row[1]);
        var invalid = BipVectors.Of("bip-0388", "invalid").Count();
        output.WriteLine($"bip-0388: {treasuries} policies that a treasury can have, {others} others, {invalid} invalid templates");
        Assert.Equal((3, 6, 9), (treasuries, others, invalid));
    }

    /// <summary>What the texts forbid, in the forms that a treasury has.</summary>
    public static TheoryData<string, DescriptorFaultKind> Spoiled => new()
    {
        // BIP-381 to 383
        { $"sh(wpkh({First}/<0;1>/*))", DescriptorFaultKind.Script },
        { $"wsh({Master}/<0;1>/*)", DescriptorFaultKind.Script },
        { $"wsh(multi(a,{Master}/<0;1>/*))", DescriptorFaultKind.Threshold },
        { $"wsh(multi(0,{Master}/<0;1>/*))", DescriptorFaultKind.Threshold },
        { $"wsh(multi(3,{Master}/<0;1>/*,[00000000/1]{Second}/<0;1>/*))", DescriptorFaultKind.Threshold },
        { $"wsh(multi(1,{Master}/<0;1>/*,{MasterPrivate}/<0;1>/*))", DescriptorFaultKind.PrivateKey },
        { $"wsh(multi(1,{Master}/<0;1>/*,{Fixed}))", DescriptorFaultKind.Key },
        // BIP-386 and 387
        { $"tr({Master}/<0;1>/*,pk({Fixed}))", DescriptorFaultKind.Syntax },
        { $"tr({Master}/<0;1>/*,multi_a(1,{Fixed}))", DescriptorFaultKind.Syntax },
        // BIP-388
        { $"wsh(multi(1,{Master}/<0;1>/*,{Master}/<0;1>/*))", DescriptorFaultKind.DuplicateKey },
        { $"wsh(multi(1,{Master}/<0;1>/*,{Master}/<1;2>/*))", DescriptorFaultKind.Branches },
        // BIP-389
        { $"wpkh({Master}/<0;1>/<2;3>)", DescriptorFaultKind.Branches },
        { $"wpkh({Master}/<0;1;2>/*)", DescriptorFaultKind.Branches },
        { $"wpkh([deadbeef/<0;1>]{Master}/0)", DescriptorFaultKind.Origin },
    };

    [Theory]
    [MemberData(nameof(Spoiled))]
    public void What_the_texts_forbid_is_refused_in_a_treasury_too(string text, DescriptorFaultKind kind)
    {
        Assert.False(Descriptor.TryParse(text, Network.Main, out _, out var fault));
        Assert.Equal(kind, fault.Kind);
    }

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

    private static void AssertRefused(string text, string answer, int before = 0)
    {
        Assert.False(Descriptor.TryParse(text, Network.Main, out _, out var fault), text);
        Assert.Equal(answer, $"{fault.Kind}@{fault.Position - before}");
        Assert.False(WalletExport.TryRead(text, Network.Main, out _, out var pasted), text);
        if (fault.Kind != DescriptorFaultKind.PrivateKey) return;
        Assert.Equal(fault, pasted);
        var (secret, message) = (Letters().Match(text, fault.Position).Value, new DescriptorException(fault).ToString());
        Assert.InRange(secret.Length, 51, 111);
        for (var at = 0; at + 6 <= secret.Length; at++) Assert.DoesNotContain(secret.AsSpan(at, 6), message, StringComparison.Ordinal);
    }

    [GeneratedRegex("@([0-9]+)", RegexOptions.None, 1000)]
    private static partial Regex Place();

    [GeneratedRegex("[0-9A-Za-z]+", RegexOptions.None, 1000)]
    private static partial Regex Letters();

    private static PubKey Derived(string key, string path) => path.Split('/').Aggregate(ExtPubKey.Parse(key, Network.Main), (node, step) => node.Derive(uint.Parse(step, null))).PubKey;
}
