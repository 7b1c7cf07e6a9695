using DigitalResistance.Accounts;

namespace DigitalResistance.Tests.Web;

/// <summary>The first minutes of a new installation.</summary>
public sealed class SetupTests
{
    [Fact]
    public async Task A_plain_first_start_opens_on_the_set_up_page_and_its_link_makes_one_admin()
    {
        await using var app = new WebApp();
        using var visitor = app.NewVisitor();
        var setup = await visitor.OpenAsync("/");
        Assert.Equal("/en/setup", setup.Path);
        Assert.Contains("needs its first admin", setup.Html, StringComparison.Ordinal);

        // What the console does where admins are lost is nothing before there was one.
        Assert.Null(await AccountServices.ReplacementAdminCodeAsync(app.Services));
        // As two replicas that start at once would print them.
        var (code, second) = (await AccountServices.FirstAdminCodeAsync(app.Services), await AccountServices.FirstAdminCodeAsync(app.Services));
        Assert.NotNull(code);
        using var rival = app.NewVisitor();
        var form = await visitor.OpenAsync("/account/new/" + code);
        var rivals = await rival.OpenAsync("/account/new/" + second);
        (string, string)[] values = [("Input.Password", "the first lamp in the tower"), ("Input.Again", "the first lamp in the tower")];
        var answers = await Task.WhenAll(visitor.SendAsync(form, "Input.Password", values), rival.SendAsync(rivals, "Input.Password", values));
        Assert.Single(answers, a => a.Status == 302);
        Assert.Single(answers, a => a.Status == 422);

        var admin = answers[0].Status == 302 ? visitor : rival;
        var person = new Person(default, "", "the first lamp in the tower", []);
        Assert.Contains("href=\"/en/account/authenticator\"", (await admin.OpenAsync("/en/account/codes")).Html, StringComparison.Ordinal);
        await admin.SetUpAuthenticatorAsync(app, person);
        Assert.Equal(200, (await admin.GetAsync("/en/admin")).Status);

        Assert.Null(await AccountServices.FirstAdminCodeAsync(app.Services));
        var replacement = await AccountServices.ReplacementAdminCodeAsync(app.Services);
        Assert.Contains("made on the console", (await admin.OpenAsync("/en/admin/people")).Text, StringComparison.Ordinal);
        Assert.Contains("Make an admin's account", (await rival.OpenAsync("/en/account/new/" + replacement)).Text, StringComparison.Ordinal);
        using var late = app.NewVisitor();
        Assert.Contains("not valid", (await late.OpenAsync("/account/new/" + code)).Html, StringComparison.Ordinal);
        Assert.Equal("/en/", (await late.OpenAsync("/")).Path);
        Assert.Equal("/en", (await late.OpenAsync("/en/setup")).Path);
    }
}
