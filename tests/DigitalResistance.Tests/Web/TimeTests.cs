using DigitalResistance.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>What passes with time; on an installation whose clock may be moved.</summary>
public sealed class TimeTests
{
    [Fact]
    public async Task Time_ends_pauses_sessions_and_budgets()
    {
        await using var app = new FewAccounts();
        var person = await app.NewPersonAsync();
        await An_account_pauses_for_a_quarter_of_an_hour(app, person);
        await A_changed_password_ends_other_sessions_within_a_minute(app, person);
        await A_budget_brakes_new_accounts_until_an_hour_later(app);
        await An_invitation_grows_old(app);
    }

    private static async Task An_account_pauses_for_a_quarter_of_an_hour(WebApp app, Person person)
    {
        using var visitor = app.NewVisitor();
        for (var i = 0; i < Attempts.Most; i++) Assert.Equal(422, (await visitor.SignInAsync(person with { Password = "wrong" })).Status);
        Assert.Equal(422, (await visitor.SignInAsync(person)).Status);
        app.Time.Advance(Attempts.Pause - TimeSpan.FromSeconds(30));
        Assert.Equal(422, (await visitor.SignInAsync(person)).Status);
        app.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("/en/my", (await visitor.SignInAsync(person)).Path);
    }

    private static async Task A_changed_password_ends_other_sessions_within_a_minute(WebApp app, Person person)
    {
        using var mine = app.NewVisitor();
        using var thiefs = app.NewVisitor();
        await mine.SignInAsync(person);
        await thiefs.SignInAsync(person);
        var form = await mine.OpenAsync("/en/account/password");
        var changed = await mine.SubmitAsync(form, "Input.Old", ("Input.Old", person.Password), ("Input.Password", "entirely another password"), ("Input.Again", "entirely another password"));
        Assert.Contains("The password is changed", changed.Html, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("/en/account/sign-in?returnUrl=%2Fen%2Fmy", (await thiefs.GetAsync("/en/my")).Location);
        Assert.Equal(200, (await mine.GetAsync("/en/my")).Status);
    }

    private static async Task A_budget_brakes_new_accounts_until_an_hour_later(WebApp app)
    {
        (string, string)[] values = [("Input.Password", "a quiet harbour in march"), ("Input.Again", "a quiet harbour in march")];
        for (var i = 0; i < 24; i++) Assert.Equal(302, (await NewAsync()).Status);
        var braked = await NewAsync();
        Assert.Equal(422, braked.Status);
        Assert.Contains("Too many people tried at once", braked.Html, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(302, (await NewAsync()).Status);
        Assert.Equal(422, (await NewAsync()).Status);

        async Task<Page> NewAsync()
        {
            using var visitor = app.NewVisitor();
            return await visitor.SendAsync(await visitor.OpenAsync("/en/account/new"), "Input.Password", values);
        }
    }

    private static async Task An_invitation_grows_old(WebApp app)
    {
        var code = await app.InScopeAsync(services => services.GetRequiredService<Invitations>().IssueAsync(Roles.Admin, Guid.NewGuid(), default));
        app.Time.Advance(Invitations.Lifetime - TimeSpan.FromMinutes(1));
        Assert.Equal(Roles.Admin, (await app.InScopeAsync(services => services.GetRequiredService<Invitations>().LookAsync(code, default)))?.Role);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await app.InScopeAsync(services => services.GetRequiredService<Invitations>().LookAsync(code, default)));
    }

    private sealed class FewAccounts : WebApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings => [("Accounts:NewPerHour", "1")];
    }
}
