using System.Net;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Tests.Web;

/// <summary>Answers that are made once for everybody: never one reader's for another, never an old one. An answer that was made before has an age.</summary>
public sealed class PublicCacheTests(PublicCacheTests.OwnSite app) : IClassFixture<PublicCacheTests.OwnSite>
{
    [Theory]
    [InlineData("/en/ledger")]
    [InlineData("/ru/ledger?kind=money")]
    [InlineData("/ledger.csv")]
    [InlineData("/ledger.json?kind=money")]
    [InlineData("/ru/ledger.atom")]
    [InlineData("/api/v1/ledger")]
    [InlineData("/api/v1/summary")]
    [InlineData("/api/v1/rounds")]
    public async Task It_is_made_once_and_again_at_the_moment_the_log_grows(string path)
    {
        await DonateAsync(1001);
        using var visitor = app.NewVisitor();
        var made = await visitor.GetAsync(path);
        for (var times = 0; times < 10; times++)
        {
            var kept = await visitor.GetAsync(path);
            Assert.NotNull(kept.Header("Age"));
            Assert.Equal((made.Html, made.Header("ETag"), made.Header("Content-Type"), made.Header("Vary"), made.Header("Cache-Control"), made.Header("Content-Security-Policy"), made.Header("Access-Control-Allow-Origin")),
                (kept.Html, kept.Header("ETag"), kept.Header("Content-Type"), kept.Header("Vary"), kept.Header("Cache-Control"), kept.Header("Content-Security-Policy"), kept.Header("Access-Control-Allow-Origin")));
            Assert.Equal(HttpStatusCode.NotModified, (await ConditionalAsync(visitor, path, made.Header("ETag")!)).StatusCode);

            await DonateAsync(1002 + times);
            var grown = await visitor.GetAsync(path);
            Assert.Null(grown.Header("Age"));
            if (!path.EndsWith("rounds", StringComparison.Ordinal)) Assert.NotEqual(made.Html, grown.Html);
            // Asked with the tag of what is old, before anybody has asked without.
            await DonateAsync(2002 + times);
            if (!path.EndsWith("rounds", StringComparison.Ordinal)) Assert.Equal(HttpStatusCode.OK, (await ConditionalAsync(visitor, path, grown.Header("ETag")!)).StatusCode);
            made = await visitor.GetAsync(path);
        }
    }

    [Fact]
    public async Task An_entry_that_only_waits_and_a_changed_round_make_it_again_too()
    {
        using var visitor = app.NewVisitor();
        const string path = "/api/v1/rounds";
        await visitor.GetAsync(path);
        Assert.NotNull((await visitor.GetAsync(path)).Header("Age"));
        await app.InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            db.Append(new TreasuryReceived(new Sats(1), new string('7', 64), 0, 1, 0, 9), app.Time.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        Assert.Null((await visitor.GetAsync(path)).Header("Age"));
        Assert.NotNull((await visitor.GetAsync(path)).Header("Age"));
        await app.InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            var day = new DateTimeOffset(app.Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(1);
            var terms = new RoundTerms(day, day.AddDays(1), new(1_000_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50);
            Assert.IsType<RoundResult.Done>(await services.GetRequiredService<RoundDrafting>().CreateAsync(terms, (await app.NewPersonAsync(Roles.Admin)).Id));
            return await db.Set<Round>().ExecuteUpdateAsync(set => set.SetProperty(r => r.Version, r => r.Version + 1));
        });
        Assert.Null((await visitor.GetAsync(path)).Header("Age"));
    }

    [Fact]
    public async Task Language_theme_and_query_have_answers_of_their_own()
    {
        await DonateAsync(3);
        string[] paths = ["/en/ledger", "/ru/ledger", "/en/ledger?kind=money", "/en/ledger?kind=grant", "/en/ledger?after=1", "/en/LEDGER"];
        string?[] themes = [null, "dark", "light", "theme-there-is-not"];
        for (var times = 0; times < 2; times++)
        {
            foreach (var path in paths)
            {
                foreach (var theme in themes)
                {
                    using var visitor = app.NewVisitor();
                    if (theme is not null) visitor.Cookies.Add(app.Origin, new Cookie("theme", theme));
                    var page = await visitor.GetAsync(path);
                    Assert.Contains($"<html lang=\"{path[1..3]}\" data-theme=\"{(theme is "dark" or "light" ? theme : "auto")}\">", page.Html, StringComparison.Ordinal);
                    Assert.Contains($"href=\"/ru{path[3..]}\"", WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
                    Assert.True(times == 0 || page.Header("Age") is not null);
                }
            }
        }

        // Machine addresses carry no language; it comes with the request.
        foreach (var (language, word) in new[] { ("ru", "Пожертвование"), ("en", "Donation"), ("ru", "Пожертвование") })
        {
            using var visitor = app.NewVisitor();
            visitor.Http.DefaultRequestHeaders.Add("Accept-Language", language);
            Assert.Contains(word, (await visitor.GetAsync("/ledger.atom")).Html, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Somebody_signed_in_neither_gets_what_was_kept_nor_leaves_anything()
    {
        await DonateAsync(4);
        using var visitor = app.NewVisitor();
        await visitor.SignInAsync(await app.NewPersonAsync(Roles.Operator));
        // What a sign-in left behind is not what keeps this reader apart.
        foreach (var path in new[] { "/en/ledger", "/en/ledger?kind=money", "/en/ledger" })
        {
            var own = await visitor.GetAsync(path);
            Assert.Equal((200, null, "no-store"), (own.Status, own.Header("Age"), own.Header("Cache-Control")));
            Assert.Null(own.Header("ETag"));
            Assert.Contains("href=\"/en/my\"", own.Html, StringComparison.Ordinal);
            using var stranger = app.NewVisitor();
            for (var times = 0; times < 2; times++)
            {
                var page = await stranger.GetAsync(path);
                Assert.DoesNotContain("href=\"/en/my\"", page.Html, StringComparison.Ordinal);
                Assert.Null(page.Header("Set-Cookie"));
            }
        }
    }

    [Fact]
    public async Task A_notice_is_shown_to_its_reader_once_and_to_nobody_else()
    {
        await DonateAsync(5);
        using var stranger = app.NewVisitor();
        await stranger.GetAsync("/en/ledger");
        var cookie = await app.InScopeAsync(services =>
        {
            var http = new DefaultHttpContext { RequestServices = services };
            services.GetRequiredService<ITempDataProvider>().SaveTempData(http, new Dictionary<string, object> { ["notice"] = "For one reader" });
            return Task.FromResult(http.Response.Headers.SetCookie.ToString().Split(';')[0].Split('=', 2));
        });
        using var reader = app.NewVisitor();
        reader.Cookies.Add(app.Origin, new Cookie(cookie[0], cookie[1]));
        Assert.Contains("For one reader", (await reader.GetAsync("/en/ledger")).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("For one reader", (await reader.GetAsync("/en/ledger")).Html, StringComparison.Ordinal);
        Assert.DoesNotContain("For one reader", (await stranger.GetAsync("/en/ledger")).Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("form", "anything")]
    [InlineData("session", "not a session")]
    [InlineData("other", "of a neighbour")]
    public async Task A_browser_with_any_other_cookie_gets_a_page_of_its_own(string name, string value)
    {
        await DonateAsync(6);
        using var stranger = app.NewVisitor();
        await stranger.GetAsync("/en/ledger");
        Assert.NotNull((await stranger.GetAsync("/en/ledger")).Header("Age"));
        using var visitor = app.NewVisitor();
        visitor.Cookies.Add(app.Origin, new Cookie(name, Uri.EscapeDataString(value)));
        Assert.Null((await visitor.GetAsync("/en/ledger")).Header("Age"));
        using var keyed = app.NewVisitor();
        keyed.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer dr_something");
        Assert.Null((await keyed.GetAsync("/en/ledger")).Header("Age"));
    }

    [Theory]
    [InlineData("/en/ledger?kind=nothing", 400)]
    [InlineData("/api/v1/ledger?kind=nothing", 400)]
    [InlineData("/api/v1/rounds/999", 404)]
    [InlineData("/en/donate", 200)]
    [InlineData("/en/account/sign-in", 200)]
    [InlineData("/en/theme", 200)]
    public async Task Refusals_and_pages_with_a_form_are_not_kept(string path, int status)
    {
        for (var times = 0; times < 3; times++)
        {
            using var visitor = app.NewVisitor();
            var page = await visitor.GetAsync(path);
            Assert.Equal((status, null), (page.Status, page.Header("Age")));
        }
    }

    [Fact]
    public async Task What_is_kept_has_a_bound_and_a_long_export_is_not_held()
    {
        // A site of its own: whoever comes after would find exports too long to be kept.
        await using var large = new OwnSite();
        var options = await large.InScopeAsync(services => Task.FromResult(services.GetRequiredService<IOptions<OutputCacheOptions>>().Value));
        Assert.Equal((PublicCache.AllAnswers, PublicCache.LargestAnswer), (options.SizeLimit, options.MaximumBodySize));
        await large.InScopeAsync(async services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            for (var i = 0; i < 9000; i++) db.Append(new DonationConfirmed(new Sats(70_000 + i), Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N"), 0, 100, i), large.Time.GetUtcNow());
            await db.SaveChangesAsync();
            // More than one checkpoint covers.
            while (await services.GetRequiredService<SealingPass>().RunAsync(default) > 0)
            {
            }

            return true;
        });
        using var visitor = large.NewVisitor();
        for (var times = 0; times < 2; times++)
        {
            var whole = await visitor.GetAsync("/ledger.csv");
            Assert.True(whole.Html.Length > PublicCache.LargestAnswer, $"only {whole.Html.Length} bytes");
            Assert.Null(whole.Header("Age"));
        }
    }

    private static async Task<HttpResponseMessage> ConditionalAsync(Visitor visitor, string path, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", $"\"another\", {tag}");
        return await visitor.Http.SendAsync(request);
    }

    private Task<int> DonateAsync(long sats) => app.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<MoneyDb>();
        db.Append(new DonationConfirmed(new Sats(sats), Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), 0, 100, 1), app.Time.GetUtcNow());
        await db.SaveChangesAsync();
        return await services.GetRequiredService<SealingPass>().RunAsync(default);
    });

    /// <summary>A site whose log nobody else writes.</summary>
    public sealed class OwnSite : WebApp;
}
