using System.Globalization;
using System.Text.RegularExpressions;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>What readers and machines see of the log.</summary>
public sealed partial class LedgerPageTests(WebApp app)
{
    [Fact]
    public async Task The_page_and_its_exports_show_the_same_entries_in_both_languages()
    {
        await DonateAsync(3, 4_321_000);
        using var visitor = app.NewVisitor();
        const string query = "?kind=money&min=4321000&max=4321000";
        var csv = (await visitor.GetAsync("/ledger.csv" + query)).Html.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("index,day,type,change_sat,balance_sat,amount_sat,fee_sat,round,move,token,weight,txid", csv[0]);
        var indexes = csv[1..].Select(row => row.Split(',')[0]).ToList();
        Assert.True(indexes.Count >= 3);
        foreach (var language in new[] { "en", "ru" })
        {
            var page = await visitor.OpenAsync($"/{language}/ledger{query}");
            Assert.Equal(200, page.Status);
            Assert.Equal(indexes, Permalink().Matches(page.Html).Select(m => m.Groups[1].Value));
        }

        var json = System.Text.Json.JsonDocument.Parse((await visitor.GetAsync("/ledger.json" + query)).Html).RootElement.GetProperty("lines");
        Assert.Equal(indexes, json.EnumerateArray().Select(l => l.GetProperty("index").GetInt64().ToString(CultureInfo.InvariantCulture)));
        var feed = System.Xml.Linq.XDocument.Parse((await visitor.GetAsync("/ru/ledger.atom" + query)).Html);
        Assert.Equal(indexes, feed.Descendants("{http://www.w3.org/2005/Atom}entry").Select(e => e.Element("{http://www.w3.org/2005/Atom}id")!.Value.Split('/')[^1]));
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    public async Task Page_by_page_a_filtered_query_shows_what_its_exports_hold_number_by_number(string language)
    {
        // More than two pages, of an amount that no other test uses.
        var amount = language == "en" ? 7_654_321 : 7_654_322;
        await DonateAsync(230, amount);
        using var visitor = app.NewVisitor();
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        var query = $"?kind=donation.confirmed&from={today:O}&min={amount}&max={amount}";
        var shown = new List<string>();
        var pages = 0;
        for (string? path = $"/{language}/ledger{query}"; path is not null; pages++)
        {
            var page = await visitor.OpenAsync(path);
            shown.AddRange(Row().Matches(page.Html).Select(m => string.Join(',', m.Groups.Values.Skip(1).Select(g => g.Value))));
            foreach (var (name, kind) in new[] { ("csv", "text/csv"), ("json", "application/json") })
                Assert.Contains($"<a href=\"/ledger.{name}{query.Replace("&", "&amp;", StringComparison.Ordinal)}\" type=\"{kind}\">", page.Html, StringComparison.Ordinal);
            path = NextPage().Match(page.Html) is { Success: true } next ? System.Net.WebUtility.HtmlDecode(next.Groups[1].Value) : null;
        }

        Assert.Equal((230, 3), (shown.Count, pages));
        var csv = (await visitor.GetAsync("/ledger.csv" + query)).Html.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..].Select(row => row.Split(','));
        Assert.Equal(csv.Select(c => $"{c[0]},{c[1]},{c[5]},{c[3]},{c[4]}"), shown);
        Assert.Equal(shown, Rows((await visitor.GetAsync("/ledger.json" + query)).Html, "lines"));
        var api = new List<string>();
        for (var after = ""; ;)
        {
            var answer = (await visitor.GetAsync($"/api/v1/ledger{query}&limit=90{after}")).Html;
            api.AddRange(Rows(answer, "items"));
            if (!System.Text.Json.JsonDocument.Parse(answer).RootElement.TryGetProperty("next", out var next) || next.ValueKind == System.Text.Json.JsonValueKind.Null) break;
            after = $"&after={next}";
        }

        Assert.Equal(shown, api);
        // A feed is for what is new: its hundred are the first page.
        var feed = System.Xml.Linq.XDocument.Parse((await visitor.GetAsync($"/{language}/ledger.atom" + query)).Html);
        Assert.Equal(shown.Take(100).Select(row => row.Split(',')[0]), feed.Descendants("{http://www.w3.org/2005/Atom}entry").Select(e => e.Element("{http://www.w3.org/2005/Atom}id")!.Value.Split('/')[^1]));

        static IEnumerable<string> Rows(string json, string name) => System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty(name).EnumerateArray()
            .Select(l => string.Join(',', new[] { "index", "day", "amount_sat", "change_sat", "balance_sat" }.Select(member => l.GetProperty(member).ToString())));
    }

    [Fact]
    public async Task A_filter_that_cannot_be_read_shows_nothing()
    {
        await DonateAsync(1, 1000);
        using var visitor = app.NewVisitor();
        var page = await visitor.OpenAsync("/en/ledger?min=lots");
        Assert.Equal(400, page.Status);
        Assert.Empty(Permalink().Matches(page.Html));
        Assert.Contains("The smallest amount is a whole number of satoshi.", page.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await visitor.GetAsync("/ledger.csv?min=lots")).Status);
    }

    [Theory]
    [InlineData("?type=donation.confirmed", "The address has a filter that there is not. There are: kind, round,")]
    [InlineData("?kind=everything", "")]
    [InlineData("?kind=money&kind=donation", "")]
    [InlineData("?round=1.5", "")]
    [InlineData("?after=newest", "The page you came for cannot be told from the address.")]
    public async Task A_filter_that_there_is_not_is_answered_and_not_passed_over(string query, string words)
    {
        await DonateAsync(1, 1000);
        using var visitor = app.NewVisitor();
        var page = await visitor.OpenAsync("/en/ledger" + query);
        Assert.Equal(400, page.Status);
        Assert.Empty(Permalink().Matches(page.Html));
        Assert.Contains(words, page.Text, StringComparison.Ordinal);
        foreach (var export in new[] { "/ledger.csv", "/ledger.json", "/en/ledger.atom" }) Assert.Equal(400, (await visitor.GetAsync(export + query)).Status);
    }

    [Fact]
    public async Task An_entry_has_a_page_a_proof_to_keep_and_files_that_may_be_cached()
    {
        await DonateAsync(1, 2000);
        using var visitor = app.NewVisitor();
        var page = await visitor.OpenAsync("/ru/ledger/0");
        Assert.Equal(200, page.Status);
        Assert.Contains("log.created", page.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await visitor.OpenAsync("/en/ledger/99999999")).Status);

        var key = await app.InScopeAsync(services => Task.FromResult(NoteVerifier.Parse(services.GetRequiredService<MoneyDb>().Set<LedgerHead>().Single().VerifierKey)));
        var proof = TlogProof.Parse((await visitor.GetAsync("/ledger/1.tlog-proof")).Html);
        Assert.True(proof.Verify(proof.Extra, key).Size > 1);

        var checkpoint = await visitor.GetAsync("/ledger/checkpoint");
        Assert.Equal("public, max-age=2", checkpoint.Header("Cache-Control"));
        var size = Checkpoint.Open(System.Text.Encoding.UTF8.GetBytes(checkpoint.Html), key).Size;
        var tile = await visitor.GetAsync($"/ledger/{TilePath.Hashes(0, 0, TilePath.WidthAt(0, 0, size))}");
        Assert.Equal("public, max-age=31536000, immutable", tile.Header("Cache-Control"));
        Assert.Equal("*", tile.Header("Access-Control-Allow-Origin"));
        Assert.Equal(404, (await visitor.GetAsync("/ledger/tile/..%2f..%2fkeys%2fledger.key")).Status);
        Assert.Equal(404, (await visitor.GetAsync("/ledger/tile/0/.checkpoint.lock")).Status);
        var verify = (await visitor.OpenAsync("/en/verify")).Text;
        Assert.Contains(key.ToString(), verify, StringComparison.Ordinal);
        // Whoever trusts no binary of ours reads first what they can read themselves.
        Assert.InRange(verify.IndexOf("python3 verify_ledger.py", StringComparison.Ordinal), 0, verify.IndexOf("DigitalResistance.Verify", StringComparison.Ordinal));
        Assert.StartsWith("#!/usr/bin/env python3", (await visitor.GetAsync("/ledger/verify_ledger.py")).Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "entry", "admin")]
    [InlineData("ru", "запись", "администратор")]
    public async Task The_history_of_keys_names_the_entries_that_began_and_ended_each_and_no_person(string language, string entry, string role)
    {
        var (gone, good) = ($"SHA256:gone-{language}", $"SHA256:good-{language}");
        await app.InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            foreach (var key in new[] { gone, good }) db.Append(new DigitalResistance.Rounds.KeyAdded("ssh-ed25519 AAAA", key, 2), app.Time.GetUtcNow());
            db.Append(new DigitalResistance.Rounds.KeyRevoked(gone, 1), app.Time.GetUtcNow());
            await db.SaveChangesAsync();
            return await services.GetRequiredService<SealingPass>().RunAsync(default);
        });
        using var visitor = app.NewVisitor();
        var csv = (await visitor.GetAsync("/ledger.csv?kind=approving")).Html.Split("\r\n").Select(r => r.Split(',')).ToList();
        var (revoked, added) = (csv.First(r => r.Length > 2 && r[2] == "key.revoked")[0], csv.Where(r => r.Length > 2 && r[2] == "key.added").Take(2).Select(r => r[0]).ToArray());
        var page = (await visitor.OpenAsync($"/{language}/verify")).Html;
        var table = page[page.IndexOf(gone, StringComparison.Ordinal)..];
        var rows = table.Split("</tr>");
        Assert.Contains($"<a href=\"/{language}/ledger/{added[1]}\">{entry} {added[1]}</a>", rows[0], StringComparison.Ordinal);
        Assert.Contains($"<a href=\"/{language}/ledger/{revoked}\">{entry} {revoked}</a>", rows[0], StringComparison.Ordinal);
        Assert.Contains(role, rows[0], StringComparison.Ordinal);
        Assert.Contains(good, rows[1], StringComparison.Ordinal);
        Assert.Contains($"<a href=\"/{language}/ledger/{added[0]}\">{entry} {added[0]}</a>", rows[1], StringComparison.Ordinal);
        Assert.DoesNotContain($"/ledger/{revoked}\"", rows[1], StringComparison.Ordinal);
        Assert.Contains($"<a href=\"/{language}/ledger/0\">{entry} 0</a>", page, StringComparison.Ordinal);
    }

    /// <summary>Books donations and puts them under a checkpoint.</summary>
    private Task<int> DonateAsync(int count, long sats) => app.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<MoneyDb>();
        for (var i = 0; i < count; i++)
            db.Append(new DonationConfirmed(new Sats(sats), Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), 0, 100, 1), app.Time.GetUtcNow());
        await db.SaveChangesAsync();
        return await services.GetRequiredService<SealingPass>().RunAsync(default);
    });

    /// <summary>Index, day, amount, change and balance as the page shows them.</summary>
    [GeneratedRegex("""<tr>\s*<td[^>]*><a href="/(?:en|ru)/ledger/([0-9]+)">.*?<time datetime="([0-9-]+)">.*?<data value="([0-9]+)".*?<data value="(-?[0-9]+)".*?<data value="(-?[0-9]+)".*?</tr>""", RegexOptions.Singleline)]
    private static partial Regex Row();

    [GeneratedRegex("<a href=\"([^\"]+)\" rel=\"next\">")]
    private static partial Regex NextPage();

    [GeneratedRegex("<a href=\"/(?:en|ru)/ledger/([0-9]+)\">")]
    private static partial Regex Permalink();
}
