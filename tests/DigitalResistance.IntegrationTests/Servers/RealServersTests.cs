using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Probing;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Servers;

/// <summary>From registration to weight with servers that strangers wrote.</summary>
public sealed class RealServersTests
{
    private static readonly Policy Short = Policy.Standard with
    {
        SlotSeconds = 20, WindowSeconds = 100, CanarySharePpm = 1_000_000, Tenure = [new(0, 1_000_000)], Presence = [new(1, 1_000_000)], ServersPerAddress = 10,
    };

    [Theory]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public async Task Owners_prove_control_of_servers_of_strangers_and_are_scored_by_what_these_carry(string engine)
    {
        var (site, web) = (Directory.CreateTempSubdirectory("dr-site-").FullName, PeerProcess.FreePort());
        await using var registry = await Registry.StartAsync(Short, ("Database:Provider", engine), ("Servers:HttpProofPort", $"{web}"));
        await registry.RunAsync<SchedulePass>();
        var (socksPort, httpPort) = (PeerProcess.FreePort(), PeerProcess.FreePort());
        var (socks, http) = (await registry.RegisterAsync(Registry.Alice, socksPort), await registry.RegisterAsync(Registry.Bob, httpPort, protocol: "http-connect"));

        // In the protocol. Before the user is installed: one server that asks for another user, one that is not there.
        await using (await MicrosocksPeer.StartAsync(("somebody", "else"), socksPort))
        {
            Assert.Equal(ProofFinding.MintedRefused, await FindingAsync(registry, Registry.Alice, socks));
        }

        Assert.Equal(ProofFinding.Unreachable, await FindingAsync(registry, Registry.Bob, http));
        await using var microsocks = await MicrosocksPeer.StartAsync(await MintedAsync(registry, Registry.Alice, socks), socksPort);
        await ListedAsync(registry, Registry.Alice, socks, ProofWay.InProtocol);
        var tinyproxy = await TinyproxyPeer.StartAsync(await MintedAsync(registry, Registry.Bob, http), port: httpPort);
        await ListedAsync(registry, Registry.Bob, http, ProofWay.InProtocol);

        // By a token on a web server beside an open dante, which is nobody's in the protocol.
        await using var dante = await DantePeer.StartAsync();
        var open = await registry.RegisterAsync(Registry.Alice, dante.Port);
        Assert.Equal(DigitalResistance.Prober.Failure.NoAcceptableMethod, Assert.IsType<ProofResult.NotShown>(await ProveAsync(registry, Registry.Alice, open, ProofWay.InProtocol)).Finding.Failure);
        Assert.Equal(ProofFinding.Unreachable, await FindingAsync(registry, Registry.Alice, open, ProofWay.HttpToken));
        await using var server = PeerProcess.Start(Needs.Program("python3"), ["-m", "http.server", $"{web}", "--bind", "127.0.0.1", "--directory", site]);
        await server.WaitForPortAsync(web);
        Assert.Equal(ProofFinding.OtherStatus, await FindingAsync(registry, Registry.Alice, open, ProofWay.HttpToken));
        var challenge = (await registry.OpenAsync(Registry.Alice, open)).Challenge;
        Directory.CreateDirectory(Path.Combine(site, ".well-known"));
        await File.WriteAllTextAsync(site + challenge.HttpPath, challenge.HttpToken + "\n", TestContext.Current.CancellationToken);
        await ListedAsync(registry, Registry.Alice, open, ProofWay.HttpToken);

        // By a call from the server's own address.
        await using var second = await MicrosocksPeer.StartAsync();
        var calling = await registry.RegisterAsync(Registry.Bob, second.Port);
        Assert.Equal(HeartbeatResult.Listed, await registry.CallHomeAsync(Registry.Bob, calling));

        await registry.LiveAsync(TimeSpan.FromSeconds(120));
        await tinyproxy.DisposeAsync();
        var stopped = registry.Time.GetUtcNow();
        await registry.LiveAsync(TimeSpan.FromSeconds(120));
        var started = registry.Time.GetUtcNow();
        await using var again = await TinyproxyPeer.StartAsync(await MintedAsync(registry, Registry.Bob, http), port: httpPort);
        await registry.LiveAsync(TimeSpan.FromSeconds(100));

        var scores = (await registry.DoAsync((IScoreBook book) => book.ScoreAsync(Registry.Start, registry.Time.GetUtcNow(), Short, CancellationToken.None))).ToDictionary(s => s.ServerId);
        foreach (var good in new[] { socks, open, calling }) Assert.Equal((1_000_000, 1_000), (scores[good].AvailabilityPpm, scores[good].Weight));
        Assert.InRange(scores[http].AvailabilityPpm, 400_000, 900_000);
        Assert.InRange(scores[http].Weight, 0, 100);

        var slots = await registry.DoAsync((SlotHistory history) => history.ReadAsync([socks, http, open, calling], Registry.Start, registry.Time.GetUtcNow(), CancellationToken.None));
        foreach (var id in scores.Keys)
        {
            var times = slots[id].Select(s => s.At).Order().ToList();
            Assert.Equal(TimeSpan.FromSeconds(20 * (times.Count - 1)), times[^1] - times[0]); // every slot, and each once
        }

        Assert.All(slots[http].Where(s => s.At > stopped && s.At < started.AddSeconds(-20)), s => Assert.Equal((SlotState.Fail, "connection_refused"), (s.Record.State, Reasons.Code(s.Record.Reason))));
        Assert.All(slots[http].Where(s => s.At > started || s.At < stopped.AddSeconds(-20)), s => Assert.Equal(SlotState.Ok, s.Record.State));
        Directory.Delete(site, recursive: true);
    }

    private static async Task ListedAsync(Registry registry, Guid owner, Guid id, ProofWay way) =>
        Assert.IsType<ClaimResult.Listed>(Assert.IsType<ProofResult.Shown>(await ProveAsync(registry, owner, id, way)).Then);

    private static async Task<(string, string)> MintedAsync(Registry registry, Guid owner, Guid id)
    {
        var minted = (await registry.OpenAsync(owner, id)).Challenge.Minted;
        return (minted["username"], minted["password"]);
    }

    private static Task<ProofResult> ProveAsync(Registry registry, Guid owner, Guid id, ProofWay way) =>
        registry.DoAsync((ControlProofs act) => act.ProveAsync(owner, id, way, keepMinted: way == ProofWay.InProtocol, CancellationToken.None));

    private static async Task<ProofFinding> FindingAsync(Registry registry, Guid owner, Guid id, ProofWay way = ProofWay.InProtocol) =>
        Assert.IsType<ProofResult.NotShown>(await ProveAsync(registry, owner, id, way)).Finding.What;
}
