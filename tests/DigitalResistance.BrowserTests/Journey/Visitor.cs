using Microsoft.Playwright;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>A person in front of Chromium with JavaScript off: opens pages, fills forms, presses buttons, and is told when a page says no.</summary>
internal sealed class Visitor
{
    private readonly List<string> _complaints = [];

    private Visitor(IPage page, string language)
    {
        (Page, Language) = (page, language);
        // What the content security policy had to refuse is a mistake of ours, whatever the page looks like; a refused form is none.
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.Contains("status of 422", StringComparison.Ordinal)) _complaints.Add($"{page.Url}: {message.Text}");
        };
    }

    public IPage Page { get; }

    public string Language { get; }

    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<Visitor> ComeAsync(string origin, string language = "en") =>
        new(await Browser.VisitAsync(origin, locale: language == "ru" ? "ru-RU" : "en-US"), language);

    /// <summary>Opens a page of the site in the visitor's language.</summary>
    public async Task<string> OpenAsync(string path)
    {
        var response = await Page.GotoAsync(path.StartsWith("http", StringComparison.Ordinal) ? path : $"/{Language}{path}");
        var text = await Page.InnerTextAsync("main");
        Assert.True(response!.Status < 400, $"{path} answered {response.Status}: {text}");
        return text;
    }

    public Task FillAsync(string control, string value) => Page.Locator("main").Locator(control).FillAsync(value);

    public Task<string> ReadAsync(string element) => Page.Locator("main").Locator(element).First.InnerTextAsync();

    public Task<IReadOnlyList<string>> ReadAllAsync(string elements) => Page.Locator("main").Locator(elements).AllInnerTextsAsync();

    public async Task<bool> SeesAsync(string element) => await Page.Locator("main").Locator(element).CountAsync() > 0;

    /// <summary>Presses the button of a form and gives what the next page says; fails with its words when it is a refusal.</summary>
    public async Task<string> SubmitAsync(string form)
    {
        var (status, text) = await PressAsync(form);
        Assert.True(status < 400, $"{form} at {Page.Url} was answered with {status}: {text}");
        return text;
    }

    /// <summary>Presses the button of a form that is going to be refused.</summary>
    public async Task<string> SubmitInVainAsync(string form, int status)
    {
        var (answered, text) = await PressAsync(form);
        Assert.Equal((status, form), (answered, form));
        return text;
    }

    /// <summary>Presses the button of a form whose answer is a file.</summary>
    public async Task<byte[]> DownloadAsync(string form)
    {
        var download = await Page.RunAndWaitForDownloadAsync(() => ButtonOf(form).ClickAsync());
        return await File.ReadAllBytesAsync(await download.PathAsync());
    }

    /// <summary>Opens a page again and again until it shows the element.</summary>
    public async Task WaitForAsync(string path, string element)
    {
        var until = DateTimeOffset.UtcNow.AddMinutes(2);
        while (true)
        {
            var text = await OpenAsync(path);
            if (await SeesAsync(element)) return;
            Assert.True(DateTimeOffset.UtcNow < until, $"{path} did not show '{element}' within two minutes: {text}");
            await Task.Delay(500);
        }
    }

    private async Task<(int Status, string Text)> PressAsync(string form)
    {
        var response = await Page.RunAndWaitForResponseAsync(() => ButtonOf(form).ClickAsync(), r => r.Request.IsNavigationRequest && r.Status is < 300 or >= 400);
        await Page.WaitForLoadStateAsync();
        return (response.Status, await Page.InnerTextAsync("main"));
    }

    private ILocator ButtonOf(string form) => Page.Locator($"main form{form} button").First;
}
