using System.Text.RegularExpressions;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Returns;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>Somebody who lost everything comes back by the pages; somebody who only says so is stopped.</summary>
public sealed partial class ReturnPageTests
{
    private const string Phrase = "a new lamp on the old tower";

    [Fact]
    public async Task Who_lost_everything_comes_back_after_the_admins_and_the_days()
    {
        await using var app = new WebApp();
        var owner = await app.NewPersonAsync();
        using var earlier = app.NewVisitor();
        await earlier.SignInAsync(owner);
        await earlier.SetUpAuthenticatorAsync(app, owner);
        using var visitor = app.NewVisitor();
        Assert.Contains("/ru/account/return", (await visitor.OpenAsync("/ru/account/sign-in")).Html, StringComparison.Ordinal);
        Assert.Contains("14 days later", (await visitor.OpenAsync("/en/account/new")).Text, StringComparison.Ordinal);
        Assert.Contains("столько дней: 14", (await visitor.OpenAsync("/ru/account/new")).Text, StringComparison.Ordinal);
        var asked = await visitor.SubmitAsync(await visitor.OpenAsync("/en/account/return"), "name=\"AccountId\"", ("AccountId", owner.AccountId));
        var code = ShownCode().Match(asked.Html).Groups[1].Value;
        Assert.DoesNotContain(code, (await visitor.OpenAsync("/en/account/return")).Html, StringComparison.Ordinal);
        Assert.Contains("It waits for admins", (await visitor.OpenAsync("/en/account/return/" + code)).Text, StringComparison.Ordinal);
        // The owner, wherever still signed in, is warned in both languages.
        Assert.Contains("Somebody asks to be let into your account", (await earlier.OpenAsync("/en/my")).Text, StringComparison.Ordinal);
        Assert.Contains("Кто-то просит впустить", (await earlier.OpenAsync("/ru/account")).Text, StringComparison.Ordinal);

        using var alice = await AdminAsync(app);
        using var boris = await AdminAsync(app);
        foreach (var admin in new[] { alice, boris })
        {
            var page = await admin.Browser.OpenAsync("/ru/admin/returns");
            Assert.DoesNotContain(owner.AccountId, page.Html, StringComparison.Ordinal);
            var request = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<AccountReturn>().Select(r => r.Id).SingleAsync());
            await admin.Browser.SubmitAsync(page, "name=\"Which\"", ("Which", $"{request}"), ("Code", admin.NextCode()));
        }

        Assert.Contains("The admins agreed", (await visitor.OpenAsync("/en/account/return/" + code)).Text, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromDays(14));
        var form = await visitor.OpenAsync("/en/account/return/" + code);
        var secret = Authenticators.SecretOf(form);
        (string, string)[] values = [("Input.Password", Phrase), ("Input.Again", Phrase)];
        Assert.Equal(422, (await visitor.SendAsync(form, "Input.Pending", [.. values, ("Input.OneTimeCode", "000000")])).Status);
        Assert.Equal(422, (await visitor.SendAsync(form, "Input.Pending", ("Input.Password", "short"), ("Input.Again", "short"), ("Input.OneTimeCode", "000000"))).Status);
        var codes = await visitor.SubmitAsync(form, "Input.Pending", [.. values, ("Input.OneTimeCode", Totp.Code(secret, Totp.StepOf(app.Time.GetUtcNow())))]);
        Assert.Equal("/en/account/codes", codes.Path);
        Assert.DoesNotContain(owner.RecoveryCodes[0], codes.Html, StringComparison.Ordinal);
        Assert.Equal(200, (await visitor.GetAsync("/en/my")).Status);

        // Everything of before is worth nothing.
        app.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.StartsWith("/en/account/sign-in", (await earlier.OpenAsync("/en/my")).Path, StringComparison.Ordinal);
        using var thief = app.NewVisitor();
        Assert.Equal(422, (await thief.SignInAsync(owner)).Status);
        Assert.StartsWith("/en/account/sign-in/code", (await thief.SignInAsync(owner with { Password = Phrase })).Path, StringComparison.Ordinal);
        Assert.Contains("It is over", (await thief.OpenAsync("/en/account/return/" + code)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_owner_stops_it_and_nobody_learns_whether_there_was_an_account()
    {
        await using var app = new WebApp();
        var owner = await app.NewPersonAsync();
        using var visitor = app.NewVisitor();
        var real = await AskAsync(owner.AccountId);
        var none = await AskAsync(AccountId.New().ToString());
        Assert.Equal(Said(real.Page), Said(none.Page));
        using var home = app.NewVisitor();
        await home.SignInAsync(owner);
        Assert.Contains("Stopped", (await home.SubmitAsync(await home.OpenAsync("/en/my"), "stop it")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Somebody asks", (await home.OpenAsync("/en/my")).Text, StringComparison.Ordinal);
        Assert.Equal(Said(await visitor.OpenAsync("/en/account/return/" + real.Code)), Said(await visitor.OpenAsync("/en/account/return/" + none.Code)));
        Assert.DoesNotContain(app.Log, line => line.Contains(real.Code, StringComparison.Ordinal) || line.Contains(owner.AccountId, StringComparison.Ordinal));

        async Task<(Page Page, string Code)> AskAsync(string id)
        {
            var page = await visitor.SubmitAsync(await visitor.OpenAsync("/en/account/return"), "name=\"AccountId\"", ("AccountId", id));
            return (page, ShownCode().Match(page.Html).Groups[1].Value);
        }

        // Codes, references, instants to the second, and hidden fields are each one's own.
        static string Said(Page page) => Own().Replace(page.Html, "…");
    }

    private static async Task<StaffMemberAtBrowser> AdminAsync(WebApp app)
    {
        var (person, browser) = (await app.NewPersonAsync(Roles.Admin), app.NewVisitor());
        await browser.SignInAsync(person);
        return new(app, browser, await browser.SetUpAuthenticatorAsync(app, person));
    }

    [GeneratedRegex("class=\"secret\">([0-9A-Z-]{23})<")]
    private static partial Regex ShownCode();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>|[0-9A-Z]{5}(-[0-9A-Z]{5}){3}|[0-9A-Z]{4}-[0-9A-Z]{4}|<time[^>]*>[^<]*</time>")]
    private static partial Regex Own();

    private sealed record StaffMemberAtBrowser(WebApp App, Visitor Browser, byte[] Secret) : IDisposable
    {
        public string NextCode()
        {
            App.Time.Advance(TimeSpan.FromSeconds(31));
            return Totp.Code(Secret, Totp.StepOf(App.Time.GetUtcNow()));
        }

        public void Dispose() => Browser.Dispose();
    }
}
