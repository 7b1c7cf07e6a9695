using CsCheck;
using DigitalResistance.Accounts;

namespace DigitalResistance.Tests.Accounts;

/// <summary>The name of an account survives being copied by hand, and tells when it did not.</summary>
public sealed class AccountIdTests
{
    private static readonly Gen<AccountId> Ids = Gen.Const(0).Select(_ => AccountId.New());

    [Fact]
    public void Is_twenty_characters_and_a_check_in_groups_of_five() => Ids.Sample(id =>
    {
        Assert.Matches("^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]$", id.ToString());
        Assert.True(AccountId.TryParse(id.ToString(), out var read));
        Assert.Equal(id, read);
    });

    [Fact]
    public void Is_read_in_any_case_with_spaces_or_dashes_and_with_look_alikes() => Ids.Sample(id =>
    {
        var text = id.ToString();
        Assert.True(AccountId.TryParse(text.ToLowerInvariant().Replace('-', ' '), out var read) && read == id);
        Assert.True(AccountId.TryParse("  " + id.Value + "\t", out read) && read == id);
        Assert.True(AccountId.TryParse(text.Replace('1', 'l').Replace('0', 'o').Replace('V', 'u'), out read) && read == id);
        Assert.True(AccountId.TryParse(text.Replace('1', 'I').Replace('0', 'O').Replace('-', '\u2013'), out read) && read == id);
    });

    [Fact]
    public void Every_single_wrong_character_is_noticed()
    {
        var id = AccountId.New().Value;
        for (var at = 0; at < id.Length; at++)
        {
            foreach (var other in Base32.Alphabet.Where(c => c != id[at]))
                Assert.False(AccountId.TryParse(id[..at] + other + id[(at + 1)..], out _));
        }
    }

    [Fact]
    public void Every_exchange_of_two_characters_is_noticed() => Ids.Sample(id =>
    {
        for (var i = 0; i < id.Value.Length; i++)
        {
            for (var j = i + 1; j < id.Value.Length; j++)
            {
                if (id.Value[i] == id.Value[j]) continue;
                var swapped = id.Value.ToCharArray();
                (swapped[i], swapped[j]) = (swapped[j], swapped[i]);
                Assert.False(AccountId.TryParse(new string(swapped), out _));
            }
        }
    }, iter: 20);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7K3QX")]
    [InlineData("7K3QX-0M9TD-ZB4CA-R81WE-5!")]
    [InlineData("٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠")]
    public void Anything_else_is_none(string? text) => Assert.False(AccountId.TryParse(text, out _));
}
