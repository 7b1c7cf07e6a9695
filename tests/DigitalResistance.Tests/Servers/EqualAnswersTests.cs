using System.Text.Json;
using System.Text.RegularExpressions;
using DigitalResistance.Data;
using DigitalResistance.Servers;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Servers;

/// <summary>
/// Until control is proven, nobody learns whether an address is registered: status, page and the work behind them are the same. Work is
/// compared instead of time: the same statements in the same order, and nothing on the network but what the form says, take the same time.
/// </summary>
public sealed partial class EqualAnswersTests : IClassFixture<EqualAnswersTests.TalkingApp>
{
    private readonly TalkingApp _app;

    public EqualAnswersTests(TalkingApp app) => _app = app;

    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    public async Task An_address_that_is_registered_already_is_answered_like_a_new_one(string language)
    {
        await _app.StartCanaryAsync();
        // Held, proven, by somebody else; registered by somebody else, not proven; known to nobody. Nothing listens at any of them.
        using var holder = await SignedInAsync();
        var (held, known, free) = language == "en" ? ("3080", "3081", "3082") : ("3090", "3091", "3092");
        await ProveAsync(await RegisterAsync(holder, language, held));
        await RegisterAsync(holder, language, known);

        var answers = new List<Answers>();
        foreach (var port in new[] { held, known, free })
        {
            using var visitor = await SignedInAsync();
            answers.Add(await AskAsync(visitor, language, port));
        }

        foreach (var other in answers.Skip(1))
        {
            Assert.Equal(answers[0].Pages, other.Pages);
            Assert.Equal(answers[0].Work, other.Work);
        }

        Assert.True(answers[0].Work.Count > 10);
        Assert.Equal(1, await _app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Server>().CountAsync(s => s.State == ServerState.Proven && s.Label == "same " + language)));
    }

    [Fact]
    public async Task A_machine_that_asks_to_be_left_alone_is_answered_alike_whoever_knows_it()
    {
        using var owner = await SignedInAsync();
        // Listed, then unlisted by its wish; registered, not proven; known to nobody; and one whose operator took its wish back.
        var (listed, known, free, back) = ("127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4");
        await ProveAsync(await RegisterAsync(owner, "en", "3070", listed), listed);
        await RegisterAsync(owner, "en", "3071", known);
        var returning = await RegisterAsync(owner, "en", "3072", back);
        Assert.Equal(200, (await OptOutAsync(back)).Status);
        await ProveAsync(returning, back);
        Assert.Equal(0, await _app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<OptOut>().CountAsync()));

        var answers = new List<(int Status, string Body, string Headers, string Work)>();
        foreach (var machine in new[] { listed, known, free }) answers.Add(await OptOutAsync(machine));
        Assert.Equal((200, """{"result":"left_alone"}"""), (answers[0].Status, answers[0].Body));
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.Contains("opt_outs", answers[0].Work, StringComparison.Ordinal);
        var again = new List<(int Status, string Body, string Headers, string Work)>();
        foreach (var machine in new[] { listed, known, free, back }) again.Add(await OptOutAsync(machine));
        Assert.Equal(429, again[0].Status);
        Assert.All(again, answer => Assert.Equal(again[0], answer));
        Assert.DoesNotContain(_app.Log, line => line.Contains("127.0.1.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_page_of_somebody_elses_makes_a_browser_ask_for_its_machine()
    {
        using var http = new HttpClient { BaseAddress = _app.Origin };
        using var form = new FormUrlEncodedContent([]);
        Assert.Equal(405, (int)(await http.PostAsync("/api/v1/opt-out", form)).StatusCode);
        Assert.Equal(405, (int)(await http.GetAsync("/api/v1/opt-out")).StatusCode);
        // Other methods are asked for first, and only an answer with this header lets them through.
        using var asks = new HttpRequestMessage(HttpMethod.Options, "/api/v1/opt-out");
        asks.Headers.Add("Origin", "https://elsewhere.example");
        asks.Headers.Add("Access-Control-Request-Method", "PUT");
        Assert.False((await http.SendAsync(asks)).Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(409, (await OptOutAsync("10.0.0.1")).Status);
    }

    private async Task<(int Status, string Body, string Headers, string Work)> OptOutAsync(string from)
    {
        using var http = new HttpClient { BaseAddress = _app.Origin };
        using var call = new HttpRequestMessage(HttpMethod.Put, "/api/v1/opt-out");
        call.Headers.Add("X-Forwarded-For", from);
        var before = _app.Log.Count;
        using var answer = await http.SendAsync(call);
        var headers = string.Join('\n', answer.Headers.Where(h => h.Key != "Date").Select(h => $"{h.Key}: {string.Join(',', h.Value)}").Order(StringComparer.Ordinal));
        var body = Random().Replace(await answer.Content.ReadAsStringAsync(), "RANDOM");
        return ((int)answer.StatusCode, body, headers, string.Join('\n', _app.Log.Skip(before).Select(Statement).OfType<string>()));
    }

    /// <summary>Registers, looks, edits, asks for a proof in the protocol, and retires: all that a stranger could compare.</summary>
    private async Task<Answers> AskAsync(Visitor visitor, string language, string port)
    {
        var pages = new List<string>();
        var from = _app.Log.Count;
        var page = await RegisterAsync(visitor, language, port);
        pages.Add(Normal(page, port));
        foreach (var button in new[] { "value=\"InProtocol\"", "value=\"DnsRecord\"", "value=\"HttpToken\"" })
        {
            if (!page.Html.Contains(button, StringComparison.Ordinal)) continue;
            var shown = await visitor.SubmitAsync(page, button);
            pages.Add(Normal(shown, port));
        }

        var edit = await visitor.OpenAsync(page.Path + "/edit");
        pages.Add(Normal(edit, port));
        pages.Add(Normal(await visitor.SubmitAsync(edit, "Input.Version", ("Input.Label", "same " + language)), port));
        pages.Add(Normal(await visitor.OpenAsync($"/{language}/my/servers"), port));
        var retire = await visitor.OpenAsync(page.Path + "/retire");
        pages.Add(Normal(await visitor.SubmitAsync(retire, "Input.Sure", ("Input.Sure", "true")), port));
        return new(pages, [.. _app.Log.Skip(from).Select(Statement).OfType<string>()]);
    }

    private async Task ProveAsync(Page page, string from = "127.0.0.1")
    {
        using var server = new HttpClient { BaseAddress = _app.Origin };
        using var call = new HttpRequestMessage(HttpMethod.Post, "/api/v1/heartbeat") { Content = new FormUrlEncodedContent([KeyValuePair.Create("token", Token().Match(page.Html).Groups[1].Value)]) };
        call.Headers.Add("X-Forwarded-For", from);
        Assert.True((await server.SendAsync(call)).IsSuccessStatusCode);
    }

    private async Task<Visitor> SignedInAsync()
    {
        var visitor = _app.NewVisitor();
        await visitor.SignInAsync(await _app.NewPersonAsync());
        return visitor;
    }

    private static async Task<Page> RegisterAsync(Visitor visitor, string language, string port, string host = "127.0.0.1")
    {
        var form = await visitor.OpenAsync($"/{language}/my/servers/new?protocol=socks5");
        var answer = await visitor.SendAsync(form, "Input.Host", ("Input.Label", (host == "127.0.0.1" ? "same " : "other ") + language), ("Input.Host", host), ("Input.Port", port));
        Assert.Equal(302, answer.Status);
        var page = await visitor.OpenAsync(answer.Location!);
        Assert.Equal(200, page.Status);
        return page;
    }

    /// <summary>The SQL of a log line that tells of a statement. Who asked to be left alone is read when it was read long ago, whatever the address.</summary>
    private static string? Statement(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.TryGetProperty("commandText", out var text) && text.GetString() is { } sql && !EverybodyWhoAsked().IsMatch(sql) ? sql : null;
    }

    [GeneratedRegex(@"^SELECT ""o"".""machine""\s+FROM ""opt_outs"" AS ""o""\s*$")]
    private static partial Regex EverybodyWhoAsked();

    // What is random in every page, and what was typed.
    private static string Normal(Page page, string port) => Moments().Replace(Random().Replace(Guids().Replace($"{page.Status} {page.Path}\n{page.Html}", "ID"), "RANDOM"), "MOMENT").Replace(port, "PORT", StringComparison.Ordinal);

    [GeneratedRegex("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")]
    private static partial Regex Guids();

    [GeneratedRegex("[A-Za-z0-9_-]{16,}|(?<=<code>|-u )[a-z]{2}[a-z0-9]{9}\\b|\\d+(?= \\* \\* \\* \\*)")]
    private static partial Regex Random();

    [GeneratedRegex(@"\d{4}-\d{2}-\d{2}T[0-9:.Z]+|\d{2}:\d{2}(:\d{2})?")]
    private static partial Regex Moments();

    [GeneratedRegex("token=([0-9a-z]{64})")]
    private static partial Regex Token();

    private sealed record Answers(IReadOnlyList<string> Pages, IReadOnlyList<string> Work);

    /// <summary>Logs every statement that the database gets; its requests come one after the other.</summary>
    public sealed class TalkingApp : ServersApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings =>
            [.. base.Settings, ("Serilog:MinimumLevel:Override:Microsoft.EntityFrameworkCore.Database.Command", "Information")];
    }
}
