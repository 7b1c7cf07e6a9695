using DigitalResistance.BrowserTests;
using DigitalResistance.Testing;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]
// Journeys keep time with real clocks: two at once on two cores would make each other's probes late.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace DigitalResistance.BrowserTests;

/// <summary>
/// Debian's Chromium, one process for the test run. Every visitor gets a context of their own, with JavaScript off unless the
/// test says otherwise: that is how many of our readers come.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly SemaphoreSlim Starting = new(1, 1);
    private static IPlaywright? s_playwright;
    private static IBrowser? s_browser;

    /// <summary>A new visitor of a site, with no cookies.</summary>
    /// <param name="origin">Scheme, host and port.</param>
    /// <param name="javaScript">Whether the browser runs scripts.</param>
    /// <param name="locale">The language that the browser asks for.</param>
    /// <param name="width">Width of the window in CSS pixels.</param>
    /// <param name="dark">Whether the system asks for dark colours.</param>
    public static async Task<IPage> VisitAsync(string origin, bool javaScript = false, string locale = "en-US", int width = 1280, bool dark = false)
    {
        var context = await (await SharedAsync()).NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = origin,
            JavaScriptEnabled = javaScript,
            Locale = locale,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
        });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (s_browser is not null) await s_browser.DisposeAsync();
        s_playwright?.Dispose();
        (s_browser, s_playwright) = (null, null);
    }

    private static async Task<IBrowser> SharedAsync()
    {
        await Starting.WaitAsync();
        try
        {
            if (s_browser is not null) return s_browser;
            var chromium = Needs.Program("chromium");
            s_playwright = await Playwright.CreateAsync();
            return s_browser = await s_playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = chromium,
                Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            });
        }
        finally
        {
            Starting.Release();
        }
    }
}
