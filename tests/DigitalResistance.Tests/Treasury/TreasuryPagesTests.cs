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
        var refused = await BeginAsync((await TreasurerAsync(careful)).Browser);
        Assert.Equal(422, refused.Status);
        Assert.Contains(refusal, refused.Text, StringComparison.Ordinal);
        Assert.Contains("Bitcoin:AllowSingleKey", refused.Text, StringComparison.Ordinal);

        await using var insisting = new MainApp(allowSingleKey: true);
        var (treasurer, secret) = await TreasurerAsync(insisting);
        Assert.Equal(302, (await BeginAsync(treasurer)).Status);
        var shown = await treasurer.OpenAsync($"/{language}/treasury/ceremony");
        AssertRed(shown);
        Assert.Contains("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", shown.Text, StringComparison.Ordinal);
        await treasurer.SubmitAsync(shown, "name=\"ConfirmCode\"", ("Mine", "73c5da0a"), ("ConfirmCode", NextCode(insisting, secret)));
        AssertRed(await treasurer.OpenAsync($"/{language}/treasury"));
        using var donor = insisting.NewVisitor();
        var donate = await donor.OpenAsync($"/{language}/donate");
        AssertRed(donate);
        AssertRed(await donor.SubmitAsync(donate, "name=\"Token\""));

        async Task<Page> BeginAsync(Visitor visitor) => await visitor.SendAsync(
            await visitor.OpenAsync($"/{language}/treasury/ceremony"), "name=\"Whole\"", ("Whole", one), ("StartHeight", "800000"));

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
    public async Task Key_holders_make_a_treasury_and_a_stranger_donates_to_it()
    {
        await using var app = new SandboxApp();
        var donor = app.NewVisitor();
        Assert.Contains("No treasury yet", (await donor.OpenAsync("/en/donate")).Text, StringComparison.Ordinal);

        var (treasurer, secret) = await TreasurerAsync(app);
        await treasurer.SubmitAsync(await treasurer.OpenAsync("/en/treasury/ceremony"), "name=\"Size\"", ("Threshold", "2"), ("Size", "3"));
        var give = await treasurer.OpenAsync("/en/treasury/ceremony");
        var refused = await treasurer.SendAsync(give, "name=\"Key\"", ("Key", "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc"));
        Assert.Equal(422, refused.Status);
        Assert.Contains("This is a private key.", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("xprvA1RpRA33", refused.Html, StringComparison.Ordinal);
        foreach (var secretPart in PrivatePartsTests.Secrets)
        {
            foreach (var field in new[] { "Key", "Fingerprint", "Path" })
            {
                refused = await treasurer.SendAsync(give, "name=\"Key\"", field == "Key" ? [(field, secretPart.Data.Item1)] : [("Key", Keys[0]), (field, secretPart.Data.Item1)]);
                Assert.Equal(422, refused.Status);
                Assert.DoesNotContain(secretPart.Data.Item2, refused.Html, StringComparison.Ordinal);
            }
        }

        // Nor does a wallet's file come back, or more than anybody reads, whatever is found in it.
        foreach (var text in new[] { "{\"passphrase\": \"correct horse battery staple\", ?}", new string('(', 600_000) + "correct horse battery staple" })
            Assert.DoesNotContain("correct horse", (await treasurer.SendAsync(give, "name=\"Key\"", ("Key", text))).Html, StringComparison.Ordinal);

        // What is no secret is sent back, so that the mistake can be corrected where it is.
        refused = await treasurer.SendAsync(give, "name=\"Key\"", ("Key", "nothing of a key"));
        Assert.Contains("nothing of a key", refused.Html, StringComparison.Ordinal);

        var (second, third) = (await TreasurerAsync(app), await TreasurerAsync(app));
        Visitor[] holders = [treasurer, second.Browser, third.Browser];
        byte[][] secrets = [secret, second.Secret, third.Secret];
        for (var i = 0; i < 3; i++)
        {
            var page = await holders[i].SubmitAsync(await holders[i].OpenAsync("/en/treasury/ceremony"), "name=\"Key\"", ("Key", Keys[i]), ("Device", "Trezor"));
            Assert.Contains("Your key is here.", page.Text, StringComparison.Ordinal);
            Assert.Contains("m/48h/1h/0h/2h", page.Text, StringComparison.Ordinal);
        }

        // Somebody who pasted another one by the same page sees both.
        var both = await treasurer.SendAsync(give, "name=\"Key\"", ("Key", TestTreasuries.OneKey[5..^1]));
        Assert.Equal(409, both.Status);
        Assert.Contains("e89702d2", both.Text, StringComparison.Ordinal);
        Assert.Contains("one holder, one key", both.Text, StringComparison.Ordinal);

        for (var i = 0; i < 3; i++)
        {
            var page = await holders[i].OpenAsync("/ru/treasury/ceremony");
            foreach (var index in new uint[] { 0, 1, 2 })
            {
                Assert.Contains(Treasury.Address(Branch.Receive, index), page.Text, StringComparison.Ordinal);
                Assert.Contains(Treasury.Address(Branch.Change, index), page.Text, StringComparison.Ordinal);
            }

            Assert.Equal(422, (await holders[i].SendAsync(page, "name=\"ConfirmCode\"", ("ConfirmCode", "000000"))).Status);
            var done = await holders[i].SubmitAsync(page, "name=\"ConfirmCode\"", ("ConfirmCode", NextCode(app, secrets[i])));
            Assert.Contains(i < 2 ? $"Подтвердили: {i + 1} из 3." : "казна принята", done.Text, StringComparison.Ordinal);
            if (i == 0) Assert.Contains("Ещё не подтвердили: 8dfc9b34, 56c4fac3.", done.Text, StringComparison.Ordinal);
        }

        Assert.Contains(Treasury.Sha256, (await treasurer.OpenAsync("/en/treasury")).Text, StringComparison.Ordinal);

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

    [Fact]
    public async Task A_key_is_taken_out_and_a_ceremony_given_up_only_with_a_fresh_code()
    {
        await using var app = new SandboxApp();
        var (treasurer, secret) = await TreasurerAsync(app);
        var page = await treasurer.SendAsync(await treasurer.OpenAsync("/ru/treasury/ceremony"), "name=\"Size\"", ("Threshold", "5"), ("Size", "3"));
        Assert.Equal(422, page.Status);
        Assert.Contains("От двух до пятнадцати ключей", page.Text, StringComparison.Ordinal);
        await treasurer.SubmitAsync(page, "name=\"Size\"", ("Threshold", "2"), ("Size", "3"));
        page = await treasurer.SubmitAsync(await treasurer.OpenAsync("/ru/treasury/ceremony"), "name=\"Key\"", ("Key", Keys[0]));
        Assert.Equal(422, (await treasurer.SendAsync(page, "name=\"OutCode\"", ("Out", "4ba43603"), ("OutCode", "123456"))).Status);
        page = await treasurer.SubmitAsync(page, "name=\"OutCode\"", ("Out", "4ba43603"), ("OutCode", NextCode(app, secret)));
        Assert.Contains("Ключ убран.", page.Text, StringComparison.Ordinal);
        Assert.Equal(422, (await treasurer.SendAsync(page, "name=\"EndCode\"", ("EndCode", "123456"))).Status);
        page = await treasurer.SubmitAsync(page, "name=\"EndCode\"", ("EndCode", NextCode(app, secret)));
        Assert.Contains("Церемония прекращена.", page.Text, StringComparison.Ordinal);
        using var admin = app.NewVisitor();
        await admin.SignInAsync(await app.NewPersonAsync(Roles.Admin));
        Assert.NotEqual(200, (await admin.GetAsync("/en/treasury/ceremony")).Status);
    }

    private static readonly Descriptor Treasury = TestTreasuries.Parse(TestTreasuries.TwoOfThree);
    private static readonly string[] Keys = [.. Treasury.Keys.Select(k => k.ToString())];

    private static async Task<(Visitor Browser, byte[] Secret)> TreasurerAsync(WebApp app)
    {
        var (person, visitor) = (await app.NewPersonAsync(Roles.Treasurer), app.NewVisitor());
        await visitor.SignInAsync(person);
        return (visitor, await visitor.SetUpAuthenticatorAsync(app, person));
    }

    private static string NextCode(WebApp app, byte[] secret)
    {
        app.Time.Advance(TimeSpan.FromSeconds(31));
        return Totp.Code(secret, Totp.StepOf(app.Time.GetUtcNow()));
    }

    /// <summary>The product on the main network, without a chain.</summary>
    private sealed class MainApp(bool allowSingleKey) : WebApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings =>
            [("Bitcoin:Network", "main"), ("Bitcoin:Backend", "none"), ("Bitcoin:LookAhead", "5"), ("Bitcoin:AllowSingleKey", allowSingleKey ? "true" : "false")];
    }
}
