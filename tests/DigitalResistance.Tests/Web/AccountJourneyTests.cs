using System.Diagnostics;
using System.Text.RegularExpressions;
using DigitalResistance.Accounts;

namespace DigitalResistance.Tests.Web;

/// <summary>People at the pages: making an account, signing in, losing things, and who may open what.</summary>
public sealed partial class AccountJourneyTests(WebApp app)
{
    [Fact]
    public async Task Somebody_makes_an_account_sees_the_codes_once_and_signs_in_again()
    {
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/new");
        var codes = await visitor.SubmitAsync(form, "Input.Password", ("Input.Password", "seven owls over the quiet lake"), ("Input.Again", "seven owls over the quiet lake"));
        Assert.Equal(200, codes.Status);
        Assert.Contains("shown once", codes.Html, StringComparison.Ordinal);
        var id = ShownId().Match(codes.Html).Groups[1].Value;
        Assert.True(AccountId.TryParse(id, out _));
        Assert.Equal(RecoveryCodes.Count, ShownCode().Count(codes.Html));

        Assert.Equal("/en/account", (await visitor.GetAsync("/en/account/codes")).Location);
        using var elsewhere = app.NewVisitor();
        var home = await elsewhere.SignInAsync(new Person(default, id.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal), "seven owls over the quiet lake", []));
        Assert.Equal(("/en/my", 200), (home.Path, home.Status));
    }

    [Fact]
    public async Task A_wrong_password_and_an_account_that_does_not_exist_look_the_same_and_take_as_long()
    {
        await using var slow = new SlowHashing();
        var person = await slow.NewPersonAsync();
        var others = new List<Person>();
        for (var i = 0; i < 3; i++) others.Add(await slow.NewPersonAsync());
        using var visitor = slow.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/sign-in");
        var unknown = AccountId.New().ToString();
        await TryAsync(unknown);
        var (known, none, first, second) = (new List<double>(), new List<double>(), "", "");
        for (var i = 0; i < 21; i++)
        {
            // Seven tries each, so that nobody pauses.
            (var took, first) = await TryAsync(others[i % 3].AccountId);
            known.Add(took);
            (took, second) = await TryAsync(unknown);
            none.Add(took);
        }

        Assert.Equal(first, second);
        var (a, b) = (Median(known), Median(none));
        Assert.True(a / b is > 0.5 and < 2, $"An existing account took {a:F1} ms, none {b:F1} ms.");
        // Paused: right and wrong passwords look like that as well.
        for (var i = 0; i < Attempts.Most; i++) await TryAsync(person.AccountId);
        var (_, paused) = await TryAsync(person.AccountId, person.Password);
        Assert.Equal(first, paused);

        async Task<(double Took, string Body)> TryAsync(string id, string password = "not the password")
        {
            var started = Stopwatch.GetTimestamp();
            var page = await visitor.SendAsync(form, "Input.Password", ("Input.AccountId", id), ("Input.Password", password));
            var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            Assert.Equal(422, page.Status);
            Assert.Contains("do not belong together", page.Html, StringComparison.Ordinal);
            return (took, Hidden().Replace(page.Html.Replace(id, "ID", StringComparison.Ordinal), ""));
        }
    }

    [Fact]
    public async Task With_a_second_factor_signing_in_asks_for_a_code_that_works_once()
    {
        var person = await app.NewPersonAsync();
        using var visitor = app.NewVisitor();
        await visitor.SignInAsync(person);
        var secret = await visitor.SetUpAuthenticatorAsync(app, person);

        using var elsewhere = app.NewVisitor();
        var asks = await elsewhere.SignInAsync(person, "/en/account");
        Assert.StartsWith("/en/account/sign-in/code", asks.Path, StringComparison.Ordinal);
        Assert.StartsWith("/en/account/sign-in", (await elsewhere.OpenAsync("/en/my")).Path, StringComparison.Ordinal);
        var step = Totp.StepOf(app.Time.GetUtcNow());
        Assert.Equal(422, (await elsewhere.SendAsync(asks, "Input.Code", ("Input.Code", Totp.Code(secret, step)))).Status);
        var next = Totp.Code(secret, step + 1);
        Assert.Equal("/en/account", (await elsewhere.SendAsync(asks, "Input.Code", ("Input.Code", next))).Location);
        Assert.Equal(200, (await elsewhere.GetAsync("/en/account")).Status);

        using var thief = app.NewVisitor();
        var again = await thief.SignInAsync(person);
        Assert.Equal(422, (await thief.SendAsync(again, "Input.Code", ("Input.Code", next))).Status);
        Assert.Equal("/en/my", (await thief.SendAsync(again, "Input.Code", ("Input.Code", person.RecoveryCodes[0]))).Location);
    }

    [Fact]
    public async Task A_lost_password_is_replaced_with_a_recovery_code_which_is_not_used_up_by_a_mistake()
    {
        var person = await app.NewPersonAsync();
        using var visitor = app.NewVisitor();
        (string, string)[] Values(string code, string password) =>
            [("Input.AccountId", person.AccountId), ("Input.RecoveryCode", code), ("Input.Password", password), ("Input.Again", password)];
        var form = await visitor.OpenAsync("/en/account/recover");
        Assert.Equal(422, (await visitor.SendAsync(form, "Input.RecoveryCode", Values(person.RecoveryCodes[0], "too short"))).Status);
        Assert.Equal(422, (await visitor.SendAsync(form, "Input.RecoveryCode", Values("0000-0000-0000-0000", "nine green bottles on a wall"))).Status);
        Assert.Equal("/en/account/sign-in", (await visitor.SendAsync(form, "Input.RecoveryCode", Values(person.RecoveryCodes[0], "nine green bottles on a wall"))).Location);
        Assert.Equal("/en/my", (await visitor.SignInAsync(person with { Password = "nine green bottles on a wall" })).Path);
        using var other = app.NewVisitor();
        Assert.Equal(422, (await other.SendAsync(await other.OpenAsync("/en/account/recover"), "Input.RecoveryCode", Values(person.RecoveryCodes[0], "ten green bottles on a wall"))).Status);
    }

    [Fact]
    public async Task With_a_second_factor_one_recovery_code_alone_recovers_nothing_and_stays_good()
    {
        var person = await app.NewPersonAsync();
        using var owner = app.NewVisitor();
        await owner.SignInAsync(person);
        await owner.SetUpAuthenticatorAsync(app, person);
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/recover");
        (string, string)[] values = [("Input.AccountId", person.AccountId), ("Input.RecoveryCode", person.RecoveryCodes[0]), ("Input.Password", "five blue boats at noon"), ("Input.Again", "five blue boats at noon")];
        Assert.Equal(422, (await visitor.SendAsync(form, "Input.RecoveryCode", values)).Status);
        Assert.Equal(422, (await visitor.SendAsync(form, "Input.RecoveryCode", [.. values, ("Input.SecondCode", person.RecoveryCodes[0])])).Status);
        Assert.Equal("/en/account/sign-in", (await visitor.SendAsync(form, "Input.RecoveryCode", [.. values, ("Input.SecondCode", person.RecoveryCodes[1])])).Location);
        Assert.Equal("/en/my", (await visitor.SignInAsync(person with { Password = "five blue boats at noon" })).Path);
    }

    [Fact]
    public async Task Pages_of_admins_open_for_admins_with_a_second_factor_only()
    {
        using var stranger = app.NewVisitor();
        Assert.Equal("/en/account/sign-in?returnUrl=%2Fen%2Fadmin", (await stranger.GetAsync("/en/admin")).Location);
        using var other = app.NewVisitor();
        await other.SignInAsync(await app.NewPersonAsync());
        var refused = await other.GetAsync("/ru/admin");
        Assert.Equal(403, refused.Status);
        Assert.Contains("Эта страница не для вас", refused.Html, StringComparison.Ordinal);

        var person = await app.NewPersonAsync(Roles.Admin);
        using var admin = app.NewVisitor();
        await admin.SignInAsync(person);
        Assert.Equal("/en/account/authenticator?returnUrl=%2Fen%2Fadmin", (await admin.GetAsync("/en/admin")).Location);
        await admin.SetUpAuthenticatorAsync(app, person);
        Assert.Equal(200, (await admin.GetAsync("/en/admin")).Status);
        Assert.Equal(200, (await admin.GetAsync("/en/admin/people")).Status);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("/%2f%2fevil.example/..//")]
    [InlineData("javascript:alert(1)")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    public async Task Signing_in_leads_to_our_pages_only(string returnUrl)
    {
        var person = await app.NewPersonAsync();
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        var answer = await visitor.SendAsync(form, "Input.Password", ("Input.AccountId", person.AccountId), ("Input.Password", person.Password));
        Assert.Equal(302, answer.Status);
        Assert.Equal(visitor.Origin.Authority, new Uri(visitor.Origin, answer.Location).Authority);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    [GeneratedRegex("class=\"secret\">([0-9A-Z-]{25})<")]
    private static partial Regex ShownId();

    [GeneratedRegex("<li>([0-9A-Z]{4}-){3}[0-9A-Z]{4}</li>")]
    private static partial Regex ShownCode();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex Hidden();

    private sealed class SlowHashing : WebApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings => [("Accounts:PasswordRounds", "60000")];
    }
}
