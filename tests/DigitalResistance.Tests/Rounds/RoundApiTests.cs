using System.Globalization;
using System.Text.Json;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Rounds;

/// <summary>What programs read of rounds.</summary>
public sealed class RoundApiTests(RoundsApp app) : IClassFixture<RoundsApp>
{
    [Fact]
    public async Task A_round_is_read_like_its_page_and_its_rows_like_its_file()
    {
        using var alice = await app.NewAdminAsync();
        var scores = Enumerable.Range(1, 7).Select(i => new ServerScore(Guid.NewGuid(), Guid.NewGuid(), 990_000, 4, i)).ToList();
        foreach (var score in scores) await PersonAsync(score.OwnerId);
        app.Scores.AddRange(scores);
        var number = await app.OpenRoundAsync(alice.Person.Id);

        using var program = app.NewVisitor();
        var open = Read(await program.GetAsync($"/api/v1/rounds/{number}"));
        Assert.Equal("open", open.GetProperty("round").GetProperty("state").GetString());
        Assert.False(open.TryGetProperty("sums", out _));
        Assert.Equal(404, (await program.GetAsync($"/api/v1/rounds/{number}/rows")).Status);

        await ActAsync(number, (services, version) => services.GetRequiredService<RoundFreezing>().FreezeAsync(number, version));
        await ActAsync(number, (services, version) => services.GetRequiredService<RoundAllocating>().AllocateAsync(number, version));
        var round = Read(await program.GetAsync($"/api/v1/rounds/{number}"));
        var sums = round.GetProperty("sums");
        long Sum(string name) => sums.GetProperty(name).GetInt64();
        Assert.Equal(1_000_000, Sum("shares_sat") + Sum("carry_cap_sat") + Sum("carry_rounding_sat") + Sum("carry_empty_sat"));
        Assert.Equal(Sum("shares_sat") + Sum("credits_used_sat"), Sum("paid_sat") + Sum("credited_sat"));
        Assert.Equal(2, round.GetProperty("tally").GetProperty("needed").GetInt32());
        Assert.EndsWith("Z", round.GetProperty("frozen_at").GetString(), StringComparison.Ordinal);

        var rows = new List<string>();
        string? after = null;
        do
        {
            var page = Read(await program.GetAsync($"/api/v1/rounds/{number}/rows?limit=3&after={after}"));
            rows.AddRange(page.GetProperty("items").EnumerateArray().Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.GetProperty("token").GetString()},{r.GetProperty("weight").GetInt64()},{r.GetProperty("amount_sat").GetInt64()}")));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);

        var file = (await program.GetAsync($"/rounds/{number}/rows.csv")).Html.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, rows.Count);
        Assert.Equal(file[1..], rows);
        var listed = Read(await program.GetAsync("/api/v1/rounds")).GetProperty("items").EnumerateArray().Single(r => r.GetProperty("number").GetInt32() == number);
        Assert.Equal(round.GetProperty("round").GetRawText(), listed.GetRawText());
    }

    [Fact]
    public async Task A_draft_that_was_never_announced_is_not_there()
    {
        using var alice = await app.NewAdminAsync();
        var day = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var number = await app.InScopeAsync(async services => Assert.IsType<RoundResult.Done>(await services.GetRequiredService<RoundDrafting>()
            .CreateAsync(new RoundTerms(day, day.AddHours(1), new(1_000_000), 1_000_000, new(10_000), new(1_000), new(20_000), 50), alice.Person.Id)).Number);
        using var program = app.NewVisitor();
        Assert.Equal(404, (await program.GetAsync($"/api/v1/rounds/{number}")).Status);
        Assert.DoesNotContain(Read(await program.GetAsync("/api/v1/rounds")).GetProperty("items").EnumerateArray(), r => r.GetProperty("number").GetInt32() == number);
    }

    private async Task ActAsync(int number, Func<IServiceProvider, long, Task<RoundResult>> act) => await app.InScopeAsync(async services =>
    {
        var version = await services.GetRequiredService<DigitalResistance.Data.MoneyDb>().Set<Round>().Where(r => r.Number == number).Select(r => r.Version).SingleAsync();
        return Assert.IsType<RoundResult.Done>(await act(services, version));
    });

    private Task<int> PersonAsync(Guid id) => app.AskAsync(db =>
    {
        db.Add(new DigitalResistance.Accounts.Account { Id = id, UserName = id.ToString("N"), CreatedAt = DateTimeOffset.UnixEpoch });
        return db.SaveChangesAsync();
    });

    private static JsonElement Read(Page page) => JsonDocument.Parse(page.Html).RootElement;
}
