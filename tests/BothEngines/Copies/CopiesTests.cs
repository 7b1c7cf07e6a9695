using System.Net;
using DigitalResistance.Tests.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PageActionDescriptor = Microsoft.AspNetCore.Mvc.RazorPages.PageActionDescriptor;

namespace DigitalResistance.Testing.Copies;

/// <summary>
/// Twenty copies of each POST at once have the effect of one: in every table, in every version, and in the log. As a button pressed twenty times sends them, with one
/// key; and, where the act is possible once at most, as twenty people would who opened the same page.
/// </summary>
public sealed class CopiesTests
{
    private const int Copies = 20;

    private static readonly IReadOnlyList<CopiesCase> Cases = [.. RoundCopies.Cases, .. ReviewCopies.Cases, .. AccountCopies.Cases, .. StaffCopies.Cases, .. ReturnCopies.Cases, .. MessageCopies.Cases, .. ServerCopies.Cases, .. MoveCopies.Cases, .. PaymentCopies.Cases];

    // Their handlers keep nothing: a cookie at most, the very same value again, or a page that looks ahead.
    private static readonly string[] KeepNothing = ["/theme", "/account/sign-in", "/account/sign-out", "/my/servers?handler=Read", "/my/servers/new?handler=Link", "/admin/rounds/edit/{number:int:min(1)?}?handler=Look", "/error/{status:int:range(400,599)}"];

    // There in the demo only, which is another program on toy money.
    private static readonly string[] OfTheDemo = ["/demo", "/demo?handler=Stop", "/demo?handler=Start", "/demo?handler=GoOn", "/demo?handler=Donate", "/demo/wallet"];

    [Fact]
    public async Task Twenty_copies_of_any_post_have_one_effect_and_an_answer_that_says_what_happened()
    {
        await using var app = await CopiesApp.StartAsync();
        var posts = await PostsAsync(app);
        Assert.Equal(posts.Except(KeepNothing).Except(OfTheDemo).Order(), PaymentCopies.Adoption.Concat(Cases).Select(c => c.Post).Distinct().Order());
        var faults = new List<string>();
        foreach (var tried in PaymentCopies.Adoption) await TryAsync(app, tried);
        await PaymentCopies.AdoptAsync(app);
        await app.FundAsync();
        foreach (var tried in Cases)
        {
            try
            {
                await TryAsync(app, tried);
            }
            catch (Exception exception)
            {
                faults.Add($"{tried.Post}: {exception.Message}");
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n\n", faults));
    }

    private static async Task TryAsync(CopiesApp app, CopiesCase tried)
    {
        // What one does is what twenty may do.
        var (one, alone) = await SendAsync(app, await tried.Prepare(app), [null], tried.Renews);
        Assert.True(alone[0].Status is 200 or 201 or 302 or 303, $"One was answered with {alone[0].Status}:\n{alone[0].Text}");
        var (same, copies) = await SendAsync(app, await tried.Prepare(app), new string?[Copies], tried.Renews);
        Assert.True(one.SequenceEqual(same), $"One had the effect\n{string.Join("\n", one)}\ntwenty copies\n{string.Join("\n", same)}");
        Assert.All(copies, copy => Assert.Equal((alone[0].Status, copies[0].Location, Told(copies[0])), (copy.Status, copy.Location, Told(copy))));
        if (!tried.IsSingle) return;

        var occasion = await tried.Prepare(app);
        if (occasion.Act is { } act)
        {
            var before = await app.AskAsync(Effect.ReadAsync);
            await Task.WhenAll(Enumerable.Range(0, Copies).Select(_ => Task.Run(() => act(app))));
            var acted = (await app.AskAsync(Effect.ReadAsync)).Since(before);
            Assert.True(one.SequenceEqual(acted), $"One had the effect\n{string.Join("\n", one)}\ntwenty acts\n{string.Join("\n", acted)}");
            return;
        }

        var (others, answers) = await SendAsync(app, occasion, [.. Enumerable.Range(0, Copies).Select(_ => Guid.NewGuid().ToString())], tried.Renews);
        Assert.True(one.SequenceEqual(others), $"One had the effect\n{string.Join("\n", one)}\ntwenty with keys of their own\n{string.Join("\n", others)}");
        foreach (var answer in answers.DistinctBy(a => (a.Status, a.Location))) await UnderstandAsync(app, occasion, answer);
    }

    /// <summary>A file or what a program reads; a page has a fresh key in each of its forms.</summary>
    private static string Told(Page answer) => answer.Header("Content-Type")?.StartsWith("text/html", StringComparison.Ordinal) == true ? "" : answer.Html;

    private static async Task<(IReadOnlyList<string> Effect, Page[] Answers)> SendAsync(CopiesApp app, Occasion occasion, string?[] keys, bool renews)
    {
        // As a browser sends them: all before the first answer, so all with the cookies of that moment.
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = app.Origin };
        if (occasion.Browser.Cookies.GetCookieHeader(app.Origin) is { Length: > 0 } cookies) http.DefaultRequestHeaders.Add("Cookie", cookies);
        var before = await app.AskAsync(Effect.ReadAsync);
        var answers = await Task.WhenAll(keys.Select(key => Task.Run(async () => await Page.ReadAsync("", await http.SendAsync(occasion.Request(key))))));
        return ((await app.AskAsync(Effect.ReadAsync)).Since(before, renews), answers);
    }

    /// <summary>A file, a page that says what stood against it, or a way to a page that says what happened.</summary>
    private static async Task UnderstandAsync(CopiesApp app, Occasion occasion, Page answer)
    {
        Assert.True(answer.Status is 200 or 201 or 302 or 303 or 404 or 409 or 422, $"One of twenty was answered with {answer.Status}:\n{answer.Text}");
        // Above the form, beside the field, or on a page of its own.
        string[] reasons = ["role=\"alert\"", "role=\"status\"", "aria-invalid=\"true\"", "class=\"notice", "Somebody was faster"];
        if (answer.Status is 409 or 422) Assert.True(reasons.Any(mark => answer.Html.Contains(mark, StringComparison.Ordinal)), $"Answered with {answer.Status} and no reason:\n{answer.Text}");
        if (answer.Location is not { } next) return;
        var cookies = new CookieContainer();
        cookies.Add(occasion.Browser.Cookies.GetCookies(app.Origin));
        foreach (var cookie in answer.Response.Headers.TryGetValues("Set-Cookie", out var set) ? set : []) cookies.SetCookies(app.Origin, cookie);
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = cookies }) { BaseAddress = app.Origin };
        var page = await Page.ReadAsync(next, await http.GetAsync(next));
        Assert.True(page.Status == 200 && page.Html.Contains("<main", StringComparison.Ordinal), $"{next} answers {page.Status}.");
    }

    /// <summary>Everything that changes something and that the program answers, from its routes.</summary>
    private static async Task<IReadOnlyList<string>> PostsAsync(CopiesApp app)
    {
        _ = app.Origin;
        var (loader, posts) = (app.Services.GetRequiredService<PageLoader>(), new List<string>());
        foreach (var endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var route = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            if (endpoint.Metadata.GetMetadata<PageActionDescriptor>() is { } page)
            {
                var compiled = await loader.LoadAsync(page, EndpointMetadataCollection.Empty);
                posts.AddRange(compiled.HandlerMethods.Where(h => h.HttpMethod == "Post").Select(h => route + (h.Name is null ? "" : "?handler=" + h.Name)));
            }
            else if (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { } methods)
            {
                posts.AddRange(methods.HttpMethods.Where(m => m is not ("GET" or "HEAD" or "OPTIONS")).Select(m => $"{m} {route}"));
            }
        }

        return [.. posts.Distinct()];
    }
}
