using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using DigitalResistance.Ledger;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Web;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using DigitalResistance.Verify;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Site;

/// <summary>What a donor reads, from the page that gives an address to the round that spent the money, on a site in the middle of its life.</summary>
public sealed partial class DonorPagesTests(PopulatedApp app) : IClassFixture<PopulatedApp>
{
    [Theory]
    [InlineData("en", "What becomes public", "Give me a fresh address")]
    [InlineData("ru", "Что станет известно всем", "Дать новый адрес")]
    public async Task What_becomes_public_is_said_before_there_is_an_address_and_what_a_donation_should_not_be_less_than(string language, string what, string button)
    {
        using var donor = app.NewVisitor();
        var page = await donor.OpenAsync($"/{language}/donate");
        Assert.InRange(page.Text.IndexOf(what, StringComparison.Ordinal), 1, page.Text.IndexOf(button, StringComparison.Ordinal));
        Assert.DoesNotContain("bcrt1", page.Html, StringComparison.Ordinal);
        // Two satoshi a byte and an input of two signatures of three: some 105 bytes, ten times that is the least that makes sense.
        var least = long.Parse(Least().Match(page.Text).Groups[1].Value.Replace("\u202F", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(least, 2_000, 4_000);
    }

    [Theory]
    [InlineData("en", "Spent for round 1")]
    [InlineData("ru", "Потрачено на раунд 1")]
    public async Task A_receipt_follows_the_money_into_the_round_with_a_proof_to_keep_and_leaves_no_trace(string language, string spent)
    {
        using var donor = app.NewVisitor();
        var page = await donor.OpenAsync($"/{language}/d/{app.DonationToken}");
        Assert.Equal((200, "no-store, no-cache", "no-referrer"), (page.Status, page.Header("Cache-Control"), page.Header("Referrer-Policy")));
        Assert.Contains(spent, page.Text, StringComparison.Ordinal);
        Assert.Contains($"href=\"/{language}/rounds/1\"", page.Html, StringComparison.Ordinal);
        using var picture = await donor.Http.GetAsync($"/{language}/d/{app.DonationToken}/qr");
        Assert.Equal(("image/png", "no-store, no-cache"), (picture.Content.Headers.ContentType!.MediaType, picture.Headers.CacheControl!.ToString()));
        // Nothing on the page leads out of the site but the wallet.
        Assert.All(Link().Matches(page.Html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)), link => Assert.Matches("^(/|#|bitcoin:bcrt1|http://localhost:5080/(en|ru)/d/)", link));

        var key = await app.AskAsync(db => db.Set<LedgerHead>().Select(h => h.VerifierKey).SingleAsync());
        var proof = TlogProof.Parse((await donor.GetAsync(Link().Matches(page.Html).Select(m => m.Groups[1].Value).Single(l => l.EndsWith(".tlog-proof", StringComparison.Ordinal)))).Html);
        Assert.True(proof.Verify(proof.Extra, NoteVerifier.Parse(key)).Size > 0);
        Assert.Contains("donation.confirmed", System.Text.Encoding.ASCII.GetString(proof.Extra!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("regtest", "sandbox")]
    [InlineData("main", "none")]
    public async Task The_command_on_the_receipt_derives_its_address_from_the_published_descriptor(string network, string backend)
    {
        await using var site = new Site(("Bitcoin:Network", network), ("Bitcoin:Backend", backend), ("Bitcoin:AllowSingleKey", "true"));
        const string mainnet = "wpkh([73c5da0a/84h/0h/0h]xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*)";
        Assert.IsType<AdoptionResult.Adopted>(await site.InScopeAsync(services => services.GetRequiredService<TreasuryAdoption>().AdoptAsync(network == "main" ? mainnet : TestTreasuries.TwoOfThree, 800_000, default)));
        using var donor = site.NewVisitor();
        Page receipt = null!;
        for (var i = 0; i < 3; i++) receipt = await donor.SubmitAsync(await donor.OpenAsync("/en/donate"), "name=\"Token\"");
        var address = WebUtility.HtmlDecode(Copy().Match(receipt.Html).Groups[1].Value);
        var command = WebUtility.HtmlDecode(Command().Match(receipt.Html).Groups[1].Value);
        Assert.Contains("address number 2 ", receipt.Text, StringComparison.Ordinal);

        // As a shell reads it, quotes and all; only where the program lies differs.
        Assert.StartsWith("dotnet run --project src/DigitalResistance.Verify -- address '", command, StringComparison.Ordinal);
        var start = new ProcessStartInfo(Needs.Program("sh"), ["-c", command.Replace("dotnet run --project src/DigitalResistance.Verify --", $"dotnet '{typeof(Verification).Assembly.Location}'", StringComparison.Ordinal)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal((address, ""), ((await output).Trim(), await error));
    }

    [Theory]
    [InlineData("en", "for reading only")]
    [InlineData("ru", "только для чтения")]
    public async Task Amounts_of_a_round_with_a_rate_stand_in_that_money_too_with_source_and_time_and_nowhere_else(string language, string words)
    {
        using var reader = app.NewVisitor();
        var round = await reader.OpenAsync($"/{language}/rounds/1");
        var paid = await app.AskAsync(db => db.Set<LedgerLine>().Where(l => l.Type == "tx.confirmed" && l.Round == 1).Select(l => l.Amount!.Value).SingleAsync());
        var about = Html.Encode(DigitalResistance.Web.Html.AmountTagHelper.About(paid, PopulatedApp.Rate));
        Assert.Equal("≈ 180 EUR", WebUtility.HtmlDecode(about).Replace('\u202F', ' '));
        foreach (var page in new[] { round, await reader.OpenAsync($"/{language}/ledger?round=1"), await reader.OpenAsync($"/{language}/d/{app.DonationToken}") })
        {
            Assert.Contains("≈\u202F", WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
            Assert.Contains(words, page.Text, StringComparison.Ordinal);
            Assert.Contains("rates.example.org, 2026-01-31 12:00 UTC", page.Text, StringComparison.Ordinal);
        }

        Assert.Contains(WebUtility.HtmlDecode(about), WebUtility.HtmlDecode(round.Html), StringComparison.Ordinal);
        foreach (var page in new[] { $"/{language}/ledger?kind=donation", $"/{language}/rounds/5", $"/{language}" }) Assert.DoesNotContain("EUR", (await reader.OpenAsync(page)).Html, StringComparison.Ordinal);
        foreach (var export in new[] { "/ledger.csv?round=1", "/rounds/1/rows.csv", "/rounds/1/allocation.csv" }) Assert.DoesNotContain("EUR", (await reader.GetAsync(export)).Html, StringComparison.Ordinal);

        Assert.EndsWith("\nrate_currency EUR\nrate_minor_per_btc 9000000\nrate_source rates.example.org\nrate_time 2026-01-31T12:00:00Z\n", (await reader.GetAsync("/rounds/1/manifest.txt")).Html, StringComparison.Ordinal);
        var answer = JsonDocument.Parse((await reader.GetAsync("/api/v1/rounds/1")).Html).RootElement.GetProperty("display_rate");
        Assert.Equal(("EUR", 9_000_000), (answer.GetProperty("currency").GetString(), answer.GetProperty("minor_per_btc").GetInt64()));
    }

    [Fact]
    public async Task The_summary_has_the_credit_that_is_owed_and_the_carry_as_the_log_adds_up()
    {
        using var reader = app.NewVisitor();
        var summary = JsonDocument.Parse((await reader.GetAsync("/api/v1/summary")).Html).RootElement;
        var lines = JsonDocument.Parse((await reader.GetAsync("/ledger.json")).Html).RootElement.GetProperty("lines").EnumerateArray().ToList();
        long Sum(string type) => lines.Where(l => l.GetProperty("type").GetString() == type).Sum(l => l.GetProperty("amount_sat").GetInt64());
        Assert.Equal(Sum("credit.added") - Sum("credit.paid"), summary.GetProperty("credit_owed_sat").GetInt64());
        Assert.Equal(Sum("carry.recorded"), summary.GetProperty("carry_sat").GetInt64());
        Assert.Equal(await app.InScopeAsync(services => services.GetRequiredService<DigitalResistance.Rounds.CreditBalances>().OutstandingAsync(default)), new(summary.GetProperty("credit_owed_sat").GetInt64()));
    }

    private sealed class Site(params (string Key, string Value)[] settings) : WebApp
    {
        protected override IEnumerable<(string Key, string Value)> Settings => settings;
    }

    private static class Html
    {
        public static string Encode(string text) => System.Text.Encodings.Web.HtmlEncoder.Default.Encode(text);
    }

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex("<pre class=\"copy\">([^<]+)</pre>")]
    private static partial Regex Copy();

    [GeneratedRegex("<details><summary>[^<]+</summary><pre><code>([^<]+)</code>")]
    private static partial Regex Command();

    [GeneratedRegex("(?:Below|меньше) ([0-9\u202F]+)")]
    private static partial Regex Least();
}
