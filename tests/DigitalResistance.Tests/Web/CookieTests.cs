namespace DigitalResistance.Tests.Web;

/// <summary>Names and flags of cookies.</summary>
public sealed class CookieTests(WebApp app)
{
    [Fact]
    public async Task On_localhost_cookies_are_plain_but_not_readable_by_script_and_end_with_the_browser()
    {
        var person = await app.NewPersonAsync();
        using var visitor = app.NewVisitor();
        var form = await visitor.OpenAsync("/en/account/sign-in");
        AssertFlags(form, "form", secure: false);
        var signedIn = await visitor.SendAsync(form, "Input.Password", ("Input.AccountId", person.AccountId), ("Input.Password", person.Password));
        AssertFlags(signedIn, "session", secure: false);
        var theme = await visitor.SendAsync(await visitor.OpenAsync("/en/theme"), "choice", ("choice", "dark"));
        AssertFlags(theme, "theme", secure: false);
        AssertFlags(theme, "notice", secure: false);
        Assert.Contains("data-theme=\"dark\"", (await visitor.OpenAsync("/ru/theme")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_an_https_origin_every_cookie_is_bound_to_the_host_and_https_is_insisted_on()
    {
        await using var https = new HttpsApp();
        using var visitor = https.NewVisitor();
        var page = await visitor.GetAsync("/en/account/sign-in");
        AssertFlags(page, "__Host-form", secure: true);
        Assert.Contains("max-age=", page.Header("Strict-Transport-Security"), StringComparison.Ordinal);
        Assert.Equal("http://examplexample.onion/en/account/sign-in", page.Header("Onion-Location"));
        Assert.Contains("href=\"https://resist.example/ru/account/sign-in\"", page.Html, StringComparison.Ordinal);
    }

    private static void AssertFlags(Page page, string name, bool secure)
    {
        var cookie = Assert.Single(page.Response.Headers.GetValues("Set-Cookie"), c => c.StartsWith(name + "=", StringComparison.Ordinal)).ToLowerInvariant();
        Assert.Contains("; path=/", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("; path=/e", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Equal(secure, cookie.Contains("; secure", StringComparison.Ordinal));
        Assert.DoesNotContain("expires=", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("domain=", cookie, StringComparison.Ordinal);
    }

    private sealed class HttpsApp : WebApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings =>
            [("Site:PublicOrigin", "https://resist.example"), ("Site:OnionOrigin", "http://examplexample.onion")];
    }
}
