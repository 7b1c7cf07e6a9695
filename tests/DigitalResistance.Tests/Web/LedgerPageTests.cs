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
        Assert.Contains(key.ToString(), (await visitor.OpenAsync("/en/verify")).Text, StringComparison.Ordinal);
        Assert.StartsWith("#!/usr/bin/env python3", (await visitor.GetAsync("/ledger/verify_ledger.py")).Html, StringComparison.Ordinal);
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

    [GeneratedRegex("<a href=\"/(?:en|ru)/ledger/([0-9]+)\">")]
    private static partial Regex Permalink();
}
