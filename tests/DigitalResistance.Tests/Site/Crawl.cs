using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using DigitalResistance.Tests.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Site;

/// <summary>
/// Reads a whole site as one visitor: every route that the program has, its parameters filled in, and whatever the answers link to, in both
/// languages and in none, but for what is <paramref name="known"/>. A new page or export is in it by itself; a new parameter has to be told here.
/// </summary>
internal sealed partial class Crawl(PopulatedApp app, Visitor visitor, IReadOnlyDictionary<string, string[]> parameters, HashSet<string>? known = null)
{
    private static readonly string[] Languages = ["", "/en", "/ru"];

    // The ledger's filters alone would make thousands of addresses.
    private const int MostQueriesOfAPath = 6;

    private readonly Queue<string> _waiting = new();
    private readonly HashSet<string> _known = known ?? [];
    private readonly Dictionary<string, int> _queries = [];

    /// <summary>Every answer: its address, status, and everything of it that can be read, headers included.</summary>
    public List<(string Address, int Status, string Text)> Answers { get; } = [];

    public async Task RunAsync()
    {
        Add("/");
        foreach (var path in Routes()) foreach (var language in Languages) Add(language + path);
        while (_waiting.TryDequeue(out var address)) await VisitAsync(address);
    }

    private async Task VisitAsync(string address)
    {
        using var answer = await AskAsync(() => new HttpRequestMessage(HttpMethod.Get, address));
        var text = await ReadAsync(answer);
        Answers.Add((address, (int)answer.StatusCode, text));
        if (answer.Headers.Location is { } next) Follow(next.OriginalString);
        if (answer.Content.Headers.ContentType?.MediaType is "text/html" or "application/json" or "application/atom+xml" or "application/problem+json")
        {
            foreach (Match link in Link().Matches(text)) Follow(WebUtility.HtmlDecode(link.Groups[1].Value));
        }
    }

    /// <summary>What answers only to a form, or to nobody: its refusals are read too.</summary>
    public async Task ProvokeAsync()
    {
        foreach (var path in Routes(post: true).Concat(["/nothing/here", "/api/v1/nothing", "/ledger.csv?min=lots", "/api/v1/ledger?kind=nothing"]))
        {
            foreach (var (method, language) in new[] { (HttpMethod.Post, "/en"), (HttpMethod.Put, "/ru"), (HttpMethod.Get, "") })
            {
                using var answer = await AskAsync(() => new HttpRequestMessage(method, language + path) { Content = method == HttpMethod.Get ? null : new FormUrlEncodedContent([KeyValuePair.Create("a", "b")]) });
                Answers.Add(($"{method} {language}{path}", (int)answer.StatusCode, await ReadAsync(answer)));
            }
        }
    }

    /// <summary>Every address that the program routes.</summary>
    private IEnumerable<string> Routes(bool post = false) => app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>() is not { } methods || methods.HttpMethods.Contains(post ? "POST" : "GET"))
        .SelectMany(e => Fill("/" + e.RoutePattern.RawText!.TrimStart('/'))).Distinct();

    private IEnumerable<string> Fill(string template)
    {
        if (Parameter().Match(template) is not { Success: true } parameter) return [template.Length > 1 ? template.TrimEnd('/') : template];
        var name = parameter.Groups["name"].Value;
        Assert.True(parameters.ContainsKey(name), $"The route {template} has a parameter '{name}': say in this test what to fill in.");
        return parameters[name].SelectMany(value => Fill(template[..parameter.Index] + value + template[(parameter.Index + parameter.Length)..]));
    }

    private void Follow(string link)
    {
        if (!Uri.TryCreate(visitor.Origin, link, out var address) || (link.Contains("://", StringComparison.Ordinal) && address.Port is not 5080 && address.Authority != visitor.Origin.Authority)) return;
        Add(address.PathAndQuery);
    }

    private void Add(string address)
    {
        var cut = address.IndexOf('?', StringComparison.Ordinal);
        if (!_known.Add(address)) return;
        if (cut > 0)
        {
            var count = _queries.GetValueOrDefault(address[..cut]);
            if (count >= MostQueriesOfAPath) return;
            _queries[address[..cut]] = count + 1;
        }

        _waiting.Enqueue(address);
    }

    private async Task<HttpResponseMessage> AskAsync(Func<HttpRequestMessage> make)
    {
        while (true)
        {
            using var request = make();
            var answer = await visitor.Http.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests) return answer;
            // A reader who is signed in may ask so often and no more; the bucket fills up by real time.
            answer.Dispose();
            await Task.Delay(500);
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.Content.Headers.ContentType?.MediaType == "application/gzip")
        {
            using var plain = new MemoryStream();
            await using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            await gzip.CopyToAsync(plain);
            body = plain.ToArray();
        }

        return $"{answer.Headers}\n{answer.Content.Headers}\n{Encoding.UTF8.GetString(body)}";
    }

    [GeneratedRegex("(?:href|src|action)=\"([^\"#]+)[^\"]*\"")]
    private static partial Regex Link();

    [GeneratedRegex(@"\{\**(?<name>\w+)[^{}]*\}")]
    private static partial Regex Parameter();
}
