using System.Net;
using System.Net.Http.Headers;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Pages.Setup;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>What every answer carries, whatever happened.</summary>
public sealed class HeaderTests(WebApp app)
{
    [Theory]
    [InlineData("GET", "/en/account/sign-in", 200)]
    [InlineData("GET", "/ru/theme", 200)]
    [InlineData("GET", "/", 302)]
    [InlineData("GET", "/en/my", 302)]
    [InlineData("POST", "/en/account/sign-in", 400)]
    [InlineData("GET", "/en/nothing/here", 404)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/en/error/500", 404)]
    [InlineData("POST", "/en/nothing/here", 404)]
    [InlineData("POST", "/en/theme?big", 413)]
    [InlineData("GET", "/site.css", 200)]
    [InlineData("GET", "/icon.png", 200)]
    [InlineData("GET", "/nothing.css", 404)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/health/ready", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("POST", "/openapi/v1.json", 405)]
    [InlineData("GET", "/api/v1/nothing", 404)]
    public async Task Every_answer_forbids_everything_that_is_not_ours(string method, string path, int status)
    {
        using var visitor = app.NewVisitor();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST") request.Content = new StringContent(path.EndsWith("big", StringComparison.Ordinal) ? new string('x', 300_000) : "a=b", new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        var page = await Page.ReadAsync(path, await visitor.Http.SendAsync(request));
        Assert.Equal(status, page.Status);
        AssertStrict(page);
    }

    [Fact]
    public async Task A_fault_of_ours_is_a_page_in_the_readers_language_with_the_same_headers_and_without_its_words()
    {
        await using var broken = new BrokenApp();
        using var visitor = broken.NewVisitor();
        var page = await visitor.GetAsync("/ru/setup");
        Assert.Equal(500, page.Status);
        AssertStrict(page);
        Assert.Contains("<html lang=\"ru\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("Что-то сломалось у нас", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("secret words", page.Html, StringComparison.Ordinal);
        Assert.Contains(broken.Log, line => line.Contains("secret words", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_visitor_who_asks_too_often_is_told_when_to_come_back_and_another_is_not_bothered()
    {
        using var visitor = app.NewVisitor();
        visitor.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "2001:db8:1:1::7");
        Page page;
        var tries = 0;
        do
        {
            page = await visitor.GetAsync("/en/theme");
        }
        while (page.Status == 200 && ++tries < 2000);

        Assert.Equal(429, page.Status);
        Assert.InRange(tries, 100, 1999);
        AssertStrict(page);
        Assert.True(int.Parse(page.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Contains("Too many requests", page.Html, StringComparison.Ordinal);
        using var other = app.NewVisitor();
        other.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "2001:db8:1:2::7");
        Assert.Equal(200, (await other.GetAsync("/en/theme")).Status);
    }

    [Fact]
    public async Task A_page_with_a_form_and_a_page_of_a_signed_in_reader_are_never_stored()
    {
        var person = await app.NewPersonAsync();
        using var visitor = app.NewVisitor();
        Assert.Contains("no-store", (await visitor.GetAsync("/en/account/sign-in")).Header("Cache-Control"), StringComparison.Ordinal);
        await visitor.SignInAsync(person);
        Assert.Contains("no-store", (await visitor.GetAsync("/en/my")).Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal("public, max-age=31536000, immutable", (await visitor.GetAsync("/site.css?v=x")).Header("Cache-Control"));
    }

    [Fact]
    public async Task Another_host_name_is_refused()
    {
        using var visitor = app.NewVisitor();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/en/theme") { Headers = { Host = "evil.example" } };
        var page = await Page.ReadAsync("/", await visitor.Http.SendAsync(request));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, page.Response.StatusCode);
        AssertStrict(page);
    }

    [Fact]
    public async Task Api_refusals_are_problem_details()
    {
        using var visitor = app.NewVisitor();
        var page = await visitor.GetAsync("/api/v1/nothing");
        Assert.Equal("application/problem+json", page.Response.Content.Headers.ContentType?.MediaType);
    }

    private static void AssertStrict(Page page)
    {
        Assert.Equal(SecurityHeaders.ContentSecurityPolicy, page.Header("Content-Security-Policy"));
        Assert.DoesNotContain("unsafe", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", page.Header("Referrer-Policy"));
        Assert.Equal("DENY", page.Header("X-Frame-Options"));
        Assert.Equal("same-origin", page.Header("Cross-Origin-Opener-Policy"));
        Assert.Equal("same-origin", page.Header("Cross-Origin-Resource-Policy"));
        Assert.NotNull(page.Header("Cache-Control"));
        Assert.Null(page.Header("Server"));
        Assert.Null(page.Header("X-Powered-By"));
    }

    private sealed class BrokenApp : WebApp
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.AddScoped<ISetupCheck, Fault>());
        }

        private sealed class Fault : ISetupCheck
        {
            // What a check finds out the hard way is one red item; this is worse.
            public int Order => throw new InvalidOperationException("secret words");

            public Task<SetupFinding> LookAsync(CancellationToken cancellation) => throw new NotSupportedException();
        }
    }
}
