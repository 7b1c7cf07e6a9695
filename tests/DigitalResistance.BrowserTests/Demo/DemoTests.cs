using System.Text.RegularExpressions;
using DigitalResistance.IntegrationTests.Peers;
using Microsoft.Playwright;

namespace DigitalResistance.BrowserTests.Demo;

/// <summary>The demo in the browser, without JavaScript: its buttons, and with <c>--step</c> everything that a person can do by hand.</summary>
public sealed partial class DemoTests
{
    [Fact]
    public async Task A_stopped_proxy_costs_its_owner_and_a_donation_reaches_the_ledger()
    {
        await using var web = await WebPeer.StartAsync(new Dictionary<string, string>(), "demo");
        await web.WaitForConsoleAsync("Round 1 is open", seconds: 90);
        var page = await Browser.VisitAsync(web.Origin);

        await page.GotoAsync("/ru/demo?still=true");
        Assert.Contains("Это демонстрация", await page.InnerTextAsync("body"), StringComparison.Ordinal);
        await page.GotoAsync("/en/demo?still=true");
        var second = page.Locator("tr", new() { HasText = "Operator 2" });
        await second.GetByRole(AriaRole.Button, new() { Name = "Stop this proxy" }).ClickAsync();
        Assert.Contains("stopped", await second.First.InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a donation" }).ClickAsync();
        Assert.Contains("on its way", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        await web.WaitForConsoleAsync("A donation of 1\u202F000\u202F000 sat is confirmed", seconds: 60);

        await web.WaitForConsoleAsync("Round 1 is paid, confirmed and closed", seconds: 180);
        Assert.Contains("Somebody stopped the proxy of operator 2", web.Console, StringComparison.Ordinal);
        Assert.True(Weight(web.Console, 2) < Weight(web.Console, 1), web.Console);
        var ledger = await (await page.Context.APIRequest.GetAsync("/en/ledger.csv")).TextAsync();
        Assert.Single(ledger.Split("\r\n"), line => line.Contains(",donation.confirmed,1000000,", StringComparison.Ordinal));

        await page.GotoAsync("/en/demo?still=true");
        await page.Locator("tr", new() { HasText = "Operator 2" }).GetByRole(AriaRole.Button, new() { Name = "Start it again" }).ClickAsync();
        Assert.Equal(4, await page.GetByRole(AriaRole.Button, new() { Name = "Stop this proxy" }).CountAsync());
    }

    [Fact]
    public async Task With_step_two_admins_approve_and_two_key_holders_sign_by_hand()
    {
        await using var web = await WebPeer.StartAsync(new Dictionary<string, string>(), "demo", "--step");
        await web.WaitForConsoleAsync("Your turn: approve round 1", seconds: 180);
        for (var admin = 1; admin <= 2; admin++)
        {
            var page = await Browser.VisitAsync(web.Origin);
            var code = await SignInAsync(page, web, $"Admin {admin}");
            await page.GotoAsync("/en/demo");
            await page.GetByRole(AriaRole.Link, new() { Name = "The round" }).ClickAsync();
            await page.GetByLabel("One-time code").First.FillAsync(code);
            await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
            Assert.Contains($"Your approval counts: {admin} of 2", await page.InnerTextAsync("main"), StringComparison.Ordinal);
        }

        await web.WaitForConsoleAsync("take the payment of round 1", seconds: 60);
        var treasurer = await Browser.VisitAsync(web.Origin);
        await SignInAsync(treasurer, web, "Treasurer 1");
        await treasurer.GotoAsync("/en/demo");
        await treasurer.GetByRole(AriaRole.Link, new() { Name = "The payment" }).ClickAsync();
        await treasurer.GetByRole(AriaRole.Link, new() { Name = "Number 1" }).ClickAsync();
        var signing = treasurer.Url;
        var psbt = await DownloadAsync(treasurer, "PSBT as a file");

        var holders = new List<string>();
        foreach (var holder in new[] { "1", "3" })
        {
            await treasurer.GotoAsync("/en/demo/wallet");
            await treasurer.SetInputFilesAsync("#Psbt", psbt);
            await treasurer.SelectOptionAsync("#Holder", holder);
            holders.Add(await DownloadAsync(treasurer, "Sign and download"));
        }

        // A key that has signed has nothing more to sign, and a text is no payment.
        await treasurer.SetInputFilesAsync("#Psbt", holders[1]);
        await treasurer.SelectOptionAsync("#Holder", "3");
        await treasurer.GetByRole(AriaRole.Button, new() { Name = "Sign and download" }).ClickAsync();
        Assert.Contains("nothing to sign", await treasurer.InnerTextAsync("main"), StringComparison.Ordinal);

        foreach (var (signed, answer) in holders.Zip(["Verified signatures of", "The last signature is here"]))
        {
            await treasurer.GotoAsync(signing);
            await treasurer.SetInputFilesAsync("#Upload", signed);
            await treasurer.GetByRole(AriaRole.Button, new() { Name = "Verify and keep" }).ClickAsync();
            Assert.Contains(answer, await treasurer.InnerTextAsync("main"), StringComparison.Ordinal);
        }

        await web.WaitForConsoleAsync("Round 1 is paid, confirmed and closed", seconds: 60);
    }

    [Fact]
    public async Task Whoever_waits_in_vain_can_let_the_demo_go_on()
    {
        await using var web = await WebPeer.StartAsync(new Dictionary<string, string>(), "demo", "--step");
        var page = await Browser.VisitAsync(web.Origin);
        foreach (var step in new[] { "Your turn: approve round 1", "take the payment of round 1" })
        {
            await web.WaitForConsoleAsync(step, seconds: 180);
            await page.GotoAsync("/en/demo");
            await page.GetByRole(AriaRole.Button, new() { Name = "Go on without me" }).ClickAsync();
        }

        await web.WaitForConsoleAsync("Round 1 is paid, confirmed and closed", seconds: 60);
    }

    [Fact]
    public async Task Outside_a_demo_there_is_no_such_page()
    {
        await using var web = await WebPeer.StartAsync(new Dictionary<string, string>());
        var page = await Browser.VisitAsync(web.Origin);
        foreach (var path in new[] { "/demo", "/demo/wallet" }) Assert.Equal(404, (await page.GotoAsync(path))!.Status);
        await page.GotoAsync("/");
        Assert.DoesNotContain("This is a demo", await page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    /// <summary>Signs in with what the console shows, after Enter was pressed in it; returns the next code, which serves one more action.</summary>
    private static async Task<string> SignInAsync(IPage page, WebPeer web, string who)
    {
        var before = web.Console.Length;
        await web.TypeAsync("");
        Match shown;
        for (var tries = 0; !(shown = SignIn().Matches(web.Console[before..]).FirstOrDefault(m => m.Groups["who"].Value == who) ?? Match.Empty).Success; tries++)
        {
            Assert.True(tries < 100, web.Console);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await page.GotoAsync("/en/account/sign-in");
        await page.GetByLabel("Account id").FillAsync(shown.Groups["account"].Value);
        await page.GetByLabel("Password").FillAsync(shown.Groups["password"].Value);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByLabel("Code").FillAsync(shown.Groups["code"].Value);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        return shown.Groups["next"].Value;
    }

    private static async Task<string> DownloadAsync(IPage page, string button)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync());
        var path = Path.Combine(Path.GetDirectoryName(await download.PathAsync())!, Guid.NewGuid() + download.SuggestedFilename);
        await download.SaveAsAsync(path);
        return path;
    }

    private static long Weight(string console, int owner) =>
        long.Parse(Regex.Match(console, $@"Operator {owner}, .* weight (\d+)", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^    (?<who>\w+ \d) +(?<account>[0-9A-Z-]{25}) +(?<password>demo \w+ \d resists) +codes (?<code>\d{6}) (?<next>\d{6})", RegexOptions.Multiline)]
    private static partial Regex SignIn();
}
