using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Treasury;

/// <summary>The pages of donors and treasurers, in the whole product, without script.</summary>
public sealed class TreasuryPagesTests
{
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    public async Task A_donation_form_sent_several_times_at_once_opens_one_receipt_with_one_address(string language)
    {
        await using var app = new SandboxApp();
        await app.AdoptAsync();
        using var donor = app.NewVisitor();
        var form = await donor.OpenAsync($"/{language}/donate");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => donor.SendAsync(form, "name=\"Token\""))));
        Assert.All(answers, a => Assert.Equal((302, answers[0].Location), (a.Status, a.Location)));
        Assert.Equal(1, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Donation>().CountAsync()));
        Assert.Equal(200, (await donor.OpenAsync(answers[0].Location!)).Status);
    }

    [Theory] // BIP-84's key, which everybody knows.
    [InlineData("en", "One key", "Whoever loses or steals", "may not hold real money")]
    [InlineData("ru", "Один ключ", "Кто потеряет или украдёт", "не может хранить здесь настоящие деньги")]
    public async Task One_key_holds_real_money_only_where_that_is_set_and_is_shown_in_red_wherever_the_treasury_is(string language, string title, string text, string refusal)
    {
        const string one = "wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)";
        await using var careful = new MainApp(allowSingleKey: false);
        var refused = await LookAsync(await TreasurerOf(careful));
        Assert.Equal(422, refused.Status);
        Assert.Contains(refusal, refused.Text, StringComparison.Ordinal);
        Assert.Contains("Bitcoin:AllowSingleKey", refused.Text, StringComparison.Ordinal);

        await using var insisting = new MainApp(allowSingleKey: true);
        var treasurer = await TreasurerOf(insisting);
        var shown = await LookAsync(treasurer);
        AssertRed(shown);
        Assert.Contains("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", shown.Text, StringComparison.Ordinal);
        AssertRed(await treasurer.SubmitAsync(shown, "name=\"StartHeight\" value=\"800000\""));
        AssertRed(await treasurer.OpenAsync($"/{language}/treasury"));
        using var donor = insisting.NewVisitor();
        var donate = await donor.OpenAsync($"/{language}/donate");
        AssertRed(donate);
        AssertRed(await donor.SubmitAsync(donate, "name=\"Token\""));

        async Task<Visitor> TreasurerOf(MainApp app)
        {
            var person = await app.NewPersonAsync(Roles.Treasurer);
            var visitor = app.NewVisitor();
            await visitor.SignInAsync(person);
            await visitor.SetUpAuthenticatorAsync(app, person);
            return visitor;
        }

        async Task<Page> LookAsync(Visitor visitor) => await visitor.SendAsync(
            await visitor.OpenAsync($"/{language}/treasury/adopt"), "name=\"Text\"", ("Text", one), ("StartHeight", "800000"));

        void AssertRed(Page page)
        {
            Assert.Equal(200, page.Status);
            Assert.Matches($"<div class=\"notice danger\" role=\"alert\"><p class=\"title\">{title}</p>\\s*<p>{text}", System.Net.WebUtility.HtmlDecode(page.Html));
        }
    }

    [Fact]
    public async Task Several_keys_are_not_shown_as_one()
    {
        await using var app = new SandboxApp();
        await app.AdoptAsync();
        using var donor = app.NewVisitor();
        var donate = await donor.OpenAsync("/en/donate");
        Assert.DoesNotContain("One key", donate.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("One key", (await donor.SubmitAsync(donate, "name=\"Token\"")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_treasurer_adopts_a_treasury_and_a_stranger_donates_to_it()
    {
        await using var app = new SandboxApp();
        var donor = app.NewVisitor();
        Assert.Contains("No treasury yet", (await donor.OpenAsync("/en/donate")).Text, StringComparison.Ordinal);

        var person = await app.NewPersonAsync(Roles.Treasurer);
        var treasurer = app.NewVisitor();
        await treasurer.SignInAsync(person);
        await treasurer.SetUpAuthenticatorAsync(app, person);

        var adopt = await treasurer.OpenAsync("/en/treasury/adopt");
        var refused = await treasurer.SendAsync(adopt, "Show its addresses", ("Text", "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc"));
        Assert.Equal(422, refused.Status);
        Assert.DoesNotContain("xprvA1RpRA33", refused.Html, StringComparison.Ordinal);
        foreach (var secret in PrivatePartsTests.Secrets)
        {
            refused = await treasurer.SendAsync(adopt, "Show its addresses", ("Text", secret.Data.Item1));
            Assert.Equal(422, refused.Status);
            Assert.DoesNotContain(secret.Data.Item2, refused.Html, StringComparison.Ordinal);
        }

        // Nor does a wallet's file come back, or more than anybody reads, whatever is found in it.
        foreach (var text in new[] { "{\"passphrase\": \"correct horse battery staple\", ?}", new string('(', 600_000) + "correct horse battery staple" })
            Assert.DoesNotContain("correct horse", (await treasurer.SendAsync(adopt, "Show its addresses", ("Text", text))).Html, StringComparison.Ordinal);

        // What is no secret is sent back, so that the mistake can be corrected where it is.
        refused = await treasurer.SendAsync(adopt, "Show its addresses", ("Text", "wpkh(nothing)"));
        Assert.Contains("wpkh(nothing)", refused.Html, StringComparison.Ordinal);

        var shown = await treasurer.SendAsync(adopt, "Show its addresses", ("Text", TestTreasuries.TwoOfThree));
        Assert.Contains("bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8", shown.Text, StringComparison.Ordinal);
        var treasury = await treasurer.SubmitAsync(shown, "They are the same");
        Assert.Contains(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Sha256, treasury.Text, StringComparison.Ordinal);

        var receipt = await donor.SubmitAsync(await donor.OpenAsync("/ru/donate"), "Дать новый адрес");
        Assert.Contains("bcrt1qkpad42v3wkkt9hfww7vs7udr72pm32vyz5kgphkjm5m3z57pgz0swjhzs8", receipt.Text, StringComparison.Ordinal);
        Assert.Equal("image/png", (await donor.Http.GetAsync(receipt.Path + "/qr")).Content.Headers.ContentType?.MediaType);
        Assert.Equal(404, (await donor.GetAsync("/en/d/" + new string('a', 32))).Status);

        await app.InScopeAsync(async services =>
        {
            var chain = services.GetRequiredService<SandboxChain>();
            chain.Pay(TestTreasuries.Parse(TestTreasuries.TwoOfThree).Derive(Branch.Receive, 0).ScriptPubKey, new Sats(250_000));
            chain.Mine(3);
            return await services.GetRequiredService<ChainPass>().RunAsync(default);
        });
        Assert.Contains("В открытой книге", (await donor.OpenAsync(receipt.Path)).Text, StringComparison.Ordinal);
        Assert.Contains("0.00250000", (await treasurer.OpenAsync("/en/treasury")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await treasurer.GetAsync("/en/treasury/rounds/1")).Status);
        Assert.Equal(404, (await treasurer.GetAsync($"/en/treasury/batches/{Guid.NewGuid()}")).Status);
    }

    /// <summary>The product on the main network, without a chain.</summary>
    private sealed class MainApp(bool allowSingleKey) : WebApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings =>
            [("Bitcoin:Network", "main"), ("Bitcoin:Backend", "none"), ("Bitcoin:LookAhead", "5"), ("Bitcoin:AllowSingleKey", allowSingleKey ? "true" : "false")];
    }
}
