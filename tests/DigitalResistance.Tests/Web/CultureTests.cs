namespace DigitalResistance.Tests.Web;

/// <summary>Two languages, in the path.</summary>
public sealed class CultureTests(WebApp app)
{
    [Theory]
    [InlineData(null, "/en/")]
    [InlineData("ru", "/ru/")]
    [InlineData("ru-RU,ru;q=0.9,en;q=0.8", "/ru/")]
    [InlineData("de,en;q=0.5,ru;q=0.7", "/ru/")]
    [InlineData("de, fr", "/en/")]
    [InlineData("ru;q=0", "/en/")]
    [InlineData("rum", "/en/")]
    [InlineData(";;;,,=", "/en/")]
    public async Task The_front_page_leads_to_the_readers_language(string? accepted, string expected)
    {
        using var visitor = app.NewVisitor();
        if (accepted is not null) visitor.Http.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Language", accepted);
        var page = await visitor.GetAsync("/");
        Assert.Equal((302, expected), (page.Status, page.Location));
        Assert.Contains("Accept-Language", page.Header("Vary"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_without_a_language_leads_to_itself_with_one_and_keeps_its_query()
    {
        using var visitor = app.NewVisitor();
        Assert.Equal("/en/account/sign-in?returnUrl=%2Fen%2Fmy", (await visitor.GetAsync("/account/sign-in?returnUrl=%2Fen%2Fmy")).Location);
    }

    [Theory]
    [InlineData("/en/account/sign-in?returnUrl=%2Fx", "en", "/ru/account/sign-in?returnUrl=%2Fx", "ru")]
    [InlineData("/ru/theme", "ru", "/en/theme", "en")]
    [InlineData("/ru/nothing/at/all?q=1", "ru", "/en/nothing/at/all?q=1", "en")]
    public async Task Each_page_says_its_language_and_links_to_itself_in_the_other(string path, string language, string other, string otherLanguage)
    {
        using var visitor = app.NewVisitor();
        var page = await visitor.GetAsync(path);
        Assert.Contains($"<html lang=\"{language}\"", page.Html, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"{other}\" lang=\"{otherLanguage}\" hreflang=\"{otherLanguage}\">", page.Html, StringComparison.Ordinal);
        Assert.Contains($"<html lang=\"{otherLanguage}\"", (await visitor.GetAsync(other)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_link_of_a_page_keeps_its_language()
    {
        using var visitor = app.NewVisitor();
        var page = await visitor.GetAsync("/ru/account/sign-in");
        var links = System.Text.RegularExpressions.Regex.Matches(page.Html, "<a [^>]*href=\"(/[^\"]*)\"[^>]*>").Select(m => m.Value).Where(a => !a.Contains("hreflang", StringComparison.Ordinal)).ToList();
        Assert.True(links.Count >= 4);
        Assert.All(links, link => Assert.Contains("href=\"/ru", link, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Russian_letters_are_letters_and_not_entities()
    {
        using var visitor = app.NewVisitor();
        Assert.Contains("Войти", (await visitor.GetAsync("/ru/account/sign-in")).Html, StringComparison.Ordinal);
    }
}
