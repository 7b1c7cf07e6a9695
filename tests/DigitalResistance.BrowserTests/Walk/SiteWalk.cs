using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace DigitalResistance.BrowserTests.Walk;

/// <summary>
/// Somebody who opens a page, looks at it closely in every width and colour, and goes on by its links: of addresses that differ in a number
/// or an id only, the first two.
/// </summary>
internal sealed partial class SiteWalk
{
    private static readonly int[] Widths = [390, 1280];
    private readonly IPage _page;
    private readonly string _language;
    private readonly Queue<string> _next = new();
    private readonly Dictionary<string, int> _kinds = [];
    private readonly HashSet<string> _seen = [];
    private readonly List<string> _console = [];

    public SiteWalk(IPage page, string language)
    {
        (_page, _language) = (page, language);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _console.Add(message.Text);
        };
        page.RequestFailed += (_, request) => _console.Add($"{request.Url} failed");
    }

    /// <summary>Paths without the language that were looked at.</summary>
    public List<string> Opened { get; } = [];

    /// <summary>What a reader would wince at.</summary>
    public List<string> Complaints { get; } = [];

    public async Task RunAsync(params IEnumerable<string> from)
    {
        foreach (var path in from) Note(path);
        while (_next.TryDequeue(out var path)) await LookAsync(path);
    }

    private void Note(string path)
    {
        path = path == "/demo" ? "/demo?still=true" : path.TrimEnd('/');
        if (!_seen.Add(path)) return;
        var kind = Changing().Replace(path, "…");
        if ((_kinds[kind] = _kinds.GetValueOrDefault(kind) + 1) <= 2) _next.Enqueue(path);
    }

    private async Task LookAsync(string path)
    {
        _console.Clear();
        var answer = await _page.GotoAsync($"/{_language}{path}");
        Opened.Add(path.Split('?')[0]);
        if (answer!.Status != 200) Complain(path, $"status {answer.Status}");
        if (await _page.GetAttributeAsync("html", "lang") != _language) Complain(path, "another language");
        var title = await _page.TitleAsync();
        if (path.Length > 0 && !title.Contains(" · ", StringComparison.Ordinal)) Complain(path, $"title '{title}'");
        if (await _page.Locator("h1").CountAsync() != 1) Complain(path, "not one first heading");
        foreach (var width in Widths)
        {
            await _page.SetViewportSizeAsync(width, 900);
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await _page.EmulateMediaAsync(new() { ColorScheme = scheme });
                var wide = await _page.EvaluateAsync<string[]>(TooWide);
                if (wide.Length > 0) Complain(path, $"{width} px, {scheme}: {string.Join(", ", wide)}");
            }
        }

        foreach (var text in await _page.EvaluateAsync<string[]>(Texts)) Read(path, text);
        foreach (var line in _console) Complain(path, line);
        foreach (var link in await _page.EvaluateAsync<string[]>(Links))
            if (link.StartsWith($"/{_language}/", StringComparison.Ordinal) && !link.Split('?')[0].Split('/')[^1].Contains('.', StringComparison.Ordinal)) Note(link[3..]);
    }

    private void Read(string path, string text)
    {
        if (Key().IsMatch(text)) Complain(path, $"untranslated: {text}");
        if (_language == "ru" && English().IsMatch(text)) Complain(path, $"English: {text}");
        if (_language == "en" && Cyrillic().IsMatch(text)) Complain(path, $"Russian: {text}");
    }

    private void Complain(string path, string what) => Complaints.Add($"/{_language}{path}: {what}");

    /// <summary>What sticks out to the right.</summary>
    private const string TooWide = """
        () => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1).map(e => e.tagName + ' ' + e.textContent.trim().slice(0, 40));
          return out.length ? out.slice(-3) : ['something'];
        }
        """;

    /// <summary>Words of the page, block by block, without code and without what says that it is in another language.</summary>
    private const string Texts = """
        () => [...document.querySelectorAll('body *')].filter(e => !e.closest('code, pre, body [lang], script, style, .hash, .secret'))
          .map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join(' ').trim()).filter(t => t.length > 0)
        """;

    private const string Links = "() => [...document.querySelectorAll('a[href]:not([download])')].filter(a => a.origin === location.origin).map(a => a.pathname + a.search)";

    [GeneratedRegex(@"(?<=/)(?:[0-9]+|[0-9a-f-]{36}|[a-z2-7]{32})(?=/|\?|$)|(?<==)[^&]+")]
    private static partial Regex Changing();

    // What the localizer shows instead of a text that it lacks: two words or more, glued by points.
    [GeneratedRegex(@"(?<![\w/:@-])[A-Z][A-Za-z]+(?:\.[A-Za-z_]+)+(?![\w/:(-])")]
    private static partial Regex Key();

    [GeneratedRegex(@"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b")]
    private static partial Regex English();

    [GeneratedRegex(@"\p{IsCyrillic}")]
    private static partial Regex Cyrillic();
}
