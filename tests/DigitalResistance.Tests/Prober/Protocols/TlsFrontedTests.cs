using DigitalResistance.Prober;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

/// <summary>SOCKS5 and CONNECT inside TLS: what the outer layer adds, and what can go wrong in it.</summary>
public sealed class TlsFrontedTests
{
    public static TheoryData<string> Protocols => ["socks5-tls", "https-connect"];

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_public_certificate_must_be_trusted_and_have_the_right_name(string protocol)
    {
        using var authority = new TestAuthority();
        using var forger = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        foreach (var (issuer, name, serverName, expired, failure) in new[]
        {
            (authority, "127.0.0.1", "", false, (Failure?)null),
            (authority, "proxy.example.net", "proxy.example.net", false, null),
            (authority, "proxy.example.net", "", false, Failure.CertificateWrongName),
            (authority, "proxy.example.net", "other.example.net", false, Failure.CertificateWrongName),
            (authority, "127.0.0.1", "", true, Failure.CertificateExpired),
            (forger, "127.0.0.1", "", false, Failure.CertificateUntrusted),
        })
        {
            using var certificate = issuer.Issue(name, expired);
            await using var server = Server(protocol, certificate);
            var settings = serverName.Length > 0 ? Proving.Settings(("server_name", serverName)) : Proving.Settings();
            var report = await proving.ProbeAsync(protocol, server.Address, settings);
            Assert.Equal(failure, report.Failure);
            Assert.Equal(failure is null ? Stage.Proof : Stage.Handshake, report.Stage);
            Assert.False(report.IsLie); // the operator's own certificate is nobody's deception
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_pinned_certificate_is_right_however_it_is_signed_and_no_other_is(string protocol)
    {
        await using var proving = new Proving();
        await using var server = Server(protocol, HonestServers.Certificate);
        var colons = string.Join(':', HonestServers.Fingerprint.Chunk(2).Select(pair => new string(pair)));
        Assert.Equal(Outcome.Ok, (await proving.ProbeAsync(protocol, server.Address, Pinned(HonestServers.Fingerprint))).Outcome);
        Assert.Equal(Outcome.Ok, (await proving.ProbeAsync(protocol, server.Address, Pinned(colons))).Outcome);
        Assert.Equal(Outcome.Ok, (await proving.ProbeAsync(protocol, server.Address, Pinned(colons.ToUpperInvariant()))).Outcome);
        var wrong = await proving.ProbeAsync(protocol, server.Address, Pinned(new string('0', 64)));
        Assert.Equal((Failure.CertificateUntrusted, Stage.Handshake, Level.L0), (wrong.Failure, wrong.Stage, wrong.Level));
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_live_front_before_a_dead_server_is_a_failure(string protocol)
    {
        // Trap: stunnel completes the TLS handshake and then closes when there is nothing behind it.
        await using var proving = new Proving();
        await using var front = new ScriptedServer(TestAuthority.Serve(HonestServers.Certificate, (_, _) => Task.CompletedTask));
        var report = await proving.ProbeAsync(protocol, front.Address, Pinned(HonestServers.Fingerprint));
        Assert.Equal((Outcome.Fail, Failure.ConnectionClosed, Stage.Handshake, Level.L0), (report.Outcome, report.Failure, report.Stage, report.Level));
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_server_that_speaks_no_TLS_is_told_so(string protocol)
    {
        await using var proving = new Proving();
        await using var plain = new ScriptedServer(async (stream, stop) =>
        {
            await ScriptedServer.ReadAsync(stream, 5, stop);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), stop);
            await Task.Delay(50, stop);
        });
        var report = await proving.ProbeAsync(protocol, plain.Address);
        Assert.Equal((Failure.TlsFailed, Stage.Handshake), (report.Failure, report.Stage));
    }

    [Theory]
    [InlineData("certificate=pinned", "fingerprint", SettingProblem.Missing)]
    [InlineData("certificate=pinned;fingerprint=abcd", "fingerprint", SettingProblem.TooShort)]
    [InlineData("certificate=pinned;fingerprint=zz00000000000000000000000000000000000000000000000000000000000000", "fingerprint", SettingProblem.Malformed)]
    [InlineData("certificate=public;fingerprint=0000000000000000000000000000000000000000000000000000000000000000", "fingerprint", SettingProblem.NotApplicable)]
    [InlineData("server_name=127.1", "server_name", SettingProblem.Malformed)]
    [InlineData("server_name=localhost", "server_name", SettingProblem.Malformed)]
    public void A_mistake_in_the_outer_layer_names_its_field_too(string raw, string field, SettingProblem problem)
    {
        var settings = raw.Split(';').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        foreach (var protocol in new[] { "socks5-tls", "https-connect" })
        {
            Assert.Equal(new SettingsParse.Rejected(field, problem), Proving.Catalog.Find(protocol)!.Parse(settings));
        }
    }

    private static Dictionary<string, string> Pinned(string fingerprint) => Proving.Settings(("certificate", "pinned"), ("fingerprint", fingerprint));

    private static ScriptedServer Server(string protocol, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) => new(TestAuthority.Serve(
        certificate, (stream, stop) => protocol == "socks5-tls" ? Socks5Server.ServeAsync(stream, null, stop) : HttpConnectServer.ServeAsync(stream, null, stop)));
}
