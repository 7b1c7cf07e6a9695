using System.Net.NetworkInformation;
using System.Net.Sockets;
using DigitalResistance.Prober;
using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>What holds for every proxy of strangers that runs here: right settings, a wrong secret, a closed target, a machine that hangs and one that dies.</summary>
public sealed class EveryProxyTests
{
    public static TheoryData<string> All => ProxyCase.All;

    public static TheoryData<string> OfBothFamilies => ProxyCase.OfBothFamilies;

    [Theory, MemberData(nameof(All))]
    public async Task Right_settings_carry_a_wrong_secret_and_a_closed_target_are_told_as_what_they_are(string name)
    {
        await using var proving = new RealProving(TimeSpan.FromSeconds(3));
        await using var proxy = await ProxyCase.StartAsync(name);
        var carried = await proving.ProbeAsync(proxy, proxy.Right);
        RealProving.Carries(carried);
        Assert.Equal(AddressFamily.InterNetwork, carried.Family);
        Assert.True(carried.Timings is { Dial: >= 0, Handshake: > 0, Proof: >= 0 }, $"{carried.Timings}");
        if (proxy.Wrong is { } wrong) RealProving.Fails(await proving.ProbeAsync(proxy, wrong), proxy.Refused);
        RealProving.Fails(await proving.ProbeAsync(proxy, proxy.Right, proving.ClosedTarget), proxy.Closed);
        RealProving.Carries(await proving.ProbeAsync(proxy, proxy.Right)); // neither did it any harm
    }

    [Theory, MemberData(nameof(All))]
    public async Task One_that_hangs_gives_no_answer_and_one_that_dies_in_mid_handshake_cuts_the_connection(string name)
    {
        await using var proving = new RealProving(TimeSpan.FromSeconds(1));
        await using var patient = new RealProving(TimeSpan.FromSeconds(30));
        await using var proxy = await ProxyCase.StartAsync(name);
        await proxy.Peer.FreezeAsync();
        RealProving.Fails(await proving.ProbeAsync(proxy, proxy.Right), Stage.Handshake, Failure.NoAnswer);

        var probing = patient.ProbeAsync(proxy, proxy.Right);
        while (!HasUnreadGreeting(proxy.Peer.Port) && !probing.IsCompleted) await Task.Delay(10);
        await proxy.Peer.KillAsync();
        RealProving.Fails(await probing, Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        RealProving.Fails(await proving.ProbeAsync(proxy, proxy.Right), Stage.Dial, Failure.ConnectionRefused);
    }

    [Theory, MemberData(nameof(OfBothFamilies))]
    public async Task A_server_is_reached_over_IPv6_and_leads_to_it(string name)
    {
        NeedsIPv6();
        await using var proving = new RealProving(TimeSpan.FromSeconds(3));
        await using var proving6 = new RealProving(TimeSpan.FromSeconds(3), "::1");
        await using var proxy = await ProxyCase.StartAsync(name, "::1");
        await using var proxy4 = await ProxyCase.StartAsync(name);

        var both = await proving6.ProbeAsync(proxy, proxy.Right);
        RealProving.Carries(both, "::1");
        Assert.Equal((AddressFamily.InterNetworkV6, "::1"), (both.Family, $"{both.Ingress?.Value}"));
        RealProving.Carries(await proving.ProbeAsync(proxy, proxy.Right), "127.0.0.1"); // in by the one family, out by the other
        var out6 = await proving6.ProbeAsync(proxy4, proxy4.Right);
        RealProving.Carries(out6, "::1");
        Assert.Equal((AddressFamily.InterNetwork, AddressFamily.InterNetworkV6), (out6.Family, out6.Egress?.Value.AddressFamily));
    }

    [Theory]
    [InlineData("127.0.0.1", "")]
    [InlineData("127.0.0.1", "secret")]
    [InlineData("::1", "")]
    [InlineData("::1", "secret")]
    public async Task V2ray_carries_datagrams_too(string at, string password)
    {
        if (at == "::1") NeedsIPv6();
        await using var proving = new RealProving(canaryAt: at);
        await using var proxy = await ProxyCase.StartAsync(password.Length > 0 ? "v2ray socks, password" : "v2ray socks", at);
        var carried = await proving.ProbeAsync(proxy, new(proxy.Right) { ["udp"] = "yes" });
        RealProving.Carries(carried, at);
        Assert.Equal(Stage.Datagrams, carried.Stage);
    }

    /// <summary>Whether bytes wait in the kernel for whoever listens at a port, on a connection that is still open.</summary>
    private static bool HasUnreadGreeting(int port) => File.ReadLines("/proc/net/tcp").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(row => row[1].EndsWith($":{port:X4}", StringComparison.Ordinal) && row[3] == "01" && !row[4].EndsWith(":00000000", StringComparison.Ordinal));

    private static void NeedsIPv6()
    {
        if (!NetworkInterface.GetAllNetworkInterfaces().Any(card => card.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(System.Net.IPAddress.IPv6Loopback)))) throw Needs.Missing("this machine has no IPv6, not even of its own");
    }
}
