using DigitalResistance.Accounts;
using DigitalResistance.Tests.Web;

namespace DigitalResistance.Tests.About;

/// <summary>What the instance file becomes: names, pages, security.txt, the languages of the site; and a site without one.</summary>
public sealed class AboutPagesTests(WebApp app)
{
    [Theory]
    [InlineData("/en/about", "We are four friends", "CC0 1.0")]
    [InlineData("/ru/about", "Мы четверо друзей", "По праву страны")]
    [InlineData("/en/contact", "mailto:people@registry.example", "https://t.me/registry_example")]
    [InlineData("/ru/contact", "Уязвимость сайта", "/.well-known/security.txt")]
    [InlineData("/en/abuse", "mailto:people@registry.example", "How to report", "curl -sS -X PUT http://localhost:5080/api/v1/opt-out", "To undo it")]
    [InlineData("/ru/abuse", "mailto:people@registry.example", "Как пожаловаться", "curl -sS -X PUT http://localhost:5080/api/v1/opt-out", "Как отменить")]
    public async Task Everybody_reads_it(string path, params string[] said)
    {
        using var visitor = app.NewVisitor();
        var page = await visitor.GetAsync(path);
        Assert.Equal(200, page.Status);
        foreach (var text in said) Assert.Contains(text, page.Html, StringComparison.OrdinalIgnoreCase);
        foreach (var link in new[] { "about", "contact", "abuse" }) Assert.Contains($"href=\"/{path[1..3]}/{link}\"", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_stands_in_the_header_in_titles_and_in_the_feed()
    {
        await using var named = new OwnInstance(InstanceReadingTests.With("name", """{ "en": "Open Doors", "ru": "Открытые двери" }"""));
        using var visitor = named.NewVisitor();
        await named.NewAdminAsync();
        Assert.Contains("<title>Open Doors</title>", (await visitor.GetAsync("/en/")).Html, StringComparison.Ordinal);
        var page = (await visitor.GetAsync("/ru/donate")).Html;
        Assert.Contains("· Открытые двери</title>", page, StringComparison.Ordinal);
        Assert.Contains("height=\"32\">Открытые двери</a>", page, StringComparison.Ordinal);
        Assert.Contains("We are four friends", (await visitor.GetAsync("/en/")).Html, StringComparison.Ordinal);
        Assert.Contains("Open Doors</title>", (await visitor.GetAsync("/en/ledger.atom")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Security_txt_is_plain_text_under_its_well_known_address()
    {
        using var visitor = app.NewVisitor();
        var answer = await visitor.GetAsync("/.well-known/security.txt");
        Assert.Equal((200, "text/plain; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
        Assert.Contains("Contact: mailto:people@registry.example\nExpires: 2027-05-01T00:00:00Z\n", answer.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_date_that_is_over_is_served_as_it_is_and_told_to_readers()
    {
        await using var old = new OwnInstance(InstanceReadingTests.With("security.expires", "\"2020-01-01\""));
        using var visitor = old.NewVisitor();
        Assert.Contains("Expires: 2020-01-01T00:00:00Z", (await visitor.GetAsync("/.well-known/security.txt")).Html, StringComparison.Ordinal);
        Assert.Contains("Nobody has confirmed these contacts since 2020-01-01", (await visitor.GetAsync("/en/contact")).Text, StringComparison.Ordinal);
        Assert.Contains("С 2020-01-01 никто не подтверждал", (await visitor.GetAsync("/ru/contact")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_of_one_language_offers_no_other()
    {
        var file = InstanceReadingTests.With("languages", "[\"ru\"]");
        foreach (var text in new[] { "name.en", "who.en", "law.en", "contacts[1].label.en" }) file = InstanceReadingTests.With(text, "", file);
        await using var russian = new OwnInstance(file);
        using var visitor = russian.NewVisitor();
        visitor.Http.DefaultRequestHeaders.Add("Accept-Language", "en");
        Assert.Equal((302, "/ru/about"), (await visitor.GetAsync("/about")) is var bare ? (bare.Status, bare.Location) : default);
        Assert.Equal((302, "/ru/about?a=b"), (await visitor.GetAsync("/en/about?a=b")) is var other ? (other.Status, other.Location) : default);
        var page = await visitor.GetAsync("/ru/about");
        Assert.Equal(200, page.Status);
        Assert.DoesNotContain("hreflang", page.Html, StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent([]);
        Assert.Equal(404, (await Page.ReadAsync("/en/theme", await visitor.Http.PostAsync("/en/theme", form))).Status);
        Assert.Contains("<html lang=\"ru\"", (await visitor.GetAsync("/en/nothing")).Html, StringComparison.Ordinal);
        Assert.Contains("Preferred-Languages: ru\n", (await visitor.GetAsync("/.well-known/security.txt")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_visitors_are_led_to_the_set_up_page_with_an_example_and_whoever_sets_up_can_sign_in()
    {
        await using var bare = new OwnInstance(null);
        using var visitor = bare.NewVisitor();
        foreach (var path in new[] { "/en/", "/en/about", "/en/contact", "/en/donate", "/en/ledger", "/en/rounds" }) Assert.Equal("/en/setup", (await visitor.GetAsync(path)).Location);
        var setup = await visitor.OpenAsync("/ru/setup");
        Assert.Equal(200, setup.Status);
        Assert.Contains("Пока не сказано, чей это сайт", setup.Text, StringComparison.Ordinal);
        Assert.Contains("\"dataLicence\"", setup.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/about\"", setup.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(bare.DataFolder, setup.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await visitor.GetAsync("/.well-known/security.txt")).Status);

        // With an admin the page is there still, since the site is not.
        await bare.NewAdminAsync();
        Assert.Equal(200, (await visitor.GetAsync("/en/account/sign-in")).Status);
        Assert.Equal(404, (await visitor.GetAsync("/en/nothing")).Status);
        Assert.Contains("This site is being set up", (await visitor.OpenAsync("/en/setup")).Text, StringComparison.Ordinal);

        // What was written since the start is read, and told, but not shown to visitors before the next start.
        File.WriteAllText(Path.Combine(bare.DataFolder, "instance.json"), InstanceReadingTests.With("law", "", InstanceReadingTests.With("x", "1")));
        setup = await visitor.OpenAsync("/en/setup");
        foreach (var mistake in new[] { "law is missing.", "x means nothing here" }) Assert.Contains(mistake, setup.Text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(bare.DataFolder, "instance.json"), InstanceReadingTests.With("security.policy", "\"https://registry.example/policy\""));
        Assert.Contains("start the program again", (await visitor.OpenAsync("/en/setup")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_file_stops_the_start_with_all_of_its_mistakes_beside_those_of_the_configuration()
    {
        var folder = Directory.CreateTempSubdirectory("dr-instance-").FullName;
        File.WriteAllText(Path.Combine(folder, "ours.json"), InstanceReadingTests.With("law", "", InstanceReadingTests.With("x", "1")));
        System.Globalization.CultureInfo.CurrentUICulture = System.Globalization.CultureInfo.GetCultureInfo("en");
        Assert.Equal(
            [
                "Site:OnionOrigin must be an origin whose host ends in .onion; it is 'x'.",
                "ours.json: law is missing.",
                "ours.json: x means nothing here; known are: languages, name, who, law, dataLicence, contacts, security.",
            ],
            OptionsTests.Mistakes("--Database:Folder=" + folder, "--Instance:File=ours.json", "--Site:OnionOrigin=x"));
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>An installation with a file of its own, or none.</summary>
    private sealed class OwnInstance(string? file) : WebApp
    {
        protected override string? Instance => file;

        public string DataFolder => Folder;

        /// <summary>Uses the link on the console.</summary>
        public async Task NewAdminAsync()
        {
            using var visitor = NewVisitor();
            var form = await visitor.OpenAsync("/account/new/" + await AccountServices.FirstAdminCodeAsync(Services));
            Assert.Equal(302, (await visitor.SendAsync(form, "Input.Password", ("Input.Password", "the first lamp in the tower"), ("Input.Again", "the first lamp in the tower"))).Status);
        }
    }
}
