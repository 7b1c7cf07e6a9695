using System.Globalization;
using System.Net;
using DigitalResistance.Accounts;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Messages;
using DigitalResistance.Payouts;
using DigitalResistance.Probing;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Servers;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Tests.Web;
using DigitalResistance.Transparency;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Site;

/// <summary>
/// Marked values are planted where people enter them; then everything that others can read is read. Whoever's eyes a value is not meant
/// for must not meet it: on no page, in no export, feed, tile, file, header or error, in no line of the log, no trace and no metric.
/// </summary>
public sealed class CanaryCrawlTests(TracedApp app) : IClassFixture<TracedApp>
{
    private const string Host = "kanareika-4f1c.example.net", Address = "127.83.61.7", Label = "kanareika-label", User = "kanareika-user", Password = "kanareika-password-99", Objecting = "kanareika-objects", Writing = "kanareika-writes";
    private static readonly DateTimeOffset Raised = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Nobody_reads_what_is_not_meant_for_him()
    {
        var secrets = await PlantAsync();
        var (servers, batch) = (await app.AskAsync(db => db.Set<Server>().Select(s => s.Id).ToListAsync()), (await app.BatchAsync(2)).Id);
        var size = await app.AskAsync(db => db.Set<LedgerHead>().Select(h => h.Published).SingleAsync());
        string[] tiles = [.. TilePath.All(size).Select(path => path["tile/".Length..])];
        var parameters = new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["number"] = ["1", "2", "3", "4", "5", "6"], ["index"] = ["0", "1", "7", "20"], ["id"] = [servers[0].ToString(), batch.ToString(), Guid.NewGuid().ToString()],
            ["token"] = [new('a', 32)], ["code"] = ["", "AAAAA-AAAAA-AAAAA-AAAAA"], ["path"] = tiles, ["handler"] = [""],
            ["tag"] = [(await app.InScopeAsync(services => services.GetRequiredService<MessageReading>().AllAsync())).Single().Tag, "AAAA-AAAA"],
            ["txid"] = [new('a', 64), await app.AskAsync(db => db.Set<BatchTransaction>().Select(t => t.Txid).FirstAsync())],
            ["status"] = ["404", "500"], ["documentName"] = ["v1"], ["kind"] = ["consolidation", "running_costs", "rotation", "x"],
        };

        using var anybody = app.NewVisitor();
        var stranger = await app.StaffAsync(Roles.Operator);
        var everybodys = new Crawl(app, anybody, parameters);
        await everybodys.RunAsync();
        await everybodys.ProvokeAsync();
        Check(Reader.Anybody, everybodys, "/ru/ledger", "/en/rounds/1", "/api/v1/summary", "/ledger.atom", "/ledger/snapshot.tar.gz", "/rounds/1/rows.csv", "/rounds/1/distribution.png", "/openapi/v1.json");
        // Errors are read like everything else, in both languages and as problem details.
        foreach (var (path, status) in new[] { ("/en/error/404", 404), ("/ru/error/404", 404), ("GET /api/v1/nothing", 404), ("POST /en/nothing/here", 404), ("PUT /ru/nothing/here", 404), ("GET /ledger.csv?min=lots", 400) })
            Assert.Contains(everybodys.Answers, a => a.Address == path && a.Status == status);
        foreach (var tile in tiles) Assert.Contains(everybodys.Answers, a => a.Address == $"/ledger/tile/{tile}" && a.Status == 200);
        Assert.True(everybodys.Answers.Count(a => a.Status == 200) > 150);
        // Whoever is signed in reads what nobody else can.
        foreach (var (reader, visitor, path) in new[]
                 {
                     (Reader.Operator, stranger.Browser, "/ru/my/servers"), (Reader.Admin, app.Alice.Browser, "/ru/admin/rounds/5/review"), (Reader.Treasurer, app.Treasurer.Browser, $"/ru/treasury/batches/{batch}"),
                 })
        {
            var crawl = new Crawl(app, visitor, parameters, [.. everybodys.Answers.Where(a => a.Status is not (302 or 403)).Select(a => a.Address)]);
            await crawl.RunAsync();
            Check(reader, crawl, path);
        }

        void Check(Reader reader, Crawl crawl, params string[] read)
        {
            Assert.DoesNotContain(crawl.Answers, a => a.Status >= 500);
            foreach (var path in read) Assert.Contains(crawl.Answers, a => a.Address == path && a.Status == 200);
            foreach (var secret in secrets.Where(s => s.Hidden.HasFlag(reader)))
            {
                foreach (var (address, status, text) in crawl.Answers) Assert.False(secret.IsIn(text), $"{reader} reads the {secret.What} at {address} ({status}).");
            }
        }

        var broken = await BreakAsync(anybody);
        foreach (var secret in secrets)
        {
            // Whoever asked by a secret link reads it in the links to the same page in the other language.
            foreach (var (address, text) in broken.Where(b => !secret.IsIn(b.Address))) Assert.False(secret.IsIn(text), $"Anybody reads the {secret.What} in the error at {address}.");
        }

        Assert.True(app.Log.Count > 1_000);
        foreach (var secret in secrets) Assert.DoesNotContain(app.Log, secret.IsIn);
        app.Flush();
        // The harness would prove nothing if nothing had left, or if the texts in it could not be read.
        var left = string.Join(", ", app.Exports.GroupBy(e => e.Path).Select(g => $"{g.Count()} to {g.Key} with {g.Sum(e => e.Text.Length)} characters"));
        Assert.True(app.Exports.Any(e => e.Path == "/v1/traces" && e.Text.Contains("d/{token}", StringComparison.Ordinal)), left);
        Assert.True(app.Exports.Any(e => e.Path == "/v1/metrics" && e.Text.Contains("http.server.request.duration", StringComparison.Ordinal)), left);
        foreach (var secret in secrets) Assert.DoesNotContain(app.Exports, e => secret.IsIn(e.Text));
        Assert.DoesNotContain(app.Exports, e => e.Text.Contains("ledger.csv?", StringComparison.Ordinal) || e.Text.Contains("/nothing/here", StringComparison.Ordinal));
    }

    /// <summary>What is read while the database fails under the program: our own faults, told in both languages and to machines.</summary>
    private async Task<List<(string Address, string Text)>> BreakAsync(Visitor anybody)
    {
        await app.AskAsync(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE donations RENAME TO donations_away; ALTER TABLE ledger_lines RENAME TO ledger_lines_away; ALTER TABLE rounds RENAME TO rounds_away"));
        List<(string, string)> answers = [];
        foreach (var path in new[] { "/en/d/" + app.DonationToken, "/ru/d/" + app.DonationToken, "/en/ledger?kind=money", "/ru/rounds/1", "/ru/ledger.atom", "/api/v1/ledger", "/api/v1/rounds/1", "/api/v1/donations/" + app.DonationToken })
        {
            using var answer = await anybody.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            answers.Add((path, $"{answer.Headers}\n{answer.Content.Headers}\n{await answer.Content.ReadAsStringAsync()}"));
        }

        await app.AskAsync(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE donations_away RENAME TO donations; ALTER TABLE ledger_lines_away RENAME TO ledger_lines; ALTER TABLE rounds_away RENAME TO rounds"));
        Assert.Equal(200, (await anybody.OpenAsync("/en/d/" + app.DonationToken)).Status);
        return answers;
    }

    /// <summary>Plants them, and finds them where their owners may see them: a value that is nowhere would be found nowhere.</summary>
    private async Task<List<Secret>> PlantAsync()
    {
        var (browser, person) = (app.Operator.Browser, app.Operator.Person);
        var server = await RegisterAsync(Host, "40177");
        var probed = await RegisterAsync(Address, "40178");
        Assert.Contains("Measured", (await browser.OpenAsync($"/en/my/servers/{probed}")).Text, StringComparison.Ordinal);
        // A test that fails, and that must not log to whom.
        await using var canary = ActivatorUtilities.CreateInstance<CanaryHost>(app.Services);
        await canary.StartAsync(CancellationToken.None);
        var page = await browser.OpenAsync($"/en/my/servers/{probed}");
        Assert.Contains("nothing listens on this port", (await browser.SubmitAsync(page, page.Forms.Single(f => f.Action?.Contains("handler=Test", StringComparison.Ordinal) == true).Html)).Text, StringComparison.Ordinal);
        await app.InScopeAsync(services => services.GetRequiredService<SchedulePass>().RunAsync(default));
        await app.InScopeAsync(services => services.GetRequiredService<ProbingPass>().RunAsync(default));
        foreach (var shown in new[] { Host, Label, User }) Assert.Contains(shown, (await browser.OpenAsync($"/en/my/servers/{server}")).Html, StringComparison.Ordinal);
        Assert.Contains(person.AccountId, (await browser.OpenAsync("/en/account")).Text, StringComparison.Ordinal);
        Assert.Contains(PopulatedApp.OperatorsAddress, (await browser.OpenAsync("/en/my/payout")).Text, StringComparison.Ordinal);

        var own = await app.InScopeAsync(async services => (await services.GetRequiredService<OwnServers>().FindAsync(person.Id, server, default))!);
        Assert.Equal(Password, own.Endpoint.Settings["password"]);
        // An address that no round has used yet.
        var fresh = await app.StaffAsync(Roles.Operator);
        var unpaid = PayoutWorld.Address(4_711);
        Assert.IsType<PayoutAddressResult.Set>(await app.InScopeAsync(services => services.GetRequiredService<PayoutAddressChange>().SetAsync(fresh.Person.Id, unpaid)));
        await HoldAsync(probed);
        var written = await browser.SubmitAsync(await browser.OpenAsync("/en/my/messages"), "name=\"Text\"", ("Text", Writing));
        Assert.Contains(Writing, written.Text, StringComparison.Ordinal);
        Assert.Contains("waits for an answer", (await app.Alice.Browser.OpenAsync("/en/admin/messages")).Text, StringComparison.Ordinal);
        using var donor = app.NewVisitor();
        Assert.Equal(200, (await donor.OpenAsync("/en/d/" + app.DonationToken)).Status);

        const Reader all = Reader.Anybody | Reader.Operator | Reader.Admin | Reader.Treasurer;
        return
        [
            new("host of a server", all, Host), new("address of a server", all, Address), new("label of a server", all, Label),
            new("user of a proxy", all, User), new("password of a proxy", all, Password),
            new("token that calls home", all, own.Challenge.HeartbeatSecret), new("token on a web server", all, own.Challenge.HttpToken), new("name of a record", all, own.Challenge.DnsLabel),
            new("minted user", all, own.Challenge.Minted["username"]), new("minted password", all, own.Challenge.Minted["password"]),
            // Treasurers compare what they sign; nobody else, and they before anything is to be paid neither.
            new("payout address", all & ~Reader.Treasurer, PopulatedApp.OperatorsAddress), new("payout address that is not used yet", all, unpaid),
            new("text of an objection", all & ~Reader.Admin, Objecting), new("message to the admins", all & ~Reader.Admin, Writing),
            new("donor's token", all, app.DonationToken),
            .. Identity("operator", all, app.Operator), .. Identity("other operator", all, fresh),
            .. Identity("second admin", all & ~Reader.Admin, app.Boris), .. Identity("first admin", all & ~Reader.Admin, app.Alice), .. Identity("treasurer", all & ~Reader.Admin & ~Reader.Treasurer, app.Treasurer),
            new("password of the node", all, "kanareika-node-password"),
        ];
    }

    /// <summary>Freezes the round that is open, in which the operator ran a server, holds the operator, and has it object.</summary>
    private async Task HoldAsync(Guid server)
    {
        await app.AskAsync(async db =>
        {
            var round = await db.Set<Round>().SingleAsync(r => r.Number == 5);
            db.Add(new ListedSpell { ServerId = server, From = round.StartsAt, Until = round.EndsAt });
            return await db.SaveChangesAsync();
        });
        Assert.IsType<RoundResult.Done>(await app.InScopeAsync(async services => await services.GetRequiredService<RoundFreezing>()
            .FreezeAsync(5, await services.GetRequiredService<MoneyDb>().Set<Round>().Where(r => r.Number == 5).Select(r => r.Version).SingleAsync())));
        var token = await app.AskAsync(db => db.Set<Grant>().Where(g => g.RoundNumber == 5).Select(g => g.Token).SingleAsync());
        Assert.IsType<DecisionResult.Done>(await app.InScopeAsync(services => services.GetRequiredService<OperatorReview>().DecideAsync(
            5, app.Boris.Person.Id, new DecisionRequest(RoundState.Frozen, 1, Eligibility.Held, DecisionReason.SameSecret, [new SeenOperator(token, Eligibility.Eligible)]))));
        await app.InScopeAsync(async services =>
        {
            var text = services.GetRequiredService<IDataProtectionProvider>().CreateProtector(Objection.Purpose).Protect(System.Text.Encoding.UTF8.GetBytes(Objecting));
            services.GetRequiredService<MoneyDb>().Add(new Objection { RoundNumber = 5, Token = token, SealedText = text, RaisedAt = Raised });
            return await services.GetRequiredService<MoneyDb>().SaveChangesAsync();
        });
        // What reviewers do see: what it runs, that it is held, and what it says.
        var page = (await app.Alice.Browser.OpenAsync("/en/admin/rounds/5/review")).Text;
        foreach (var shown in new[] { token, "SOCKS5", "servers: 1", "Held", Objecting }) Assert.Contains(shown, page, StringComparison.Ordinal);
    }

    /// <summary>Who somebody is, and with what they sign in. Their codes are for nobody's eyes.</summary>
    private static IEnumerable<Secret> Identity(string whose, Reader hidden, Staff staff)
    {
        const Reader all = Reader.Anybody | Reader.Operator | Reader.Admin | Reader.Treasurer;
        yield return new($"account of the {whose}", hidden, staff.Person.AccountId);
        yield return new($"id of the {whose}", hidden, staff.Person.Id.ToString());
        yield return new($"one-time secret of the {whose}", all, Base32(staff.Secret));
        yield return new($"recovery code of the {whose}", all, staff.Person.RecoveryCodes[^1]);
    }

    private async Task<Guid> RegisterAsync(string host, string port)
    {
        var browser = app.Operator.Browser;
        var page = await browser.SubmitAsync(await browser.OpenAsync("/en/my/servers/new?protocol=socks5"), "Input.Host", ("Input.Label", Label), ("Input.Host", host),
            ("Input.Port", port), ("Input.Settings[auth]", "password"), ("Input.Settings[username]", User), ("Input.Settings[password]", Password));
        Assert.Equal(200, page.Status);
        var id = Guid.Parse(page.Path.Split('/')[^1]);
        if (!IPAddress.TryParse(host, out _)) return id;
        var own = await app.InScopeAsync(async services => (await services.GetRequiredService<OwnServers>().FindAsync(app.Operator.Person.Id, id, default))!);
        using var call = new HttpRequestMessage(HttpMethod.Post, "/api/v1/heartbeat") { Content = new FormUrlEncodedContent([KeyValuePair.Create("token", own.Challenge.HeartbeatToken(id))]) };
        call.Headers.Add("X-Forwarded-For", host);
        using var server = new HttpClient { BaseAddress = app.Origin };
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(call)).StatusCode);
        return id;
    }

    private static string Base32(byte[] bytes)
    {
        var bits = string.Concat(bytes.Select(b => b.ToString("b8", CultureInfo.InvariantCulture)));
        return string.Concat(bits.Chunk(5).Select(five => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Convert.ToInt32(new string(five), 2)]));
    }

    [Flags]
    private enum Reader
    {
        Anybody = 1,
        Operator = 2,
        Admin = 4,
        Treasurer = 8,
    }

    /// <summary>A planted value, and whom it is hidden from.</summary>
    private sealed record Secret(string What, Reader Hidden, string Value)
    {
        private readonly string _joined = Joined(Value);

        /// <summary>Whether a text has it, also in groups, in capitals, or encoded as HTML.</summary>
        public bool IsIn(string text) => text.Contains(Value, StringComparison.OrdinalIgnoreCase) || Joined(WebUtility.HtmlDecode(text)).Contains(_joined, StringComparison.OrdinalIgnoreCase);

        private static string Joined(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
    }
}
