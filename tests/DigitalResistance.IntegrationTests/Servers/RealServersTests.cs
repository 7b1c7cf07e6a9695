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

    [Fact]
    public async Task Owners_of_microsocks_and_tinyproxy_prove_control_with_minted_users_and_are_scored()
    {
        await using var registry = await Registry.StartAsync(Short);
        await registry.RunAsync<SchedulePass>();
        var (socksPort, httpPort) = (PeerProcess.FreePort(), PeerProcess.FreePort());
        var (socks, http) = (await registry.RegisterAsync(Registry.Alice, socksPort), await registry.RegisterAsync(Registry.Bob, httpPort, protocol: "http-connect"));

        // Before the user is installed: one server that asks for another user, one that is not there.
        await using (await MicrosocksPeer.StartAsync(("somebody", "else"), socksPort))
        {
            Assert.Equal(ProofFinding.MintedRefused, await FindingAsync(registry, Registry.Alice, socks));
        }

        Assert.Equal(ProofFinding.Unreachable, await FindingAsync(registry, Registry.Bob, http));

        await using var microsocks = await MicrosocksPeer.StartAsync(await MintedAsync(registry, Registry.Alice, socks), socksPort);
        Assert.IsType<ClaimResult.Listed>(Assert.IsType<ProofResult.Shown>(await ProveAsync(registry, Registry.Alice, socks)).Then);
        await using var tinyproxy = await TinyproxyPeer.StartAsync(await MintedAsync(registry, Registry.Bob, http), port: httpPort);
        Assert.IsType<ClaimResult.Listed>(Assert.IsType<ProofResult.Shown>(await ProveAsync(registry, Registry.Bob, http)).Then);

        await registry.LiveAsync(TimeSpan.FromSeconds(120));
        await tinyproxy.KillAsync();
        var stopped = registry.Time.GetUtcNow();
        await registry.LiveAsync(TimeSpan.FromSeconds(120));

        var scores = (await registry.DoAsync((IScoreBook book) => book.ScoreAsync(Registry.Start, registry.Time.GetUtcNow(), Short, CancellationToken.None))).ToDictionary(s => s.ServerId);
        Assert.Equal((1_000_000, 1_000), (scores[socks].AvailabilityPpm, scores[socks].Weight));
        Assert.InRange(scores[http].AvailabilityPpm, 200_000, 800_000);
        Assert.Equal(0, scores[http].Weight);
        var slots = await registry.DoAsync((SlotHistory history) => history.ReadAsync([http], Registry.Start, registry.Time.GetUtcNow(), CancellationToken.None));
        Assert.All(slots[http].Where(s => s.At > stopped), s => Assert.Equal((SlotState.Fail, "connection_refused"), (s.Record.State, Reasons.Code(s.Record.Reason))));
    }

    private static async Task<(string, string)> MintedAsync(Registry registry, Guid owner, Guid id)
    {
        var minted = (await registry.OpenAsync(owner, id)).Challenge.Minted;
        return (minted["username"], minted["password"]);
    }

    private static Task<ProofResult> ProveAsync(Registry registry, Guid owner, Guid id) =>
        registry.DoAsync((ControlProofs act) => act.ProveAsync(owner, id, ProofWay.InProtocol, keepMinted: true, CancellationToken.None));

    private static async Task<ProofFinding> FindingAsync(Registry registry, Guid owner, Guid id) => Assert.IsType<ProofResult.NotShown>(await ProveAsync(registry, owner, id)).Finding.What;
}
