using System.Globalization;
using System.Net;
using DigitalResistance.Accounts;
using DigitalResistance.Payouts;
using DigitalResistance.Probing;
using DigitalResistance.Servers;
using DigitalResistance.Testing.Payouts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Site;

/// <summary>
/// Marked values are planted where people enter them; then everything that others can read is read. Whoever's eyes a value is not meant
/// for must not meet it: on no page, in no export, feed, file, header or error, in no line of the log.
/// </summary>
public sealed class CanaryCrawlTests(PopulatedApp app) : IClassFixture<PopulatedApp>
{
    private const string Host = "kanareika-4f1c.example.net", Address = "127.83.61.7", Label = "kanareika-label", User = "kanareika-user", Password = "kanareika-password-99";

    [Fact]
    public async Task Nobody_reads_what_is_not_meant_for_him()
    {
        var secrets = await PlantAsync();
        var (servers, batch) = (await app.AskAsync(db => db.Set<Server>().Select(s => s.Id).ToListAsync()), (await app.BatchAsync(2)).Id);
        var parameters = new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["number"] = ["1", "2", "3", "4", "5", "6"], ["index"] = ["0", "1", "7", "20"], ["id"] = [servers[0].ToString(), batch.ToString(), Guid.NewGuid().ToString()],
            ["token"] = [new('a', 32)], ["code"] = ["", "AAAAA-AAAAA-AAAAA-AAAAA"], ["path"] = ["0/000", "entries/000", "0/000.p/5"], ["handler"] = [""],
            ["txid"] = [new('a', 64), await app.AskAsync(db => db.Set<BatchTransaction>().Select(t => t.Txid).FirstAsync())],
            ["status"] = ["404", "500"], ["documentName"] = ["v1"],
        };

        using var anybody = app.NewVisitor();
        var stranger = await app.StaffAsync(Roles.Operator);
        var everybodys = new Crawl(app, anybody, parameters);
        await everybodys.RunAsync();
        await everybodys.ProvokeAsync();
        Check(Reader.Anybody, everybodys, "/ru/ledger", "/en/rounds/1", "/api/v1/summary", "/ledger.atom", "/ledger/snapshot.tar.gz", "/rounds/1/rows.csv", "/openapi/v1.json");
        Assert.True(everybodys.Answers.Count(a => a.Status == 200) > 150);
        // Whoever is signed in reads what nobody else can.
        foreach (var (reader, visitor, path) in new[]
                 {
                     (Reader.Operator, stranger.Browser, "/ru/my/servers"), (Reader.Admin, app.Alice.Browser, "/en/admin/rounds/2"), (Reader.Treasurer, app.Treasurer.Browser, $"/ru/treasury/batches/{batch}"),
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

        Assert.True(app.Log.Count > 1_000);
        foreach (var secret in secrets) Assert.DoesNotContain(app.Log, secret.IsIn);
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
            new("donor's token", all, app.DonationToken),
            .. Identity("operator", all, app.Operator), .. Identity("other operator", all, fresh),
            .. Identity("second admin", all & ~Reader.Admin, app.Boris), .. Identity("first admin", all & ~Reader.Admin, app.Alice), .. Identity("treasurer", all & ~Reader.Admin & ~Reader.Treasurer, app.Treasurer),
            new("password of the node", all, "kanareika-node-password"),
        ];
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
