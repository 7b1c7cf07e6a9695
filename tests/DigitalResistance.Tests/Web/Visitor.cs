using System.Net;
using System.Text.RegularExpressions;

namespace DigitalResistance.Tests.Web;

/// <summary>A browser without script: keeps cookies, reads forms, sends them as they are with some fields filled in.</summary>
public sealed class Visitor : IDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, UseCookies = true };

    public Visitor(Uri origin)
    {
        Http = new HttpClient(_handler) { BaseAddress = origin, Timeout = TimeSpan.FromSeconds(60) };
        Origin = origin;
    }

    public HttpClient Http { get; }

    public Uri Origin { get; }

    public CookieContainer Cookies => _handler.CookieContainer;

    /// <summary>Asks for a page and follows where it leads.</summary>
    public async Task<Page> OpenAsync(string path)
    {
        for (var hops = 0; hops < 6; hops++)
        {
            var page = await GetAsync(path);
            if (page.Location is not { } next) return page;
            path = next;
        }

        throw new InvalidOperationException("Led in circles.");
    }

    /// <summary>Asks for a page and stays where it is.</summary>
    public async Task<Page> GetAsync(string path) => await Page.ReadAsync(path, await Http.GetAsync(path));

    /// <summary>Sends the page's form that has <paramref name="button"/> in it, with its hidden fields and these values, and stays where it is.</summary>
    public async Task<Page> SendAsync(Page page, string button, params (string Name, string Value)[] values) =>
        await Page.ReadAsync(page.Path, await Http.SendAsync(Request(page, button, values)));

    /// <summary>As <see cref="SendAsync"/>, and follows.</summary>
    public async Task<Page> SubmitAsync(Page page, string button, params (string Name, string Value)[] values)
    {
        var answer = await SendAsync(page, button, values);
        return answer.Location is { } next ? await OpenAsync(next) : answer;
    }

    /// <summary>As <see cref="SendAsync"/> with a file, as browsers send one.</summary>
    public async Task<Page> SendFileAsync(Page page, string button, string field, byte[] file)
    {
        var form = page.Forms.First(f => f.Html.Contains(button, StringComparison.Ordinal));
        var content = new MultipartFormDataContent();
        foreach (var (name, value) in form.Fields.Where(f => f.Name != field)) content.Add(new StringContent(value), name);
        content.Add(new ByteArrayContent(file), field, "manifest.txt.sig");
        return await Page.ReadAsync(page.Path, await Http.PostAsync(new Uri(form.Action ?? page.Path, UriKind.Relative), content));
    }

    public static HttpRequestMessage Request(Page page, string button, params (string Name, string Value)[] values)
    {
        var form = page.Forms.FirstOrDefault(f => f.Html.Contains(button, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{page.Path} ({page.Status}) has no form with '{button}':\n{page.Html}");
        var fields = form.Fields.Where(f => values.All(v => v.Name != f.Name)).Concat(values);
        return new HttpRequestMessage(HttpMethod.Post, form.Action ?? page.Path)
        {
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
    }

    /// <summary>Signs in with a password, and says where that led.</summary>
    public async Task<Page> SignInAsync(Person person, string? returnUrl = null)
    {
        var page = await OpenAsync("/en/account/sign-in" + (returnUrl is null ? "" : "?returnUrl=" + Uri.EscapeDataString(returnUrl)));
        return await SubmitAsync(page, "Input.Password", ("Input.AccountId", person.AccountId), ("Input.Password", person.Password));
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }
}

/// <summary>An answer as somebody reads it.</summary>
public sealed partial record Page(string Path, int Status, string Html, string? Location, HttpResponseMessage Response)
{
    public IReadOnlyList<Form> Forms => [.. FormTag().Matches(Html).Select(m => Form.Read(m.Groups["attributes"].Value, m.Groups["body"].Value))];

    /// <summary>Words without tags.</summary>
    public string Text => WebUtility.HtmlDecode(Tag().Replace(Html, " "));

    public static async Task<Page> ReadAsync(string path, HttpResponseMessage response)
    {
        var location = response.Headers.Location is { } at ? at.IsAbsoluteUri ? at.PathAndQuery : at.OriginalString : null;
        return new Page(path, (int)response.StatusCode, await response.Content.ReadAsStringAsync(), location, response);
    }

    public string? Header(string name) =>
        Response.Headers.TryGetValues(name, out var values) || Response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    [GeneratedRegex("<form(?<attributes>[^>]*)>(?<body>.*?)</form>", RegexOptions.Singleline)]
    private static partial Regex FormTag();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}

/// <summary>A form of a page: where it goes, and what it sends unless told otherwise.</summary>
public sealed partial record Form(string? Action, string Html, IReadOnlyList<(string Name, string Value)> Fields)
{
    internal static Form Read(string attributes, string body)
    {
        var fields = Input().Matches(body).Select(m => m.Value)
            .Where(tag => Attribute(tag, "name") is not null && (Attribute(tag, "type") is not ("radio" or "checkbox") || tag.Contains("checked", StringComparison.Ordinal)))
            .Select(tag => (Attribute(tag, "name")!, Attribute(tag, "value") ?? ""));
        var action = Attribute(attributes, "action");
        return new Form(string.IsNullOrEmpty(action) ? null : action, body, [.. fields]);
    }

    private static string? Attribute(string tag, string name) =>
        Regex.Match(tag, $"\\s{name}=\"([^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(1)) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Input();
}

/// <summary>Somebody who can sign in.</summary>
public sealed record Person(Guid Id, string AccountId, string Password, IReadOnlyList<string> RecoveryCodes);
