using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Tests.Site;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Payouts;

/// <summary>The bitcoin node goes away in the middle of payouts, and comes back.</summary>
public sealed class NodeAwayTests(PopulatedApp app) : IClassFixture<PopulatedApp>
{
    private static readonly (string Language, string Says)[] Languages = [("en", "The bitcoin node does not answer."), ("ru", "Узел биткойна не отвечает.")];

    [Fact]
    public async Task Pages_say_so_nothing_is_lost_or_sent_twice_and_everything_goes_on_when_it_is_back()
    {
        var (browser, second, third) = (app.Treasurer.Browser, await app.BatchAsync(2), await app.BatchAsync(3));
        var build = await browser.OpenAsync("/en/treasury/rounds/4");
        Assert.Contains("How soon", build.Text, StringComparison.Ordinal);
        await SignAsync(third.Id, 0, 1);
        await app.TurnAsync();
        var sent = app.Node.Sent;
        Assert.Equal(BatchState.Broadcast, (await app.BatchAsync(3)).State);

        await app.Node.StopAsync();
        // The last signature comes while it is away: it is kept.
        await SignAsync(second.Id, 0, 2);
        Assert.Equal(BatchState.Signed, (await app.BatchAsync(2)).State);
        foreach (var (language, says) in Languages)
        {
            foreach (var path in new[] { "treasury", "treasury/rounds/4", $"treasury/batches/{second.Id}", $"treasury/batches/{third.Id}" })
            {
                var page = await browser.OpenAsync($"/{language}/{path}");
                Assert.Equal(200, page.Status);
                Assert.Contains(says, page.Text, StringComparison.Ordinal);
            }

            var refused = await browser.SubmitAsync(build with { Path = $"/{language}/treasury/rounds/4", Html = build.Html.Replace("/en/", $"/{language}/", StringComparison.Ordinal) },
                "type=\"hidden\" name=\"Target\"", ("Target", "6"), ("_key", Guid.NewGuid().ToString()));
            Assert.Equal(200, refused.Status);
            Assert.Contains(says, refused.Text, StringComparison.Ordinal);
        }

        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<ChainUnavailableException>(() => app.InScopeAsync(services => services.GetRequiredService<PayoutPass>().RunAsync(default)));
        Assert.Equal((RoundState.Approved, 0), (await app.StateAsync(4), await app.AskAsync(db => db.Set<Batch>().CountAsync(b => b.RoundNumber == 4))));
        Assert.Equal((BatchState.Signed, sent), ((await app.BatchAsync(2)).State, app.Node.Sent));
        // Donors are not kept waiting.
        using var donor = app.NewVisitor();
        Assert.Contains("bcrt1q", (await donor.SubmitAsync(await donor.OpenAsync("/en/donate"), "name=\"Token\"")).Text, StringComparison.Ordinal);

        app.Node.Start();
        await app.TurnAsync();
        Assert.Equal(sent + 1, app.Node.Sent);
        foreach (var (language, says) in Languages) Assert.DoesNotContain(says, (await browser.OpenAsync($"/{language}/treasury")).Text, StringComparison.Ordinal);
        Assert.Contains("Built: 1.", (await browser.SubmitAsync(await browser.OpenAsync("/en/treasury/rounds/4"), "type=\"hidden\" name=\"Target\"", ("Target", "6"))).Text, StringComparison.Ordinal);
        app.Node.Chain.Mine(3);
        for (var i = 0; i < 3; i++) await app.TurnAsync();
        Assert.Equal((RoundState.Closed, RoundState.Closed), (await app.StateAsync(2), await app.StateAsync(3)));
        Assert.Equal(sent + 1, app.Node.Sent);
    }

    private async Task SignAsync(Guid batch, params int[] signers)
    {
        var psbt = await app.AskAsync(db => db.Set<BatchTransaction>().Where(t => t.BatchId == batch).Select(t => t.Psbt).SingleAsync());
        foreach (var signer in signers)
        {
            var page = await app.Treasurer.Browser.OpenAsync($"/ru/treasury/batches/{batch}");
            var answer = await app.Treasurer.Browser.SendAsync(page, "name=\"Pasted\"", ("Pasted", Convert.ToBase64String(PayoutWorld.Sign(psbt, signer))));
            Assert.Equal(302, answer.Status);
        }
    }
}
