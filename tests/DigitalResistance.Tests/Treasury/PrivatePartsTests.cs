using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Tests.Treasury;

/// <summary>Whatever can sign is told apart from whatever cannot. All keys and words here are from documentation, known to everybody.</summary>
public sealed class PrivatePartsTests
{
    private const string Words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    private const string Wif = "L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1";

    /// <summary>What is pasted, and the part of it that must not come back.</summary>
    public static TheoryData<string, string> Secrets => new()
    {
        { Wif, Wif },
        { $"pkh({Wif})", Wif },
        { $"raw({Wif}", Wif },
        { $"Name: {Wif}\n2 of 3", Wif },
        { Wif[..^1] + "2", Wif[..^1] },
        { "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss", "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss" },
        { "S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy", "S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy" },
        { $"sh(multi(1,{TestTreasuries.OneKey[5..^1]},Tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK))", "Tprv8ZgxMBicQKsPd7Uf69XL1Xwhmj" },
        { Words, "abandon" },
        { "  " + Words.ToUpperInvariant(), "ABANDON" },
        { string.Join('\n', Words.Split(' ').Select((word, i) => $"{i + 1}. {word}")), "abandon" },
        { Words[..^6], "abandon" },
        { "duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision keyboard", "duckling" },
        { $"{{\"keystore\": {{\"seed\": \"{Words}\"}}}}", "abandon" },
        { $"{{\"keystore\": {{\"seed\": \"{Words}\"", "abandon" },
        { $"{{\"keypairs\": {{\"02\": \"{Wif}\"}}, \"wallet_type\": \"imported\"}}", Wif },
        { $"{{\"xprv\": \"{Wif}\", ?}}", Wif },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void What_can_sign_is_refused_and_its_place_is_all_that_is_told(string text, string part)
    {
        Assert.False(WalletExport.TryRead(text, Network.Main, out _, out var fault));
        Assert.DoesNotContain(part[..4], new DescriptorException(fault).ToString(), StringComparison.Ordinal);
        // In a wallet's file that is broken the first suspicious word stands for the secret.
        Assert.Equal((DescriptorFaultKind.PrivateKey, IsBroken(text) ? 2 : text.IndexOf(part, StringComparison.Ordinal)), (fault.Kind, fault.Position));
    }

    [Theory]
    [InlineData("S6c56bnXQiBjk9mqSYE7ykVQ7NzrRz")]
    [InlineData("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu")]
    [InlineData("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")]
    [InlineData("0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600")]
    [InlineData("xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V")]
    [InlineData("please send the money for our servers to the address of our treasury as soon as you can")]
    public void What_cannot_sign_is_no_secret(string text)
    {
        Assert.False(WalletExport.TryRead(text, Network.Main, out _, out var fault));
        Assert.NotEqual(DescriptorFaultKind.PrivateKey, fault.Kind);
    }

    private static bool IsBroken(string text) => text[0] == '{' && (text[^1] != '}' || text.EndsWith("?}", StringComparison.Ordinal));
}
