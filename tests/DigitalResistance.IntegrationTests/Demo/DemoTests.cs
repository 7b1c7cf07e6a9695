using System.Net.Http.Json;
using System.Text.RegularExpressions;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Demo;

/// <summary>The demo as a newcomer starts it: the real process, judged by what it publishes.</summary>
public sealed partial class DemoTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("dr-demo-test-");

    [Fact]
    public async Task A_round_is_walked_the_liar_gets_nothing_the_books_close_and_nothing_is_left()
    {
        await using var web = await StartAsync("demo");
        await web.WaitForConsoleAsync("Round 1 is paid, confirmed and closed", seconds: 180);
        using var http = new HttpClient { BaseAddress = new Uri(web.Origin) };

        // Two good ones are worth the same, the flapping one less; who lies has no row at all.
        var rows = (await http.GetFromJsonAsync<RoundRows>("/rounds/1/rows.json", Cancellation))!.rows.OrderByDescending(r => r.weight).ToArray();
        Assert.Equal(3, rows.Length);
        Assert.Equal(rows[0].weight, rows[1].weight);
        Assert.Equal(rows[0].amount_sat, rows[1].amount_sat);
        Assert.InRange(rows[2].weight, 1, rows[1].weight - 1);
        Assert.InRange(rows[2].amount_sat, 1, rows[1].amount_sat - 1);
        Assert.Matches(@"who says yes and carries nothing: available 0\.0\u00A0%, weight 0, gets 0 sat", web.Console);

        // What was given is what was paid, what it cost, and what is left: to us, and to the outsider's command.
        var verdict = await VerifyAsync(http);
        Assert.Equal(rows.Sum(r => r.amount_sat), Number(verdict, @"round 1: Closed, paid (\d+) sat"));
        var books = Books().Match(verdict);
        Assert.Equal(Number(books, "received"), Number(books, "paid") + Number(books, "fees") + Number(books, "balance"));
        Assert.StartsWith("OK localhost/demo", verdict.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        var ledger = (await http.GetFromJsonAsync<LedgerLines>("/ledger.json", Cancellation))!.lines;
        Assert.Equal(ledger.Sum(l => l.change_sat), ledger.MaxBy(l => l.index)!.balance_sat);

        // Every page says what it is, and none how to sign in.
        var secrets = SignIn().Matches(web.Console).Select(m => m.Value).ToArray();
        Assert.Equal(7, secrets.Length);
        foreach (var path in new[] { "/en", "/en/demo", "/en/demo/wallet", "/en/rounds/1", "/en/ledger", "/en/verify", "/en/donate", "/en/account/sign-in", "/en/nothing" })
        {
            using var answer = await http.GetAsync(path, Cancellation);
            var page = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.Contains("This is a demo", page, StringComparison.Ordinal);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, page, StringComparison.Ordinal));
        }

        await web.WaitForConsoleAsync("Round 2 is open", seconds: 60);
        Assert.Single(_temp.GetDirectories("digital-resistance-demo-*"));
        await web.EndAsync();
        Assert.Empty(_temp.GetDirectories("digital-resistance-demo-*"));
    }

    [Theory]
    [InlineData("This program knows no 'dmeo'", "dmeo")]
    [InlineData("'--stop' is no setting with a value", "demo", "--stop")]
    [InlineData("'--step' belongs to the demo", "--step")]
    [InlineData("The demo listens on this machine only", "demo", "--urls", "http://0.0.0.0:5999")]
    public async Task What_cannot_be_meant_is_refused_with_a_sentence(string sentence, params string[] arguments)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => PeerProcess.RunAsync(
            Needs.Program("env"), ["LANG=en_US.UTF-8", $"TMPDIR={_temp.FullName}", Needs.Program("dotnet"), WebPeer.Assembly, .. arguments], seconds: 60));
        Assert.Contains("ended with 1:", refused.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_temp.GetDirectories("digital-resistance-demo-*"));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_without_a_trace()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://127.0.0.1:{((System.Net.IPEndPoint)other.LocalEndpoint).Port}";
        await What_cannot_be_meant_is_refused_with_a_sentence($"Failed to bind to address {url}: address already in use", "demo", "--urls", url);
    }

    public void Dispose() => _temp.Delete(recursive: true);

    private Task<WebPeer> StartAsync(params string[] arguments) => WebPeer.StartAsync(new Dictionary<string, string> { ["TMPDIR"] = _temp.FullName }, arguments);

    private static async Task<string> VerifyAsync(HttpClient http)
    {
        var key = VerifierKey().Match(System.Net.WebUtility.HtmlDecode(await http.GetStringAsync("/en/verify", Cancellation))).Groups[1].Value;
        return await PeerProcess.RunAsync(Needs.Program("dotnet"), [Path.Combine(AppContext.BaseDirectory, "DigitalResistance.Verify.dll"), http.BaseAddress!.ToString(), key]);
    }

    private static long Number(string text, string pattern) =>
        long.Parse(Regex.Match(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"received (?<received>\d+) sat, paid (?<paid>\d+) sat, fees (?<fees>\d+) sat, balance (?<balance>\d+) sat")]
    private static partial Regex Books();

    [GeneratedRegex(@"demo (admin|treasurer|operator) \d resists")]
    private static partial Regex SignIn();

    [GeneratedRegex(@"src/DigitalResistance\.Verify -- \S+ '([^']+)'")]
    private static partial Regex VerifierKey();

    private sealed record RoundRows(RoundRow[] rows);

    private sealed record RoundRow(long weight, long amount_sat);

    private sealed record LedgerLines(LedgerRow[] lines);

    private sealed record LedgerRow(long index, long change_sat, long balance_sat);
}
