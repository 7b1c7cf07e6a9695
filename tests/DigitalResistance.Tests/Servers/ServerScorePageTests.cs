using System.Net;
using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Probing;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Servers;

/// <summary>What the owner reads about twelve measured days.</summary>
public sealed class ServerScorePageTests
{
    private const int Days = 12;

    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    public async Task The_page_says_how_the_probes_become_weight_and_the_weight_money(string language)
    {
        // A site of its own: a day that is closed takes no more results, of no server.
        await using var app = new ServersApp();
        var person = await app.NewPersonAsync();
        var id = await MeasuredAsync(app, person.Id);
        using var visitor = app.NewVisitor();
        await visitor.SignInAsync(person);
        var page = await visitor.OpenAsync($"/{language}/my/servers/{id}");
        Assert.Equal(200, page.Status);

        var scores = await app.InScopeAsync(services => services.GetRequiredService<ProvisionalScores>().OfAsync(person.Id, CancellationToken.None));
        var server = scores.Servers[id];
        // One slot in fifty failed, and the last three; blind ones are on neither side. Twelve days old: half of the weight of the bucket.
        Assert.InRange(server.Standing.Availability.Ppm!.Value, 977_500, 979_500);
        Assert.Equal(new WeightParts(750, 500_000, 1_000_000), server.Score.Parts);
        Assert.Contains($"<td class=\"num\">{server.Score.Weight}</td>", page.Html, StringComparison.Ordinal);
        Assert.Contains(language == "en" ? "12 days since the first proof." : "12 дней с первого доказательства.", page.Text, StringComparison.Ordinal);

        // The last round gave 1,000,000 sat to a weight of 5,000: 200 sat a point.
        Assert.Contains(Text(new Sats(server.Score.Weight * 200)), page.Text, StringComparison.Ordinal);
        Assert.Contains(language == "en" ? "The host answered that nothing listens on this port." : "Узел ответил, что этот порт никто не слушает.", page.Text, StringComparison.Ordinal);
        Assert.Contains(language == "en" ? "Start the server; check its port" : "Запустите сервер; проверьте порт", page.Text, StringComparison.Ordinal);
        Assert.Contains(language == "en" ? "The vantage itself was cut off" : "Точка проверки сама была отрезана", page.Text, StringComparison.Ordinal);

        var list = await visitor.OpenAsync($"/{language}/my/servers");
        Assert.Matches(@"\d+ / \d+", list.Text);
        var day = app.Time.GetUtcNow().AddDays(-3).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var probes = await visitor.OpenAsync($"/{language}/my/servers/{id}/probes?day={day}");
        Assert.Equal(144, probes.Html.Split("<th scope=\"row\">").Length - 1);
        Assert.Equal(404, (await visitor.GetAsync($"/{language}/my/servers/{id}/probes?day=2018-04-17")).Status);
        Assert.Equal(404, (await visitor.GetAsync($"/{language}/my/servers/{id}/probes?day=yesterday")).Status);
        Assert.True(page.Html.Length < 50_000, $"{page.Html.Length} characters");
    }

    [Fact]
    public async Task Notices_are_shown_until_they_are_put_away()
    {
        await using var app = new ServersApp();
        var (alice, mallory) = (await app.NewPersonAsync(), await app.NewPersonAsync());
        var id = await MeasuredAsync(app, alice.Id);
        using var visitor = app.NewVisitor();
        await visitor.SignInAsync(alice);
        await app.InScopeAsync(services =>
        {
            var db = services.GetRequiredService<MoneyDb>();
            db.Add(new Notice { AccountId = alice.Id, Kind = NoticeKind.AddressContested, ServerId = id, At = app.Time.GetUtcNow(), DueAt = app.Time.GetUtcNow().AddDays(3) });
            return db.SaveChangesAsync();
        });
        using var stranger = app.NewVisitor();
        await stranger.SignInAsync(mallory);
        Assert.DoesNotContain("Somebody else has proven", (await stranger.OpenAsync("/en/my/servers")).Text, StringComparison.Ordinal);
        var list = await visitor.OpenAsync("/en/my/servers");
        Assert.Contains("Somebody else has proven the address of “attic”", list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Somebody else has proven", (await visitor.SubmitAsync(list, "name=\"notice\"")).Text, StringComparison.Ordinal);
    }

    /// <summary>A server that was proven twelve days ago and measured since, with a round that was paid before.</summary>
    private static Task<Guid> MeasuredAsync(ServersApp app, Guid owner) => app.InScopeAsync(async services =>
    {
        // Early in the evening, whenever the test runs: how much of the last window is over would else decide the score.
        var midnight = new DateTimeOffset(app.Time.GetUtcNow().UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        app.Time.Advance(midnight.AddHours(17) - app.Time.GetUtcNow());
        var (money, probes, policy) = (services.GetRequiredService<MoneyDb>(), services.GetRequiredService<ProbesDb>(), services.GetRequiredService<Policy>());
        var (now, form) = (app.Time.GetUtcNow(), new ServerForm("socks5", "attic", "93.184.216.34", "1080", new Dictionary<string, string>()));
        var id = Assert.IsType<RegistrationResult.Registered>(await services.GetRequiredService<ServerRegistration>().RegisterAsync(owner, form, CancellationToken.None)).Id;
        var (server, proven) = (await money.Set<Server>().SingleAsync(s => s.Id == id), now.AddDays(-Days).AddMinutes(-1));
        (server.State, server.FirstProvenAt, server.ProvenAt) = (ServerState.Proven, proven, proven);
        money.Add(new ListedSpell { ServerId = id, From = proven });
        money.Entry(server).Property(s => s.RegisteredAt).CurrentValue = proven;
        var first = proven.ToUnixTimeSeconds() / policy.SlotSeconds * policy.SlotSeconds + policy.SlotSeconds;
        for (var day = -Days; day <= 0; day++)
        {
            var at = DateOnly.FromDateTime(now.UtcDateTime).AddDays(day);
            // The registry began in the middle of the first day, together with the server.
            var begins = day == -Days ? DateTimeOffset.FromUnixTimeSeconds(first) : new DateTimeOffset(at, TimeOnly.MinValue, TimeSpan.Zero);
            money.Add(new ScheduleDay { Day = at, StartsAt = begins, SlotSeconds = policy.SlotSeconds, CanarySharePpm = 0, Seed = new byte[32] });
        }

        money.Add(PaidRound(now));
        money.Add(new Grant { RoundNumber = 1, AccountId = Guid.NewGuid(), Token = "a", Weight = 4_000, Share = new Sats(800_000) });
        money.Add(new Grant { RoundNumber = 1, AccountId = Guid.NewGuid(), Token = "b", Weight = 1_000, Share = new Sats(200_000) });
        await money.SaveChangesAsync();
        var results = new List<SlotResult>();
        for (var (slot, n) = (first, 0); slot < now.ToUnixTimeSeconds() - policy.SlotSeconds; slot += policy.SlotSeconds, n++)
        {
            results.Add(new(id, slot, 1_000, n switch
            {
                _ when n % 50 == 49 || slot > now.ToUnixTimeSeconds() - (3 * policy.SlotSeconds) => new SlotRecord(SlotState.Fail, 2, false, Reasons.Number("connection_refused"), Reasons.Number("connection_timeout"), 0),
                _ when n % 70 == 3 || slot > now.ToUnixTimeSeconds() - (4 * policy.SlotSeconds) => new SlotRecord(SlotState.Ok, 4, true, 0, 0, 321).Blind(),
                _ => new SlotRecord(SlotState.Ok, 4, n % 2 == 0, 0, 0, (ushort)(200 + (n % 90))),
            }, []));
        }

        await services.GetRequiredService<ResultRecorder>().RecordAsync(new(Guid.NewGuid(), results), CancellationToken.None);
        await new DayClosingPass(money, probes, services.GetRequiredService<ServerKeys>(), app.Time).RunAsync(CancellationToken.None);
        return id;
    });

    private static Round PaidRound(DateTimeOffset now) => new()
    {
        Number = 1, State = RoundState.Closed, StartsAt = now.AddDays(-60), EndsAt = now.AddDays(-30), Budget = new Sats(1_000_000), CapPpm = 1_000_000,
        Floor = Sats.Zero, Step = new Sats(1), MaxFee = new Sats(1_000), MaxFeeRate = 5, PolicyJson = Policy.Standard.Bytes, ProposedBy = Guid.NewGuid(),
    };

    private static string Text(Sats sats) => WebUtility.HtmlDecode(DigitalResistance.Web.Html.AmountTagHelper.Text(sats));
}
