using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace DigitalResistance.BrowserTests.Walk;

/// <summary>Every page as readers meet it: without JavaScript, in both languages, on a phone and on a desk, light and dark.</summary>
public sealed class WalkTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    public async Task Every_public_page_is_whole(string language)
    {
        var page = await Browser.VisitAsync(site.Origin);
        var walk = new SiteWalk(page, language);
        await page.GotoAsync($"/{language}/donate");
        await page.Locator("main button").ClickAsync();
        var receipt = new Uri(page.Url).AbsolutePath[3..];

        await walk.RunAsync(["", receipt, .. SitePages.OfEverybody.Where(SitePages.IsPlain).Select(SitePages.Filled)]);

        Assert.True(walk.Complaints.Count == 0, string.Join('\n', walk.Complaints));
        Assert.All(SitePages.OfEverybody, route => Assert.True(walk.Opened.Exists(path => SitePages.Matches(route, path.Length == 0 ? "/" : path)), $"No link led to {route}"));
        Assert.True(SitePages.OfEverybody.Count > 10);
    }

    [Theory]
    [InlineData("en", "Operator 1", "/my")]
    [InlineData("ru", "Operator 1", "/my")]
    [InlineData("en", "Admin 1", "/admin")]
    [InlineData("ru", "Admin 1", "/admin")]
    [InlineData("en", "Treasurer 1", "/treasury")]
    [InlineData("ru", "Treasurer 1", "/treasury")]
    public async Task Every_page_behind_a_sign_in_is_whole(string language, string who, string home)
    {
        var walk = new SiteWalk(await site.BrowserOfAsync(who), language);
        await walk.RunAsync(home);
        Assert.True(walk.Complaints.Count == 0, string.Join('\n', walk.Complaints));
        Assert.Contains(walk.Opened, path => path.StartsWith(home + "/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_walk_notices_everything_that_it_is_there_for()
    {
        var page = await Browser.VisitAsync(site.Origin);
        await page.RouteAsync("**/ru/spoilt", route => route.FulfillAsync(new()
        {
            Status = 200,
            Headers = new Dictionary<string, string> { ["Content-Type"] = "text/html; charset=utf-8", ["Content-Security-Policy"] = "default-src 'none'" },
            Body = "<html lang=en><title>Spoilt</title><p>Type.donation.confirmed</p><p>these words are English</p><img src=/icon.png><p><a href=/ru/nothing-here>" + new string('x', 500) + "</a></p>",
        }));
        var walk = new SiteWalk(page, "ru");
        await walk.RunAsync("/spoilt");
        foreach (var complaint in new[]
                 {
                     "/ru/spoilt: another language", "/ru/spoilt: title 'Spoilt'", "/ru/spoilt: not one first heading", "/ru/spoilt: 390 px, Light", "/ru/spoilt: 1280 px, Dark",
                     "/ru/spoilt: untranslated: Type.donation.confirmed", "/ru/spoilt: English: these words", "Content Security Policy", "/ru/nothing-here: status 404",
                 })
            Assert.Contains(walk.Complaints, c => c.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_page_with_everything_on_it_is_smaller_than_50_kilobytes()
    {
        var page = await Browser.VisitAsync(site.Origin);
        var answers = new List<IResponse>();
        page.Response += (_, response) => answers.Add(response);
        await page.GotoAsync("/ru", new() { WaitUntil = WaitUntilState.NetworkIdle });
        var sizes = new Dictionary<string, int>();
        foreach (var answer in answers.Where(a => a.Status == 200)) sizes[answer.Url] = (await answer.BodyAsync()).Length;
        Assert.True(sizes.Count >= 2, string.Join(' ', sizes.Keys));
        Assert.True(sizes.Values.Sum() < 50_000, string.Join('\n', sizes));
    }

    [Fact]
    public async Task A_keyboard_is_enough_and_shows_where_it_is()
    {
        var page = await Browser.VisitAsync(site.Origin, width: 390);
        foreach (var path in new[] { "/en", "/en/ledger", "/en/account/new" })
        {
            await page.GotoAsync(path);
            await page.Keyboard.PressAsync("Tab");
            Assert.True(await page.Locator(".skip").EvaluateAsync<bool>("e => e === document.activeElement && e.getBoundingClientRect().left >= 0"), $"{path}: the first stop is not the way past the header.");
            for (var stop = 0; stop < 25; stop++)
            {
                await page.Keyboard.PressAsync("Tab");
                var unseen = await page.EvaluateAsync<string?>(Unseen);
                Assert.True(unseen is null, $"{path}: {unseen}");
            }

            await page.GotoAsync(path);
            await page.Keyboard.PressAsync("Tab");
            await page.Keyboard.PressAsync("Enter");
            // The browser says where it is a moment after it has gone there.
            await page.WaitForURLAsync(url => url.EndsWith("#main", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Public_pages_keep_the_rules_of_accessibility_in_both_colours(bool dark)
    {
        // The checker is a script, so this browser runs scripts; the pages bring none.
        var page = await Browser.VisitAsync(site.Origin, javaScript: true, dark: dark);
        var broken = new List<string>();
        foreach (var path in SitePages.OfEverybody.Where(SitePages.IsPlain).Select(SitePages.Filled).Concat(["/ledger/0", "/rounds/1", "/ledger?min=lots", "/nothing"]))
        {
            await page.GotoAsync("/ru" + (path == "/demo" ? "/demo?still=true" : path));
            var result = await page.RunAxe(new AxeRunOptions { RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa") });
            broken.AddRange(result.Violations.SelectMany(v => v.Nodes.Select(n => $"{path}: {v.Id}: {n.Html}")));
        }

        Assert.Empty(broken);
    }

    private const string Unseen = """
        () => {
          const e = document.activeElement, style = getComputedStyle(e);
          if (e === document.body) return null;
          return style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2 ? 'no outline around ' + e.outerHTML.slice(0, 120) : null;
        }
        """;
}
