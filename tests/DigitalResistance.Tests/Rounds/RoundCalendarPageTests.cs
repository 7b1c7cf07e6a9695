using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Tests.Web;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Rounds;

/// <summary>The product as above, with the policies that it is shipped with.</summary>
public sealed class FoundingApp : RoundsApp
{
    protected override IEnumerable<(string Key, string Value)> Settings => [("Bitcoin:Network", "regtest")];
}

/// <summary>What a round would pay is said before it is saved; which rules it has, and when what happens, is said to everybody concerned.</summary>
public sealed class RoundCalendarPageTests(FoundingApp app) : IClassFixture<FoundingApp>
{
    [Theory]
    [InlineData("en", "As if everybody went on as they do now.", "So few operators have a weight", "Half of the operators with a weight", "The cap leaves half of the budget")]
    [InlineData("ru", "Как если бы всё шло, как сейчас.", "Операторов с весом так мало", "У половины операторов с весом", "Потолок оставляет в казне половину")]
    public async Task A_look_ahead_shows_dates_and_sums_and_warns_before_anything_is_saved(string language, string said, params string[] warnings)
    {
        using var alice = await app.NewAdminAsync();
        var score = new ServerScore(Guid.NewGuid(), alice.Person.Id, 995_000, 6, 5);
        app.Scores.Add(score);
        var form = await alice.OpenAsync($"/{language}/admin/rounds/edit");
        Assert.DoesNotContain(said, form.Text, StringComparison.Ordinal);
        var look = await LookAsync(alice, form, ("Input.Rules", "standard-1"), ("Input.CapPercent", "40"));
        app.Scores.Remove(score);

        Assert.Contains(said, look.Text, StringComparison.Ordinal);
        Assert.Contains("400\u202F000", look.Text, StringComparison.Ordinal);
        Assert.All(warnings, warning => Assert.Contains(warning, look.Text, StringComparison.Ordinal));
        Assert.Contains("value=\"1 000 000\"", look.Html, StringComparison.Ordinal);
        // The button that saves must not look ahead once more.
        Assert.Contains($"formaction=\"/{language}/admin/rounds/edit\"", look.Html, StringComparison.Ordinal);
        Assert.False(await app.AskAsync(db => Task.FromResult(db.Set<Round>().Any(r => r.ProposedBy == alice.Person.Id))));
    }

    [Theory]
    [InlineData("en", "come to 200\u202F020\u202F000\u202Fsat, but only ")]
    [InlineData("ru", "200\u202F020\u202F000\u202Fsat, а свободно только ")]
    public async Task A_budget_over_the_treasury_is_refused_with_both_sums(string language, string said)
    {
        using var alice = await app.NewAdminAsync();
        var form = await alice.OpenAsync($"/{language}/admin/rounds/edit");
        var refused = await alice.Browser.SendAsync(form, "Input.Budget", [.. Terms(("Input.Budget", "200 000 000"), ("Input.Starts", "2033-01-01T00:00"), ("Input.Ends", "2033-02-01T00:00"))]);
        Assert.Equal(422, refused.Status);
        Assert.Contains(said, refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "The rules older-1 are not on offer")]
    [InlineData("ru", "Правила older-1 для этого раунда не предлагаются")]
    public async Task Rules_that_are_not_on_offer_any_more_are_named_by_the_look_ahead(string language, string said)
    {
        using var alice = await app.NewAdminAsync();
        var refused = await LookAsync(alice, await alice.OpenAsync($"/{language}/admin/rounds/edit"), ("Input.Rules", "older-1"));
        Assert.Equal(422, refused.Status);
        Assert.Contains(said, refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_founding_round_is_marked_in_public_and_operators_read_its_dates()
    {
        using var alice = await app.NewAdminAsync();
        var form = await alice.OpenAsync("/en/admin/rounds/edit?from=Month");
        Assert.Contains("for the first 3 rounds", form.Text, StringComparison.Ordinal);
        var draft = await alice.Browser.SubmitAsync(form, "Input.Budget", [.. Terms(("Input.Rules", "founding-1"), ("Input.Next", "SameLength"))]);
        await alice.Browser.SubmitAsync(draft, "Announce the round");
        var number = int.Parse(draft.Path.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);

        using var anybody = app.NewVisitor();
        var page = await anybody.OpenAsync($"/ru/rounds/{number}");
        Assert.Contains("Правила первых раундов: это один из первых 3", page.Text, StringComparison.Ordinal);
        Assert.Contains("2 равные доли бюджета", page.Text, StringComparison.Ordinal);
        Assert.Contains("The next round opens by itself on", (await alice.OpenAsync("/en/admin/rounds")).Text, StringComparison.Ordinal);

        using var browser = app.NewVisitor();
        await browser.SignInAsync(await app.NewPersonAsync());
        var mine = await browser.OpenAsync("/en/my");
        Assert.Contains($"Round {number}", mine.Text, StringComparison.Ordinal);
        Assert.Contains("2031-02-01", mine.Text, StringComparison.Ordinal);
        Assert.Contains("2031-02-04", mine.Text, StringComparison.Ordinal);
    }

    [Theory, InlineData("en", "The round that should follow has not begun"), InlineData("ru", "Следующий раунд не начался")]
    public async Task A_round_that_should_have_followed_and_has_not_is_told_with_what_it_needs(string language, string said)
    {
        await using var late = new RoundsApp();
        using var alice = await late.NewAdminAsync();
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var terms = new RoundTerms(start, start.AddHours(1), new(1_000_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50);
        var number = await late.InScopeAsync(async services =>
        {
            var planning = new RoundPlanning(services.GetRequiredService<RuleBooks>().Usual.Name, NextRound.SameLength);
            return Assert.IsType<RoundResult.Done>(await services.GetRequiredService<RoundDrafting>().CreateAsync(terms, alice.Person.Id, planning)).Number;
        });
        await late.InScopeAsync(services => services.GetRequiredService<RoundOpening>().OpenAsync(number, 0));
        var page = await alice.OpenAsync($"/{language}/admin/rounds");
        Assert.Contains(said, page.Text, StringComparison.Ordinal);
        Assert.Contains("30\u202F000", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("opens by itself", page.Text, StringComparison.Ordinal);
        // What it may still take itself is not free to give: a million and its fees of a hundred millions.
        Assert.Contains("1\u202F020\u202F000", page.Text, StringComparison.Ordinal);
        Assert.Contains("98\u202F980\u202F000", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_owner_says_that_an_address_is_still_theirs()
    {
        using var browser = app.NewVisitor();
        await browser.SignInAsync(await app.NewPersonAsync());
        await browser.SubmitAsync(await browser.OpenAsync("/en/my/payout"), "name=\"Address\"", ("Address", "bcrt1qgp4tk7hmkkpdfdggmevp6ryk6pdrjgs6em3wmc"));
        var confirmed = await browser.SubmitAsync(await browser.OpenAsync("/en/my/payout"), "It is still mine");
        Assert.Contains("Noted: the address is still yours.", confirmed.Text, StringComparison.Ordinal);
    }

    private static Task<Page> LookAsync(Admin admin, Page form, params (string Name, string Value)[] values) =>
        admin.Browser.SendAsync(form with { Path = form.Path + "?handler=Look" }, "Input.Budget", [.. Terms(values)]);

    private static IEnumerable<(string Name, string Value)> Terms(params (string Name, string Value)[] values)
    {
        (string Name, string Value)[] usual =
        [
            ("Input.Starts", "2031-01-01T00:00"), ("Input.Ends", "2031-02-01T00:00"), ("Input.Budget", "1 000 000"), ("Input.CapPercent", "100"), ("Input.Floor", "10 000"),
            ("Input.Step", "1 000"), ("Input.MaxFee", "20 000"), ("Input.MaxFeeRate", "50"), ("Input.Rules", "standard-1"), ("Input.Next", "None"),
        ];
        return usual.Where(u => values.All(v => v.Name != u.Name)).Concat(values);
    }
}
