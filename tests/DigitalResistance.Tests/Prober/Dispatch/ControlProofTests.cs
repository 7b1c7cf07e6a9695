using DigitalResistance.Prober;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Dispatch;

public sealed class ControlProofTests
{
    public static TheoryData<string> Protocols => ["socks5", "http-connect"];

    [Theory, MemberData(nameof(Protocols))]
    public async Task Who_installs_what_was_minted_controls_the_server(string protocol)
    {
        await using var proving = new Proving();
        var minted = Mint(protocol);
        await using var server = Server(protocol, (minted["username"], minted["password"]));
        var proven = Assert.IsType<ControlProofResult.Proven>(await ProveAsync(proving, protocol, server, minted));
        Assert.Equal(Outcome.Ok, proven.Report.Outcome);
        Assert.Equal(2, server.Visitors);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Control_is_proven_even_where_nothing_is_carried(string protocol)
    {
        await using var proving = new Proving();
        var minted = Mint(protocol);
        await using var server = Server(protocol, (minted["username"], minted["password"]));
        var closed = new ScriptedServer(ScriptedServer.Silence);
        await closed.DisposeAsync();
        var assignment = proving.Assign(protocol, server.Address, minted.Values, proving.CanaryTarget.At(closed.Address));
        var proven = Assert.IsType<ControlProofResult.Proven>(await new ControlProof(proving.Runner, Proving.Catalog).ProveAsync(assignment, CancellationToken.None));
        Assert.Equal(Outcome.Fail, proven.Report.Outcome);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Somebody_elses_server_refuses_what_was_minted(string protocol)
    {
        await using var proving = new Proving();
        await using var server = Server(protocol, ("owner", "secret"));
        Assert.IsType<ControlProofResult.MintedRefused>(await ProveAsync(proving, protocol, server, Mint(protocol)));
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_server_that_takes_any_password_is_nobodys(string protocol)
    {
        await using var proving = new Proving();
        await using var server = protocol == "socks5"
            ? new ScriptedServer(async (stream, stop) =>
            {
                await ScriptedServer.ReadAsync(stream, 3, stop);
                await stream.WriteAsync(new byte[] { 5, 2 }, stop);
                await ScriptedServer.ReadAsync(stream, 1 + 1 + 11 + 1 + 24, stop); // a minted user and password
                await stream.WriteAsync(new byte[] { 1, 0 }, stop);
                await ScriptedServer.ReadAsync(stream, 10, stop);
                await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
                await Relay.RunAsync(stream, proving.CanaryPort, stop);
            })
            : new ScriptedServer((stream, stop) => HttpConnectServer.ServeAsync(stream, null, stop));
        Assert.IsType<ControlProofResult.AcceptsAnything>(await ProveAsync(proving, protocol, server, Mint(protocol)));
        Assert.Equal(1, server.Visitors);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task An_open_server_and_a_dead_one_prove_nothing(string protocol)
    {
        await using var proving = new Proving();
        if (protocol == "socks5")
        {
            await using var open = Server(protocol, null);
            Assert.IsType<ControlProofResult.Unreachable>(await ProveAsync(proving, protocol, open, Mint(protocol)));
        }

        var dead = new ScriptedServer(ScriptedServer.Silence);
        await dead.DisposeAsync();
        Assert.IsType<ControlProofResult.Unreachable>(await ProveAsync(proving, protocol, dead, Mint(protocol)));
    }

    [Fact]
    public async Task A_server_that_did_not_get_to_judge_the_counterfeit_is_not_asked_about_the_genuine_one()
    {
        // Otherwise whoever drops a connection now and then would own every server that takes anything.
        await using var proving = new Proving();
        var visits = 0;
        await using var server = new ScriptedServer((stream, stop) => Interlocked.Increment(ref visits) == 1 ? Task.CompletedTask : HttpConnectServer.ServeAsync(stream, null, stop));
        var unreachable = Assert.IsType<ControlProofResult.Unreachable>(await ProveAsync(proving, "http-connect", server, Mint("http-connect")));
        Assert.Equal((Failure.ConnectionClosed, 1), (unreachable.Report.Failure, visits));
    }

    [Fact]
    public async Task Settings_without_credentials_and_protocols_without_them_are_not_supported()
    {
        await using var proving = new Proving();
        await using var server = new ScriptedServer(ScriptedServer.Silence);
        var proof = new ControlProof(proving.Runner, Proving.Catalog);
        foreach (var protocol in new[] { "socks5", "http-connect", "gopher" })
        {
            Assert.IsType<ControlProofResult.NotSupported>(await proof.ProveAsync(proving.Assign(protocol, server.Address), CancellationToken.None));
        }

        Assert.Equal(0, server.Visitors);
    }

    private static ScriptedServer Server(string protocol, (string, string)? credentials) => new((stream, stop) =>
        protocol == "socks5" ? Socks5Server.ServeAsync(stream, credentials, stop) : HttpConnectServer.ServeAsync(stream, credentials, stop));

    private static ProbeSettings Mint(string protocol)
    {
        var probe = (IMintsCredentials)Proving.Catalog.Find(protocol)!;
        return probe.Mint(((SettingsParse.Accepted)probe.Parse(Proving.Settings())).Settings);
    }

    private static Task<ControlProofResult> ProveAsync(Proving proving, string protocol, ScriptedServer server, ProbeSettings minted) =>
        new ControlProof(proving.Runner, Proving.Catalog).ProveAsync(proving.Assign(protocol, server.Address, minted.Values), CancellationToken.None);
}
