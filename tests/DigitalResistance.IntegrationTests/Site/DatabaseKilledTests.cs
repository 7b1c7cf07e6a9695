using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Scoring;
using DigitalResistance.Testing;
using DigitalResistance.Tests.Web;

namespace DigitalResistance.IntegrationTests.Site;

/// <summary>The database server is killed under a running site and comes back later; the site is a process of its own, its server a real one.</summary>
public sealed partial class DatabaseKilledTests
{
    /// <summary>Seconds that the database is away, less than what the site has claimed ahead: two beats. A real minute in the long form.</summary>
    private static readonly int Away = Needs.Depth(15, 60);

    private static readonly int Slot = Needs.Depth(20, 60);

    [Fact]
    public async Task Pages_say_so_nothing_is_lost_or_done_twice_and_probing_goes_on()
    {
        await using var database = await PostgresPeer.StartAsync();
        await using var socks = await MicrosocksPeer.StartAsync();
        var policy = Path.GetTempFileName();
        await File.WriteAllTextAsync(policy, ShortPolicy(), TestContext.Current.CancellationToken);
        await using var site = await WebPeer.StartAsync(new Dictionary<string, string>
        {
            ["Database__Provider"] = "postgres", ["Database__ConnectionString"] = database.ConnectionString("postgres"), ["Scoring__PolicyFile"] = policy,
            ["Dialing__AllowLoopback"] = "true", ["Canary__Listen"] = "127.0.0.1:0", ["Probing__TlsTargets"] = "none", ["Probing__Telegram"] = "none", ["Accounts__PasswordRounds"] = "1000",
        });
        using var owner = new Visitor(new Uri(site.Origin));
        await owner.SubmitAsync(await owner.OpenAsync(SetUpLink().Match(site.Console).Value), "Input.Password", ("Input.Password", "a lamp and three wolves"), ("Input.Again", "a lamp and three wolves"));
        var server = await RegisterAsync(owner, socks.Port);
        Assert.Equal("""{"result":"proven"}""", await CallHomeAsync(site, server));
        await UntilAsync(async () => (await SlotsAsync(owner, server)).Count(s => s.Carried) >= 2, seconds: 6 * Slot);
        var form = await owner.OpenAsync("/ru/my/servers/new?protocol=socks5");
        (string, string)[] second = [("Input.Label", "second"), ("Input.Host", "127.0.0.1"), ("Input.Port", "2080")];

        await database.InterruptAsync();
        var gone = DateTimeOffset.UtcNow;
        await RefusedAsync(await owner.GetAsync("/en/ledger"), "A part of the site is away for the moment", "Nothing is lost and nothing was done twice.");
        await RefusedAsync(await owner.GetAsync("/ru/my/servers"), "Часть сайта временно недоступна", "Ничего не потеряно и ничего не сделано дважды.");
        await RefusedAsync(await owner.SendAsync(form, "Input.Host", second), "Часть сайта временно недоступна", "Попробуйте через минуту.");
        Assert.Equal(503, (await owner.GetAsync("/ledger.csv")).Status);
        var api = await owner.GetAsync("/api/v1/ledger");
        Assert.Equal((503, "application/problem+json"), (api.Status, api.Response.Content.Headers.ContentType?.MediaType));
        Assert.Contains("\"status\":503", await CallHomeAsync(site, server), StringComparison.Ordinal);
        Assert.Equal((200, 503), ((await owner.GetAsync("/health/live")).Status, (await owner.GetAsync("/health/ready")).Status));
        var rest = gone.AddSeconds(Away) - DateTimeOffset.UtcNow;
        if (rest > TimeSpan.Zero) await Task.Delay(rest, TestContext.Current.CancellationToken);
        await database.ResumeAsync();
        var back = DateTimeOffset.UtcNow;

        // By itself, and still the same person; what could not be sent is sent again, by an impatient browser twice.
        await UntilAsync(async () => (await owner.GetAsync("/health/ready")).Status == 200, seconds: 60);
        var answers = await Task.WhenAll(owner.SendAsync(form, "Input.Host", second), owner.SendAsync(form, "Input.Host", second));
        Assert.All(answers, a => Assert.Equal((302, answers[0].Location), (a.Status, a.Location)));
        Assert.Equal(2, Regex.Count((await owner.OpenAsync("/en/my/servers")).Html, "href=\"/en/my/servers/[0-9a-f]{8}-[0-9a-f-]{27}\"", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Equal(200, (await owner.OpenAsync("/en/ledger")).Status);

        await UntilAsync(async () => (await SlotsAsync(owner, server)).Any(s => s.At > back.AddSeconds(Slot)), seconds: 6 * Slot);
        var slots = await SlotsAsync(owner, server);
        Assert.All(slots, s => Assert.True(s.Carried, $"{s.At:O} was not counted"));
        Assert.Equal(slots.Count, slots.Select(s => s.At).Distinct().Count());
        // No hole where the database was away.
        Assert.Equal(TimeSpan.FromSeconds(Slot * (slots.Count - 1)), slots.Max(s => s.At) - slots.Min(s => s.At));
        Assert.Contains(slots, s => s.At < gone && s.At.AddSeconds(Slot) > gone);
        File.Delete(policy);
    }

    private static Task RefusedAsync(Page page, params string[] words)
    {
        Assert.Equal((503, "30"), (page.Status, page.Header("Retry-After")));
        Assert.All(words, w => Assert.Contains(w, page.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("Npgsql", page.Html, StringComparison.Ordinal);
        return Task.CompletedTask;
    }

    private static async Task<Page> RegisterAsync(Visitor owner, int port)
    {
        var form = await owner.OpenAsync("/en/my/servers/new?protocol=socks5");
        return await owner.SubmitAsync(form, "Input.Host", ("Input.Label", "first"), ("Input.Host", "127.0.0.1"), ("Input.Port", $"{port}"));
    }

    /// <summary>As the page says: with curl, from the server's own address.</summary>
    private static Task<string> CallHomeAsync(WebPeer site, Page server) => PeerProcess.RunAsync(
        Needs.Program("curl"), ["--silent", "--ipv4", "--data", "token=" + Token().Match(server.Html).Groups[1].Value, $"{site.Origin}/api/v1/heartbeat"]);

    /// <summary>The slots of today as the owner reads them.</summary>
    private static async Task<List<(DateTimeOffset At, bool Carried)>> SlotsAsync(Visitor owner, Page server)
    {
        var page = await owner.OpenAsync(server.Path + "/probes");
        return [.. Row().Matches(page.Html).Select(m => (DateTimeOffset.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), m.Groups[2].Value == "ok"))];
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, int seconds)
    {
        for (var until = DateTimeOffset.UtcNow.AddSeconds(seconds); !await condition(); await Task.Delay(250))
            Assert.True(DateTimeOffset.UtcNow < until, $"not within {seconds} s");
    }

    private static string ShortPolicy()
    {
        var policy = JsonNode.Parse(Policy.Standard.Bytes)!;
        (policy["slotSeconds"], policy["windowSeconds"]) = (Slot, 5 * Slot);
        return policy.ToJsonString();
    }

    [GeneratedRegex("/account/new/[0-9A-Za-z-]+")]
    private static partial Regex SetUpLink();

    [GeneratedRegex("token=([0-9a-z]{64})")]
    private static partial Regex Token();

    [GeneratedRegex("<th scope=\"row\"><time datetime=\"([^\"]+)\".*?<span class=\"badge ([a-z]+)\"", RegexOptions.Singleline)]
    private static partial Regex Row();
}
