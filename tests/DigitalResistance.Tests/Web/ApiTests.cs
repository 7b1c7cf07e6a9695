using System.Net;
using System.Text.Json;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Web;

/// <summary>What programs read of the summary and the ledger, and what every read of the API keeps to. An own site: its log grows by these tests alone.</summary>
public sealed class ApiTests(ApiTests.OwnSite app) : IClassFixture<ApiTests.OwnSite>
{
    [Theory]
    [InlineData("/api/v1/summary")]
    [InlineData("/api/v1/ledger")]
    [InlineData("/api/v1/ledger/0")]
    [InlineData("/api/v1/rounds")]
    [InlineData("/api/v1/donations")]
    public async Task A_read_may_be_kept_asked_again_cheaply_and_embedded_anywhere(string path)
    {
        await DonateAsync(1, 1000);
        using var visitor = app.NewVisitor();
        var first = await visitor.GetAsync(path);
        Assert.Equal((200, "application/json"), (first.Status, first.Response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("*", first.Header("Access-Control-Allow-Origin"));
        Assert.Equal("public, no-cache", first.Header("Cache-Control"));
        Assert.Null(first.Header("Set-Cookie"));

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.TryAddWithoutValidation("If-None-Match", first.Header("ETag"));
        var answer = await visitor.Http.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_ledger_is_read_page_by_page_and_is_the_export()
    {
        await DonateAsync(7, 7_654_000);
        using var visitor = app.NewVisitor();
        const string filter = "kind=money&min=7654000&max=7654000";
        var exported = Read(await visitor.GetAsync($"/ledger.json?{filter}")).GetProperty("lines").EnumerateArray().Select(l => l.GetRawText()).ToList();

        var rows = new List<string>();
        string? after = null;
        do
        {
            var page = Read(await visitor.GetAsync($"/api/v1/ledger?{filter}&limit=3" + (after is null ? "" : $"&after={after}")));
            rows.AddRange(page.GetProperty("items").EnumerateArray().Select(l => l.GetRawText()));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);

        Assert.Equal(7, rows.Count);
        Assert.Equal(exported, rows);
        Assert.Equal(JsonValueKind.Number, JsonDocument.Parse(rows[0]).RootElement.GetProperty("change_sat").ValueKind);
    }

    [Fact]
    public async Task The_summary_is_that_of_its_checkpoint()
    {
        await DonateAsync(2, 1234);
        using var visitor = app.NewVisitor();
        var summary = Read(await visitor.GetAsync("/api/v1/summary"));
        var note = System.Text.Encoding.UTF8.GetBytes(summary.GetProperty("checkpoint").GetProperty("note").GetString()!);
        var size = Checkpoint.Parse(SignedNote.Parse(note).Text).Size;
        Assert.Equal(size, summary.GetProperty("checkpoint").GetProperty("size").GetInt64());
        var last = Read(await visitor.GetAsync($"/api/v1/ledger/{size - 1}"));
        Assert.Equal(last.GetProperty("line").GetProperty("balance_sat").GetInt64(), summary.GetProperty("balance_sat").GetInt64());
        Assert.Equal(
            summary.GetProperty("received_sat").GetInt64() - summary.GetProperty("paid_sat").GetInt64() - summary.GetProperty("fee_sat").GetInt64(),
            summary.GetProperty("balance_sat").GetInt64());
        Assert.False(summary.GetProperty("is_stale").GetBoolean());
    }

    [Fact]
    public async Task An_entry_comes_with_the_proof_that_it_is_in_the_log()
    {
        await DonateAsync(3, 1000);
        using var visitor = app.NewVisitor();
        var entry = Read(await visitor.GetAsync("/api/v1/ledger/1"));
        var bytes = entry.GetProperty("bytes").GetBytesFromBase64();
        Assert.Equal(entry.GetProperty("line").GetProperty("type").GetString(), entry.GetProperty("entry").GetProperty("type").GetString());
        Assert.Equal(entry.GetProperty("leaf").GetString(), MerkleTree.Leaf(bytes).ToString());

        var head = Checkpoint.Parse(SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(entry.GetProperty("checkpoint").GetString()!)).Text);
        var hashes = entry.GetProperty("hashes").EnumerateArray().Select(h => TreeHash.FromBase64(h.GetString()!)).ToList();
        Assert.True(InclusionProof.Verify(1, head.Size, MerkleTree.Leaf(bytes), hashes, head.Root));
    }

    [Theory]
    [InlineData("/api/v1/ledger?min=lots", 400, "min")]
    [InlineData("/api/v1/ledger?kind=everything", 400, "kind")]
    [InlineData("/api/v1/ledger?kinds=money", 400, null)]
    [InlineData("/api/v1/ledger?after=x", 400, null)]
    [InlineData("/api/v1/ledger?limit=x", 400, null)]
    [InlineData("/api/v1/summary?x=1", 400, null)]
    [InlineData("/api/v1/ledger/99999999", 404, null)]
    [InlineData("/api/v1/ledger/x", 404, null)]
    [InlineData("/api/v1/rounds/999", 404, null)]
    [InlineData("/api/v1/rounds/999/rows", 404, null)]
    [InlineData("/api/v1/donations/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 404, null)]
    public async Task What_cannot_be_answered_is_a_problem_that_says_so_and_nothing_else(string path, int status, string? parameter)
    {
        using var visitor = app.NewVisitor();
        var page = await visitor.GetAsync(path);
        Assert.Equal((status, "application/problem+json"), (page.Status, page.Response.Content.Headers.ContentType?.MediaType));
        var problem = Read(page);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(parameter, problem.TryGetProperty("errors", out var errors) ? errors.EnumerateObject().Single().Name : null);
        Assert.False(problem.TryGetProperty("items", out _));
    }

    [Fact]
    public async Task A_page_is_never_longer_than_five_hundred_and_never_empty_by_request()
    {
        await DonateAsync(2, 1000);
        using var visitor = app.NewVisitor();
        Assert.Equal(1, Read(await visitor.GetAsync("/api/v1/ledger?limit=-5")).GetProperty("items").GetArrayLength());
        Assert.Equal(500, DigitalResistance.Web.Endpoints.Api.Rows(100_000));
    }

    [Fact]
    public async Task The_description_names_every_route_its_parameters_and_satoshi_as_integers()
    {
        using var visitor = app.NewVisitor();
        var description = Read(await visitor.GetAsync("/openapi/v1.json"));
        var paths = description.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToList();
        foreach (var path in new[] { "summary", "ledger", "ledger/{index}", "rounds", "rounds/{number}", "rounds/{number}/rows", "donations", "donations/{token}", "heartbeat", "opt-out" })
            Assert.Contains("/api/v1/" + path, paths);
        var parameters = description.GetProperty("paths").GetProperty("/api/v1/ledger").GetProperty("get").GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString());
        Assert.Equal(["kind", "round", "move", "token", "txid", "from", "to", "min", "max", "after", "limit"], parameters);
        foreach (var schema in description.GetProperty("components").GetProperty("schemas").EnumerateObject())
            foreach (var property in schema.Value.TryGetProperty("properties", out var all) ? all.EnumerateObject().ToList() : [])
                if (property.Name.EndsWith("_sat", StringComparison.Ordinal)) Assert.Contains("integer", property.Value.GetProperty("type").GetRawText(), StringComparison.Ordinal);
    }

    private Task<int> DonateAsync(int count, long sats) => app.InScopeAsync(async services =>
    {
        var db = services.GetRequiredService<MoneyDb>();
        for (var i = 0; i < count; i++)
            db.Append(new DonationConfirmed(new Sats(sats), Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), 0, 100, 1), app.Time.GetUtcNow());
        await db.SaveChangesAsync();
        return await services.GetRequiredService<SealingPass>().RunAsync(default);
    });

    private static JsonElement Read(Page page) => JsonDocument.Parse(page.Html).RootElement;

    public sealed class OwnSite : WebApp;
}
