using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;

namespace DigitalResistance.Tests.Prober.Carriage;

public sealed class CertificateProofTests
{
    [Theory]
    [InlineData("socks5", true, Level.L3)]
    [InlineData("socks5", false, Level.L2)]
    [InlineData("http-connect", true, Level.L3)]
    public async Task A_verified_certificate_proves_carriage_and_an_unpredictable_host_a_third_party(string protocol, bool unpredictable, Level level)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1");
        await using var proving = new Proving(roots: authority.Roots);
        await using var host = new ScriptedServer(TestAuthority.Serve(certificate));
        await using var server = new ScriptedServer((stream, stop) =>
            protocol == "socks5" ? Socks5Server.ServeAsync(stream, null, stop) : HttpConnectServer.ServeAsync(stream, null, stop));

        var report = await proving.ProbeAsync(protocol, server.Address, target: new ProbeTarget.Tls(host.Address, unpredictable));

        Assert.Equal((Outcome.Ok, level, null), (report.Outcome, report.Level, report.Failure));
        Assert.Null(report.Egress);
        Assert.Equal(1, host.Visitors);
    }

    [Fact]
    public async Task A_site_that_speaks_only_older_TLS_proves_itself_through_a_second_tunnel()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1");
        await using var proving = new Proving(roots: authority.Roots);
        await using var host = new ScriptedServer(TestAuthority.Serve(certificate, protocols: System.Security.Authentication.SslProtocols.Tls12));
        await using var server = new ScriptedServer((stream, stop) => Socks5Server.ServeAsync(stream, null, stop));

        var report = await proving.ProbeAsync("socks5", server.Address, target: new ProbeTarget.Tls(host.Address, Unpredictable: true));

        Assert.Equal((Outcome.Ok, Level.L3, null), (report.Outcome, report.Level, report.Failure));
        Assert.Equal((2, 2), (host.Visitors, server.Visitors));
    }

    [Fact]
    public async Task A_name_goes_to_the_server_as_a_name_and_into_TLS_as_that_name()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("www.example.net");
        await using var proving = new Proving(roots: authority.Roots);
        await using var host = new ScriptedServer(TestAuthority.Serve(certificate));
        await using var server = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadAsync(stream, 3, stop);
            await stream.WriteAsync(new byte[] { 5, 0 }, stop);
            Assert.Equal([5, 1, 0, 3, 15, .. "www.example.net"u8.ToArray(), 1, 187], await ScriptedServer.ReadAsync(stream, 22, stop));
            await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
            await Relay.RunAsync(stream, host.Port, stop);
        });

        var report = await proving.ProbeAsync("socks5", server.Address, target: new ProbeTarget.Tls(HostPort.Parse("www.example.net:443"), Unpredictable: true));

        Assert.Equal((Outcome.Ok, Level.L3), (report.Outcome, report.Level));
    }

    [Fact]
    public async Task A_certificate_cannot_have_its_own_links_dialled()
    {
        // An issuer link (RFC 5280 §4.2.2.1) is a stranger's wish that we fetch something; it must stay a wish.
        using var authority = new TestAuthority();
        using var forger = new TestAuthority("Nobody that is known here"); // an issuer that is missing is what makes a library look for it
        await using var trap = new ScriptedServer(ScriptedServer.Silence);
        using var certificate = forger.Issue("127.0.0.1", issuerLink: $"http://127.0.0.1:{trap.Port}/issuer.crt");
        await using var proving = new Proving(roots: authority.Roots);
        await using var host = new ScriptedServer(TestAuthority.Serve(certificate));

        var report = await new DirectCheck(proving.Dialer, authority.Roots, TimeProvider.System).CheckAsync(new ProbeTarget.Tls(host.Address, Unpredictable: false), CancellationToken.None);

        Assert.Equal(Failure.CertificateUntrusted, report.Failure);
        Assert.Equal(0, trap.Visitors);
    }

    [Fact]
    public async Task The_vantage_can_ask_its_targets_directly()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("127.0.0.1");
        await using var proving = new Proving(roots: authority.Roots);
        await using var host = new ScriptedServer(TestAuthority.Serve(certificate));
        var check = new DirectCheck(proving.Dialer, authority.Roots, TimeProvider.System);

        Assert.Equal(Outcome.Ok, (await check.CheckAsync(proving.CanaryTarget, CancellationToken.None)).Outcome);
        Assert.Equal(Outcome.Ok, (await check.CheckAsync(new ProbeTarget.Tls(host.Address, Unpredictable: false), CancellationToken.None)).Outcome);
        var closed = new ScriptedServer(ScriptedServer.Silence);
        await closed.DisposeAsync();
        Assert.Equal(Failure.ConnectionRefused, (await check.CheckAsync(proving.CanaryTarget.At(closed.Address), CancellationToken.None)).Failure);
    }

    [Fact]
    public async Task A_canary_without_datagrams_is_told_apart_from_one_that_is_down()
    {
        await using var proving = new Proving();
        await using var streamsOnly = new ScriptedServer((stream, stop) => Relay.RunAsync(stream, proving.CanaryPort, stop));
        var report = await new DirectCheck(proving.Dialer, TrustRoots.System, TimeProvider.System).CheckAsync(proving.CanaryTarget.At(streamsOnly.Address), CancellationToken.None);
        Assert.Equal((Stage.Datagrams, Level.L1, Failure.ConnectionRefused), (report.Stage, report.Level, report.Failure));
    }
}
