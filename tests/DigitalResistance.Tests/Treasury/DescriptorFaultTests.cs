using DigitalResistance.Testing;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Treasury;

public sealed class DescriptorFaultTests
{
    private const string Key = "[e89702d2/84h/1h/0h]tpubDDk8ga1UFzxaqGmXxgrxjVKMT6y8tPBbvPYmPb2hdX8VDYXn6s7DbGJ6h4KkLwenz9oxJ4Diyn1tmpe9AzXS3VzayAppbaL8MxSwaksfmXo";
    private const string Master = "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB";

    public static TheoryData<string, DescriptorFaultKind, int> Faults => new()
    {
        { "", DescriptorFaultKind.Empty, 0 },
        { " \n", DescriptorFaultKind.Empty, 0 },
        { new string('(', 5000), DescriptorFaultKind.TooLong, 4000 },
        { "wpkh(Ü)", DescriptorFaultKind.ForeignCharacter, 5 },
        { $"pkh({Key}/<0;1>/*)", DescriptorFaultKind.Script, 0 },
        { $"sh(wpkh({Key}/<0;1>/*))", DescriptorFaultKind.Script, 0 },
        { $"wsh({Key}/<0;1>/*)", DescriptorFaultKind.Script, 0 },
        { "treasury", DescriptorFaultKind.Script, 0 },
        { $"wpkh({Key}/<1;0>/*)", DescriptorFaultKind.BranchesSwapped, 5 + Key.Length },
        { $"wpkh({Key}/0/*)", DescriptorFaultKind.Branches, 5 + Key.Length + 2 },
        { $"wpkh({Key})", DescriptorFaultKind.Branches, 5 + Key.Length },
        { $"wpkh({Key}/<0;1;2>/*)", DescriptorFaultKind.Branches, 5 + Key.Length },
        { $"wpkh({Key}/<0;1>)", DescriptorFaultKind.Branches, 5 + Key.Length },
        { $"wpkh({Key}/<0;1>/*h)", DescriptorFaultKind.HardenedStep, 5 + Key.Length + 8 },
        { $"wpkh({Key}/3h/<0;1>/*)", DescriptorFaultKind.HardenedStep, 5 + Key.Length + 2 },
        { $"wpkh({Key}/2147483648/<0;1>/*)", DescriptorFaultKind.Branches, 5 + Key.Length + 1 },
        { $"wpkh({Key}/007/<0;1>/*)", DescriptorFaultKind.Branches, 5 + Key.Length + 1 },
        { $"wpkh({Key}/<0;1>/*", DescriptorFaultKind.Syntax, 5 + Key.Length + 8 },
        { $"wpkh({Key}/<0;1>/*))", DescriptorFaultKind.Syntax, 5 + Key.Length + 9 },
        { $"wpkh({Key}/<0;1>/*,{Key}/<0;1>/*)", DescriptorFaultKind.Syntax, 5 + Key.Length + 8 },
        { $"wpkh({Key[20..]}/<0;1>/*)", DescriptorFaultKind.OriginMissing, 5 },
        { $"wpkh([e89702d/84h]{Key[20..]}/<0;1>/*)", DescriptorFaultKind.Origin, 6 },
        { $"wpkh([e89702d2/84h/]{Key[20..]}/<0;1>/*)", DescriptorFaultKind.Origin, 19 },
        { $"wpkh([e89702d2/84H]{Key[20..]}/<0;1>/*)", DescriptorFaultKind.Origin, 17 },
        { $"wpkh([e89702d2/84h/*]{Key[20..]}/<0;1>/*)", DescriptorFaultKind.Origin, 19 },
        { $"wpkh([e89702d2][e89702d2]{Key[20..]}/<0;1>/*)", DescriptorFaultKind.Key, 15 },
        { $"wpkh({Key[..^1]}p/<0;1>/*)", DescriptorFaultKind.Key, 25 },
        { "wpkh(0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600)", DescriptorFaultKind.Key, 5 },
        { $"wpkh({Master}/<0;1>/*)", DescriptorFaultKind.Network, 5 },
        { $"wsh(sortedmulti(0,{Key}/<0;1>/*))", DescriptorFaultKind.Threshold, 16 },
        { $"wsh(sortedmulti(2,{Key}/<0;1>/*))", DescriptorFaultKind.Threshold, 16 },
        { $"wsh(sortedmulti(a,{Key}/<0;1>/*))", DescriptorFaultKind.Threshold, 16 },
        { $"wsh(sortedmulti(1,{Key}/<0;1>/*,{Key}/<0;1>/*))", DescriptorFaultKind.DuplicateKey, 18 + Key.Length + 9 },
        { $"wsh(sortedmulti(1,{string.Join(',', Enumerable.Range(0, 16).Select(i => $"{Key}/{i}/<0;1>/*"))}))", DescriptorFaultKind.TooManyKeys, 18 + (15 * (Key.Length + 11)) + 5 },
        { "raw(deadbeef)#89f8spxmx", DescriptorFaultKind.Checksum, 13 },
        { "raw(deadbeef)#89f8spx", DescriptorFaultKind.Checksum, 13 },
        { "raw(deadbeef)#", DescriptorFaultKind.Checksum, 13 },
        { "raw(deedbeef)#89f8spxm", DescriptorFaultKind.Checksum, 6 },
        { "raw(deadbeef)##9f8spxm", DescriptorFaultKind.Checksum, 14 },
        { "raw(deadbeef)#89f8spxm", DescriptorFaultKind.Script, 0 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_descriptor_is_refused_with_the_reason_and_the_place(string text, DescriptorFaultKind kind, int position)
    {
        Assert.False(Descriptor.TryParse(text, Network.RegTest, out _, out var fault));
        Assert.Equal(new DescriptorFault(kind, position), fault);
    }

    [Theory] // BIP-380: private key expressions; the descriptors of others are never ours to hold.
    [InlineData("wpkh(xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc/<0;1>/*)", 5)]
    [InlineData("wpkh([deadbeef/0h/1h/2h]xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc/<0;1>/*)", 24)]
    [InlineData("xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc", 0)]
    [InlineData("zprvAdG4iTXWBoARxkkzNpNh8r6Qag3irQB8PzEMkAFeTRXxHpbF9z4QgEvBRmfvqWvGp42t42nvgGpNgYSJA9iefm1yYNZKEm7z6qUWCroSQnE", 0)]
    [InlineData("wpkh(L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1)", 5)]
    [InlineData("wpkh(5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss)", 5)]
    public void A_private_key_is_refused_and_never_repeated(string text, int position)
    {
        Assert.False(Descriptor.TryParse(text, Network.RegTest, out _, out var fault));
        Assert.Equal(new DescriptorFault(DescriptorFaultKind.PrivateKey, position), fault);
        var message = Assert.Throws<DescriptorException>(() => Descriptor.Parse(text, Network.RegTest)).ToString();
        Assert.DoesNotContain(text[(position + 4)..(position + 20)], message, StringComparison.Ordinal);
    }

    [Fact]
    public void Letters_of_a_private_key_inside_a_public_one_are_no_private_key()
    {
        // This public key happens to contain "prv": nothing to fear, only a checksum that does not fit.
        var text = $"wpkh({Key.Replace("VDYXn6s", "VprvXn6s", StringComparison.Ordinal)}/<0;1>/*)";
        Assert.False(Descriptor.TryParse(text, Network.RegTest, out _, out var fault));
        Assert.Equal(DescriptorFaultKind.Key, fault.Kind);
    }

    [Fact]
    public void A_master_key_needs_no_origin_and_is_its_own()
    {
        var treasury = Descriptor.Parse($"wpkh({Master}/<0;1>/*)", Network.Main);
        Assert.Equal(treasury.Keys[0].Key.ExtPubKey.PubKey.GetHDFingerPrint(), treasury.Keys[0].Origin.MasterFingerprint);
        Assert.DoesNotContain('[', treasury.Text);
    }

    [Fact]
    public void One_wrong_character_anywhere_is_found_and_its_place_is_told()
    {
        var text = TestTreasuries.Parse(TestTreasuries.OneKey).Text;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '#') continue;
            var wrong = text[at] == 'q' ? 'p' : 'q';
            Assert.False(Descriptor.TryParse(text[..at] + wrong + text[(at + 1)..], Network.RegTest, out _, out var fault));
            Assert.Equal(new DescriptorFault(DescriptorFaultKind.Checksum, at), fault);
        }
    }

    [Fact]
    public void Two_wrong_characters_are_refused_without_naming_a_wrong_place()
    {
        var text = TestTreasuries.Parse(TestTreasuries.OneKey).Text;
        Assert.False(Descriptor.TryParse(text.Replace("84h", "48h", StringComparison.Ordinal), Network.RegTest, out _, out var fault));
        Assert.Equal(new DescriptorFault(DescriptorFaultKind.Checksum, -1), fault);
    }

    [Fact]
    public void No_text_breaks_the_reader_in_another_way()
    {
        var valid = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Text;
        var random = new Random(20180416);
        for (var i = 0; i < Needs.Depth(1_000, 100_000); i++)
        {
            var text = valid.ToCharArray().ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0: text[at] = (char)random.Next(32, 127); break;
                    case 1: text.RemoveAt(at); break;
                    default: text.Insert(at, (char)random.Next(32, 127)); break;
                }
            }

            // Without its checksum, or nothing but the checksum would ever be tested.
            var mutated = new string([.. text]).Split('#')[0];
            if (Descriptor.TryParse(mutated, Network.RegTest, out var descriptor, out var fault)) Assert.NotEmpty(descriptor.Text);
            else Assert.InRange(fault.Position, -1, mutated.Length);
        }
    }
}
