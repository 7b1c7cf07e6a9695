using System.Text.RegularExpressions;
using DigitalResistance.IntegrationTests.Peers;
using Microsoft.Playwright;

namespace DigitalResistance.BrowserTests.Walk;

/// <summary>A site with something on every page: the demo, once its first round is paid. One for all walks.</summary>
public sealed partial class DemoSite : IAsyncLifetime
{
    private readonly Dictionary<string, IPage> _browsers = [];
    private WebPeer? _web;

    internal string Origin => _web!.Origin;

    public async ValueTask InitializeAsync()
    {
        _web = await WebPeer.StartAsync(new Dictionary<string, string>(), "demo");
        await _web.WaitForConsoleAsync("Round 1 is paid, confirmed and closed", seconds: 240);
    }

    public async ValueTask DisposeAsync()
    {
        if (_web is not null) await _web.DisposeAsync();
    }

    /// <summary>The browser of somebody who is signed in, by a name as the console tells it: <c>Admin 1</c>. Once, as a one-time code is good once.</summary>
    internal async Task<IPage> BrowserOfAsync(string who)
    {
        if (_browsers.TryGetValue(who, out var known)) return known;
        var page = await Browser.VisitAsync(Origin);
        await SignInAsync(page, who);
        return _browsers[who] = page;
    }

    private async Task SignInAsync(IPage page, string who)
    {
        var before = _web!.Console.Length;
        await _web.TypeAsync("");
        Match? shown = null;
        for (var tries = 0; shown is null; tries++)
        {
            Assert.True(tries < 100, _web.Console);
            await Task.Delay(100, TestContext.Current.CancellationToken);
            shown = Person().Matches(_web.Console[before..]).FirstOrDefault(m => m.Groups["who"].Value == who);
        }

        await page.GotoAsync("/en/account/sign-in");
        await page.Locator("[name='Input.AccountId']").FillAsync(shown.Groups["account"].Value);
        await page.Locator("[name='Input.Password']").FillAsync(shown.Groups["password"].Value);
        await page.Locator("main button").ClickAsync();
        if (!shown.Groups["code"].Success) return;
        await page.Locator("main input:not([type=hidden])").FillAsync(shown.Groups["code"].Value);
        await page.Locator("main button").ClickAsync();
    }

    [GeneratedRegex(@"^    (?<who>\w+ \d) +(?<account>[0-9A-Z-]+) +(?<password>demo \w+ \d resists)(?: +codes (?<code>\d{6}) \d{6})?", RegexOptions.Multiline)]
    private static partial Regex Person();
}
