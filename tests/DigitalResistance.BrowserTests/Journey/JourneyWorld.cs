using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>Everything the journey needs that is not a person: the product as a process, the node, the wallets, the operators' web server.</summary>
internal sealed class JourneyWorld : IAsyncDisposable
{
    // Short enough for a test, otherwise the rules of a real round: one approval must be an SSH signature.
    private const string Policy = """
        {
          "name": "journey-1", "slotSeconds": 3, "windowSeconds": 15, "windowCoveragePpm": 500000, "minVantages": 1,
          "buckets": [{ "fromPpm": 100000, "weight": 250 }, { "fromPpm": 750000, "weight": 1000 }],
          "tenure": [{ "fromHours": 0, "factorPpm": 1000000 }], "presence": [{ "fromPpm": 1, "factorPpm": 1000000 }],
          "serversPerAddress": 1000, "serversPerNetwork": 1000, "addressCoolingOffSeconds": 0, "objectionSeconds": 0, "creditDays": 30,
          "eligibility": "automatic", "approvalsNeeded": 2, "maxSignedInApprovals": 1, "canarySharePpm": 1000000
        }
        """;

    private readonly DirectoryInfo _folder;

    private JourneyWorld(DirectoryInfo folder, WebPeer web, BcoinPeer node, ElectrumPeer treasury, ElectrumPeer operators, TokenServer tokens) =>
        (_folder, Web, Node, Treasury, Operators, Tokens) = (folder, web, node, treasury, operators, tokens);

    public WebPeer Web { get; }

    public BcoinPeer Node { get; }

    /// <summary>The 2-of-3 treasury.</summary>
    public ElectrumPeer Treasury { get; }

    /// <summary>A wallet whose addresses the operators are paid at.</summary>
    public ElectrumPeer Operators { get; }

    public TokenServer Tokens { get; }

    public string Folder => _folder.FullName;

    private string? Connection { get; init; }

    /// <inheritdoc cref="WebPeer.OpenSiteAsync"/>
    public Task OpenSiteAsync() => Web.OpenSiteAsync(Connection);

    public static async Task<JourneyWorld> StartAsync(string engine, string rules = Policy)
    {
        var folder = Directory.CreateTempSubdirectory("dr-journey-");
        var policy = Path.Combine(folder.FullName, "policy.json");
        await File.WriteAllTextAsync(policy, rules);
        var node = await BcoinPeer.StartAsync();
        var tokens = new TokenServer();
        var settings = new Dictionary<string, string>
        {
            ["Database__Provider"] = engine,
            ["Scoring__PolicyFile"] = policy,
            ["Dialing__AllowLoopback"] = "true",
            ["Dialing__Deadline"] = "00:00:02",
            ["Probing__TlsTargets"] = "none",
            ["Probing__Telegram"] = "none",
            ["Canary__Listen"] = "127.0.0.1:0",
            ["Servers__HttpProofPort"] = $"{tokens.Port}",
            ["Bitcoin__Network"] = "regtest",
            ["Bitcoin__Backend"] = "core",
            ["Bitcoin__NodeUrl"] = node.Url.ToString(),
            ["Bitcoin__NodeUser"] = node.User,
            ["Bitcoin__NodePassword"] = node.Password,
            ["Bitcoin__PollSeconds"] = "1",
            ["Payouts__PassSeconds"] = "1",
        };
        if (engine == "postgres") settings["Database__ConnectionString"] = await PostgresPeer.CreateDatabaseAsync();
        var connection = settings.GetValueOrDefault("Database__ConnectionString");
        return new JourneyWorld(folder, await WebPeer.StartAsync(settings), node, await ElectrumPeer.MultisigAsync(2, 3), await ElectrumPeer.SingleAsync(), tokens) { Connection = connection };
    }

    /// <summary>Waits until the product has handed a payment to the node; returns its id.</summary>
    public async Task<string> BroadcastAsync()
    {
        for (var until = DateTimeOffset.UtcNow.AddMinutes(2); ; await Task.Delay(500))
        {
            if (await Node.MempoolAsync() is [var txid]) return txid;
            Assert.True(DateTimeOffset.UtcNow < until, $"The payment was not broadcast within two minutes: {Web.Console}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await Node.DisposeAsync();
        await Treasury.DisposeAsync();
        await Operators.DisposeAsync();
        await Tokens.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
