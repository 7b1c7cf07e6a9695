using System.Text.RegularExpressions;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>Admins at the pages about each other: inviting, agreeing, ending a role, and who may join.</summary>
public sealed partial class StaffPageTests
{
    [Fact]
    public async Task The_only_admin_invites_alone_and_is_told_what_that_means()
    {
        await using var app = new WebApp();
        using var alice = await Admin.JoinAsync(app);
        var page = await alice.Browser.OpenAsync("/en/admin/people");
        Assert.Contains("You are the only admin", page.Text, StringComparison.Ordinal);
        Assert.Contains("единственный администратор", (await alice.Browser.OpenAsync("/ru/admin/people")).Text, StringComparison.Ordinal);
        // What the set-up page says of it too.
        Assert.Contains("Admins: 1, treasurers: 0. A round is approved by 2 admins", (await alice.Browser.OpenAsync("/en/admin")).Text, StringComparison.Ordinal);

        // Without a code from the authenticator a stolen session invites nobody.
        Assert.Equal(422, (await alice.Browser.SendAsync(page, "name=\"Role\"", ("Role", Roles.Treasurer), ("Code", "000000"))).Status);
        var made = await alice.Browser.SubmitAsync(page, "name=\"Role\"", ("Role", Roles.Treasurer), ("Purpose", "Founding"), ("Code", alice.NextCode()));
        var code = CodeOf(made);
        Assert.DoesNotContain(code, (await alice.Browser.OpenAsync("/en/admin/people")).Html, StringComparison.Ordinal);
        using var invited = app.NewVisitor();
        var form = await invited.OpenAsync("/en/account/new/" + code);
        Assert.Contains("treasurer", form.Text, StringComparison.Ordinal);
        await invited.SubmitAsync(form, "Input.Password", ("Input.Password", "a lamp and three wolves"), ("Input.Again", "a lamp and three wolves"));
        Assert.Contains("Treasurer", (await invited.OpenAsync("/en/account")).Html, StringComparison.Ordinal);
        using var second = app.NewVisitor();
        Assert.Contains("not valid", (await second.OpenAsync("/en/account/new/" + code)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_of_one_admin_of_several_waits_for_another_one()
    {
        await using var app = new WebApp();
        using var alice = await Admin.JoinAsync(app);
        using var boris = await Admin.JoinAsync(app);
        var made = await alice.Browser.SubmitAsync(await alice.Browser.OpenAsync("/en/admin/people"), "name=\"Role\"", ("Role", Roles.Admin), ("Purpose", "Growth"), ("Code", alice.NextCode()));
        Assert.Contains("does not work before others agree", made.Text, StringComparison.Ordinal);
        var code = CodeOf(made);

        using var carol = app.NewVisitor();
        await carol.SignInAsync(await app.NewPersonAsync());
        using var stranger = app.NewVisitor();
        Assert.Contains("waits for admins", (await stranger.OpenAsync("/en/account/new/" + code)).Text, StringComparison.Ordinal);
        Assert.Contains("ждёт администраторов", (await stranger.OpenAsync("/ru/account/new/" + code)).Text, StringComparison.Ordinal);
        var early = await carol.SendAsync(await carol.OpenAsync("/en/account/invitation"), "Input.Code", ("Input.Code", code));
        Assert.Equal(422, early.Status);
        Assert.Contains("more admins must agree", early.Text, StringComparison.Ordinal);

        // The proposer is not asked again, and the other one never sees the code.
        Assert.DoesNotContain("handler=Confirm", (await alice.Browser.OpenAsync("/en/admin/people")).Html, StringComparison.Ordinal);
        var asked = await boris.Browser.OpenAsync("/ru/admin/people");
        Assert.Contains("Больше рук", asked.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(code, asked.Html, StringComparison.Ordinal);
        var invitation = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Invitation>().Where(i => i.Purpose == InvitationPurpose.Growth).Select(i => i.Id).SingleAsync());
        var agreed = await boris.Browser.SubmitAsync(asked, "ConfirmCode", ("Waiting", $"{invitation}"), ("ConfirmCode", boris.NextCode()));
        Assert.Contains("Теперь код действует", agreed.Text, StringComparison.Ordinal);

        await carol.SubmitAsync(await carol.OpenAsync("/en/account/invitation"), "Input.Code", ("Input.Code", code));
        Assert.Equal("/en/account/authenticator?returnUrl=%2Fen%2Fadmin", (await carol.GetAsync("/en/admin")).Location);
    }

    [Fact]
    public async Task Who_is_signed_in_and_opens_the_link_of_an_invitation_is_led_to_the_page_that_gives_the_role_to_their_account()
    {
        await using var app = new WebApp();
        using var alice = await Admin.JoinAsync(app);
        var people = await alice.Browser.OpenAsync("/en/admin/people");
        Assert.Contains("treasurers first, then the second admin", people.Text, StringComparison.Ordinal);
        var code = CodeOf(await alice.Browser.SubmitAsync(people, "name=\"Role\"", ("Role", Roles.Treasurer), ("Code", alice.NextCode())));
        using var carol = app.NewVisitor();
        Assert.DoesNotContain("Signed in already", (await carol.OpenAsync($"/en/account/new/{code}")).Text, StringComparison.Ordinal);
        await carol.SignInAsync(await app.NewPersonAsync());
        var link = await carol.OpenAsync($"/en/account/new/{code}");
        Assert.Contains("Signed in already", link.Text, StringComparison.Ordinal);
        Assert.Contains($"href=\"/en/account/invitation?code={code}\"", link.Html, StringComparison.Ordinal);
        var form = await carol.OpenAsync($"/en/account/invitation?code={code}");
        Assert.Contains($"value=\"{code}\"", form.Html, StringComparison.Ordinal);
        Assert.Contains("The role is yours.", (await carol.SubmitAsync(form, "name=\"Input.Code\"", ("Input.Code", code))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_role_ends_is_out_at_once_and_nobody_reads_who_it_was()
    {
        await using var app = new WebApp();
        using var alice = await Admin.JoinAsync(app);
        using var boris = await Admin.JoinAsync(app);
        using var carol = await Admin.JoinAsync(app);
        Assert.Equal(200, (await carol.Browser.GetAsync("/en/admin")).Status);
        var tag = Own().Match((await carol.Browser.OpenAsync("/en/admin/people")).Html).Groups[1].Value;

        var form = await alice.Browser.OpenAsync("/en/admin/people/remove");
        Assert.Contains(tag, form.Html, StringComparison.Ordinal);
        foreach (var other in new[] { alice, boris, carol }) Assert.DoesNotContain(other.Person.AccountId, form.Html, StringComparison.Ordinal);
        var proposed = await alice.Browser.SubmitAsync(form, "name=\"Whose\"", ("Whose", $"{tag} {Roles.Admin}"), ("Reason", "Stolen"), ("Code", alice.NextCode()));
        Assert.Contains("Your yes is counted: 1 of 2", proposed.Text, StringComparison.Ordinal);
        Assert.Contains("This is about you", (await carol.Browser.OpenAsync("/en/admin/people/remove")).Text, StringComparison.Ordinal);

        var removal = await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<DigitalResistance.Staff.RoleRemoval>().Select(r => r.Id).SingleAsync());
        var asked = await boris.Browser.OpenAsync("/ru/admin/people/remove");
        Assert.Contains("попасть в чужие руки", asked.Text, StringComparison.Ordinal);
        // In the same minute, in which a cookie is believed elsewhere.
        var code = Totp.Code(boris.Secret, Totp.StepOf(app.Time.GetUtcNow()));
        Assert.Contains("Роль снята", (await boris.Browser.SubmitAsync(asked, "ConfirmCode", ("Removal", $"{removal}"), ("ConfirmCode", code))).Text, StringComparison.Ordinal);
        foreach (var path in new[] { "/en/admin", "/en/admin/people", "/en/admin/rounds/edit", "/en/admin/keys" }) Assert.Equal(403, (await carol.Browser.GetAsync(path)).Status);
        // Two are left, and neither can be removed.
        Assert.Contains("No admin's role can be ended now", (await alice.Browser.OpenAsync("/en/admin/people/remove")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_password_ends_an_admins_other_sessions_at_once()
    {
        await using var app = new WebApp();
        using var alice = await Admin.JoinAsync(app);
        using var thief = app.NewVisitor();
        await thief.SubmitAsync(await thief.SignInAsync(alice.Person), "Input.Code", ("Input.Code", alice.NextCode()));
        Assert.Equal(200, (await thief.GetAsync("/en/admin")).Status);
        await alice.Browser.SubmitAsync(await alice.Browser.OpenAsync("/en/account"), "Sign out everywhere else");
        Assert.Equal(403, (await thief.GetAsync("/en/admin")).Status);
        Assert.Equal(200, (await alice.Browser.GetAsync("/en/admin")).Status);
    }

    [Fact]
    public async Task Whoever_saves_second_who_may_join_sees_both_choices()
    {
        await using var app = new WebApp();
        using var alice = await Admin.JoinAsync(app);
        using var boris = await Admin.JoinAsync(app);
        var mine = await alice.Browser.OpenAsync("/en/admin/people");
        var theirs = await boris.Browser.OpenAsync("/ru/admin/people");
        await alice.Browser.SubmitToAsync(mine, "handler=Registration", ("Registration", nameof(Registration.Closed)));
        var conflict = await boris.Browser.SendToAsync(theirs, "handler=Registration", ("Registration", nameof(Registration.Invitation)));
        Assert.Equal(409, conflict.Status);
        Assert.Contains("Сейчас никто", conflict.Text, StringComparison.Ordinal);
        Assert.Equal(Registration.Closed, await RegistrationAsync());
        // The same choice is nobody's conflict.
        Assert.Equal(302, (await boris.Browser.SendToAsync(theirs, "handler=Registration", ("Registration", nameof(Registration.Closed)))).Status);
        Assert.Equal(302, (await boris.Browser.SendToAsync(conflict, "handler=Registration", ("Registration", nameof(Registration.Invitation)))).Status);
        Assert.Equal(Registration.Invitation, await RegistrationAsync());

        Task<Registration> RegistrationAsync() => app.InScopeAsync(services => services.GetRequiredService<DigitalResistance.Accounts.Site>().RegistrationAsync(default));
    }

    private static string CodeOf(Page page) => ShownCode().Match(page.Html).Groups[1].Value;

    [GeneratedRegex("class=\"secret\">([0-9A-Z-]{23})<")]
    private static partial Regex ShownCode();

    [GeneratedRegex("<code>([0-9A-Z-]{9})</code>\\s*<span[^>]*>you<")]
    private static partial Regex Own();

    private sealed record Admin(WebApp App, Person Person, Visitor Browser, byte[] Secret) : IDisposable
    {
        public static async Task<Admin> JoinAsync(WebApp app)
        {
            var (person, browser) = (await app.NewPersonAsync(Roles.Admin), app.NewVisitor());
            await browser.SignInAsync(person);
            return new Admin(app, person, browser, await browser.SetUpAuthenticatorAsync(app, person));
        }

        public string NextCode()
        {
            App.Time.Advance(TimeSpan.FromSeconds(31));
            return Totp.Code(Secret, Totp.StepOf(App.Time.GetUtcNow()));
        }

        public void Dispose() => Browser.Dispose();
    }
}

/// <summary>Forms that are told apart by where they go.</summary>
internal static class FormsByAction
{
    public static Task<Page> SendToAsync(this Visitor visitor, Page page, string action, params (string Name, string Value)[] values) => visitor.SendAsync(page, FormOf(page, action), values);

    public static Task<Page> SubmitToAsync(this Visitor visitor, Page page, string action, params (string Name, string Value)[] values) => visitor.SubmitAsync(page, FormOf(page, action), values);

    private static string FormOf(Page page, string action) => page.Forms.Single(f => f.Action?.Contains(action, StringComparison.Ordinal) == true).Html;
}
