using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DigitalResistance.Rounds;
using DigitalResistance.Tests.Rounds;
using DigitalResistance.Tests.Treasury;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Setup;

/// <summary>Pages and API say why donations and rounds are closed, in both languages, and do nothing.</summary>
public sealed class SiteGatePagesTests
{
    [Fact]
    public async Task The_donation_page_and_the_api_say_why_nobody_is_given_an_address()
    {
        await using var app = new ClosedTreasury();
        await app.AdoptAsync();
        using var visitor = app.NewVisitor();
        var page = await visitor.GetAsync("/en/donate");
        Assert.Contains("Donations are not open yet", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Token\"", page.Html, StringComparison.Ordinal);
        Assert.Contains("Пожертвования ещё не открыты", (await visitor.GetAsync("/ru/donate")).Text, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/donations");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await visitor.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("Donations are not open yet: this registry is still being set up.", (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["detail"]);
    }

    [Fact]
    public async Task The_pages_of_rounds_say_why_none_can_be_opened()
    {
        await using var app = new ClosedRounds();
        using var visitor = app.NewVisitor();
        Assert.Contains("Rounds are not open yet", (await visitor.GetAsync("/en/rounds")).Text, StringComparison.Ordinal);
        Assert.Contains("Раунды ещё не открыты", (await visitor.GetAsync("/ru/rounds")).Text, StringComparison.Ordinal);

        using var admin = await app.NewAdminAsync();
        var terms = new RoundTerms(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero), new(1_000_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50);
        Assert.IsType<RoundResult.Done>(await app.InScopeAsync(services => services.GetRequiredService<RoundDrafting>().CreateAsync(terms, admin.Person.Id)));
        var page = await admin.OpenAsync("/ru/admin/rounds/1");
        Assert.Contains("Сайт ещё не открыт", page.Text, StringComparison.Ordinal);
        page = await admin.OpenAsync("/en/admin/rounds/1");
        Assert.Contains("The site is not open yet", page.Text, StringComparison.Ordinal);
        var refused = await admin.Browser.SendAsync(page, "Announce the round");
        Assert.Equal(409, refused.Status);
        Assert.Contains("No round can be opened yet", refused.Text, StringComparison.Ordinal);
    }

    private sealed class ClosedTreasury : SandboxApp
    {
        protected override bool IsOpened => false;
    }

    private sealed class ClosedRounds : RoundsApp
    {
        protected override bool IsOpened => false;
    }
}
