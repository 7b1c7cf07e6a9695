using System.Text.RegularExpressions;
using DigitalResistance.BrowserTests.Journey;
using DigitalResistance.Data;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Testing;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Testing.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Tests.Web;

namespace DigitalResistance.IntegrationTests.Kills;

/// <summary>
/// A registry as a process of its own with a node, proxies and people: two admins with keys for approvals, a treasurer, three operators of one measured server each. The test
/// looks into its database from outside.
/// </summary>
internal sealed partial class KillWorld : IAsyncDisposable
{
    private const string Password = "a lamp and three wolves";

    // Slots of two seconds, so that the time which a round takes to be paid is the period of the next one.
    private const string Policy = """
        {
          "name": "kills-1", "slotSeconds": 2, "windowSeconds": 6, "windowCoveragePpm": 1, "minVantages": 1,
          "buckets": [{ "fromPpm": 1, "weight": 1000 }],
          "tenure": [{ "fromHours": 0, "factorPpm": 1000000 }], "presence": [{ "fromPpm": 1, "factorPpm": 1000000 }],
          "serversPerAddress": 1000, "serversPerNetwork": 1000, "addressCoolingOffSeconds": 0, "objectionSeconds": 0, "creditDays": 30,
          "eligibility": "automatic", "approvalsNeeded": 2, "maxSignedInApprovals": 0, "canarySharePpm": 1000000
        }
        """;

    private readonly string _policy = Path.GetTempFileName();
    private readonly List<IAsyncDisposable> _peers = [];
    private readonly List<Visitor> _visitors = [];
    private Func<MoneyDb> _open = null!;

    private KillWorld()
    {
    }

    public WebPeer Web { get; private set; } = null!;

    public BcoinPeer Node { get; private set; } = null!;

    /// <summary>The cluster that is killed; null where only the process is.</summary>
    public PostgresPeer? Cluster { get; private set; }

    /// <summary>The admins with the keys they approve with.</summary>
    public (Visitor Browser, TestSshKey Key)[] Admins { get; private set; } = [];

    public Visitor Treasurer { get; private set; } = null!;

    public Visitor Donor { get; private set; } = null!;

    public MoneyDb Open() => _open();

    public static async Task<KillWorld> StartAsync(string engine, bool ownCluster)
    {
        var world = new KillWorld();
        try
        {
            await world.BuildAsync(engine, ownCluster);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var visitor in _visitors) visitor.Dispose();
        if (Web is not null) await Web.DisposeAsync();
        foreach (var peer in _peers) await peer.DisposeAsync();
        File.Delete(_policy);
    }

    private async Task BuildAsync(string engine, bool ownCluster)
    {
        await File.WriteAllTextAsync(_policy, Policy);
        _peers.Add(Node = await BcoinPeer.StartAsync());
        if (ownCluster) _peers.Add(Cluster = await PostgresPeer.StartAsync());
        var connection = engine == "sqlite" ? null : Cluster?.ConnectionString("postgres") ?? await PostgresPeer.CreateDatabaseAsync();
        Web = await WebPeer.StartAsync(new Dictionary<string, string>
        {
            ["Database__Provider"] = engine, ["Database__ConnectionString"] = connection ?? "", ["Scoring__PolicyFile"] = _policy, ["Accounts__PasswordRounds"] = "1000",
            ["Dialing__AllowLoopback"] = "true", ["Dialing__Deadline"] = "00:00:01", ["Canary__Listen"] = "127.0.0.1:0", ["Probing__TlsTargets"] = "none", ["Probing__Telegram"] = "none",
            ["Bitcoin__Network"] = "regtest", ["Bitcoin__Backend"] = "core", ["Bitcoin__NodeUrl"] = Node.Url.ToString(), ["Bitcoin__NodeUser"] = Node.User,
            ["Bitcoin__NodePassword"] = Node.Password, ["Bitcoin__PollSeconds"] = "1", ["Bitcoin__Confirmations"] = "2", ["Bitcoin__FinalConfirmations"] = "4", ["Payouts__PassSeconds"] = "1",
        });
        // Without a pool: no connection outlives the server it was made to.
        _open = MoneyDatabase.Existing(connection is null ? null : $"{connection};Pooling=false", Path.Combine(Web.DataFolder, "money.db"));

        var first = await JoinAsync(Web.SetupLink, isStaff: true);
        // The treasurers first: from the second admin on two must agree to a new one.
        var holders = new List<(Visitor Browser, Authenticator? Codes)>();
        for (var i = 0; i < 3; i++) holders.Add(await JoinAsync(await InviteAsync(first, "treasurer"), isStaff: true));
        Treasurer = holders[0].Browser;
        var second = await JoinAsync(await InviteAsync(first, "admin"), isStaff: true);
        Donor = NewVisitor();
        await AdoptAsync(holders);
        for (var number = 1; number <= 3; number++) await OperateAsync(number);
        Admins = [await EnrolAsync(first, second), await EnrolAsync(second, first)];
        await Web.OpenSiteAsync(connection);
    }

    private Visitor NewVisitor()
    {
        var visitor = new Visitor(new Uri(Web.Origin));
        _visitors.Add(visitor);
        return visitor;
    }

    private async Task<(Visitor Browser, Authenticator? Codes)> JoinAsync(string link, bool isStaff)
    {
        var browser = NewVisitor();
        await browser.SubmitAsync(await browser.OpenAsync(link), "Input.Password", ("Input.Password", Password), ("Input.Again", Password));
        if (!isStaff) return (browser, null);
        var page = await browser.OpenAsync("/en/account/authenticator");
        var codes = new Authenticator(Secret().Match(page.Html).Groups[1].Value);
        await browser.SubmitAsync(page, "Input.NewCode", ("Input.NewCode", await codes.NextCodeAsync()), ("Input.Password", Password));
        return (browser, codes);
    }

    private async Task<string> InviteAsync((Visitor Browser, Authenticator? Codes) admin, string role)
    {
        var form = await admin.Browser.OpenAsync("/en/admin/people");
        var page = await admin.Browser.SubmitAsync(form, "name=\"Role\"", ("Role", role), ("Code", await admin.Codes!.NextCodeAsync()));
        var code = Secret().Match(page.Html).Groups[1].Value;
        return code.StartsWith("http", StringComparison.Ordinal) ? code : $"/en/account/new/{code}";
    }

    private static async Task AdoptAsync(IReadOnlyList<(Visitor Browser, Authenticator? Codes)> holders)
    {
        await holders[0].Browser.SubmitAsync(await holders[0].Browser.OpenAsync("/en/treasury/ceremony"), "name=\"Whole\"", ("Whole", TestTreasuries.TwoOfThree));
        var keys = TestTreasuries.Parse(TestTreasuries.TwoOfThree).Keys;
        foreach (var ((browser, codes), key) in holders.Zip(keys))
            await browser.SubmitAsync(await browser.OpenAsync("/en/treasury/ceremony"), "name=\"ConfirmCode\"", ("Mine", key.Origin.MasterFingerprint.ToString()), ("ConfirmCode", await codes!.NextCodeAsync()));
    }

    private async Task OperateAsync(int number)
    {
        var proxy = await MicrosocksPeer.StartAsync();
        _peers.Add(proxy);
        var (browser, _) = await JoinAsync("/en/account/new", isStaff: false);
        var form = await browser.OpenAsync("/en/my/servers/new?protocol=socks5");
        var server = await browser.SubmitAsync(form, "Input.Host", ("Input.Label", "mine"), ("Input.Host", "127.0.0.1"), ("Input.Port", $"{proxy.Port}"));
        using var home = new FormUrlEncodedContent([KeyValuePair.Create("token", Token().Match(server.Html).Groups[1].Value)]);
        using var heard = await browser.Http.PostAsync("/api/v1/heartbeat", home);
        Assert.Contains("proven", await heard.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await browser.SubmitAsync(await browser.OpenAsync("/en/my/payout"), "name=\"Address\"", ("Address", PayoutWorld.Address(number)));
    }

    private static async Task<(Visitor Browser, TestSshKey Key)> EnrolAsync((Visitor Browser, Authenticator? Codes) admin, (Visitor Browser, Authenticator? Codes) other)
    {
        var key = TestSshKey.Create("ssh-ed25519");
        await admin.Browser.SubmitAsync(await admin.Browser.OpenAsync("/en/admin/keys"), "name=\"PublicKey\"", ("PublicKey", key.PublicLine), ("Code", await admin.Codes!.NextCodeAsync()));
        var keys = await other.Browser.OpenAsync("/en/admin/keys");
        var done = await other.Browser.SubmitAsync(keys, "name=\"ConfirmCode\"", ("Motion", Motion().Match(keys.Html).Groups[1].Value), ("ConfirmCode", await other.Codes!.NextCodeAsync()));
        Assert.Contains("The key is enrolled.", done.Text, StringComparison.Ordinal);
        return (admin.Browser, key);
    }

    [GeneratedRegex("<option[^>]* value=\"([0-9a-f-]{36})\"")]
    private static partial Regex Motion();

    [GeneratedRegex("class=\"[^\"]*secret[^\"]*\"[^>]*>([^<]+)<")]
    private static partial Regex Secret();

    [GeneratedRegex("token=([0-9a-z]{64})")]
    private static partial Regex Token();
}
