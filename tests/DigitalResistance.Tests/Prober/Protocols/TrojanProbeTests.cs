using DigitalResistance.Prober;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class TrojanProbeTests
{
    /// <summary>FIPS 180-4's example of one block: SHA-224("abc").</summary>
    private const string Sha224OfAbc = "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7";

    [Fact]
    public void The_request_is_the_one_of_the_specification() => Assert.Equal(
        [.. System.Text.Encoding.ASCII.GetBytes(Sha224OfAbc), 13, 10, 1, 3, 11, .. "example.net"u8, 1, 187, 13, 10],
        TrojanProbe.Request("abc", HostPort.Parse("example.net:443")));

    [Fact]
    public async Task A_fallback_web_site_is_not_proof()
    {
        // Trap 2: with a wrong password the visitor sees a web site, and an HTTP 200 through it looks like success.
        using var authority = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        await using var server = Server();
        var canary = await proving.ProbeAsync("trojan", server.Address, Settings("wrong"));
        Assert.Equal((Failure.SecretNotAccepted, Stage.Handshake, Level.L0, false), (canary.Failure, canary.Stage, canary.Level, canary.IsLie));

        await using var target = new ScriptedServer(TestAuthority.Serve(authority.Issue("127.0.0.1")));
        var tls = await proving.ProbeAsync("trojan", server.Address, Settings("wrong"), new ProbeTarget.Tls(target.Address, Unpredictable: true));
        Assert.Equal((Failure.SecretNotAccepted, Stage.Handshake, Level.L0, false), (tls.Failure, tls.Stage, tls.Level, tls.IsLie));
    }

    [Fact]
    public async Task A_verified_certificate_through_it_is_the_highest_proof_and_a_wrong_one_is_a_lie()
    {
        using var authority = new TestAuthority();
        using var forger = new TestAuthority();
        await using var proving = new Proving(roots: authority.Roots);
        await using var server = Server();
        await using var good = new ScriptedServer(TestAuthority.Serve(authority.Issue("127.0.0.1")));
        await using var forged = new ScriptedServer(TestAuthority.Serve(forger.Issue("127.0.0.1")));
        Assert.Equal(Level.L3, (await proving.ProbeAsync("trojan", server.Address, Settings("secret"), new ProbeTarget.Tls(good.Address, Unpredictable: true))).Level);
        var lie = await proving.ProbeAsync("trojan", server.Address, Settings("secret"), new ProbeTarget.Tls(forged.Address, Unpredictable: true));
        Assert.Equal((Failure.CertificateUntrusted, Stage.Proof, Level.L1, true), (lie.Failure, lie.Stage, lie.Level, lie.IsLie));
    }

    [Fact]
    public async Task Control_is_proven_by_a_minted_password()
    {
        await using var proving = new Proving();
        var probe = (IMintsCredentials)Proving.Catalog.Find("trojan")!;
        var minted = probe.Mint(((SettingsParse.Accepted)probe.Parse(Settings("secret"))).Settings);
        await using var strangers = Server();
        await using var own = Server(minted["password"]);
        var proof = new ControlProof(proving.Runner, Proving.Catalog);
        Assert.IsType<ControlProofResult.MintedRefused>(await proof.ProveAsync(proving.Assign("trojan", strangers.Address, minted.Values), CancellationToken.None));
        Assert.IsType<ControlProofResult.Proven>(await proof.ProveAsync(proving.Assign("trojan", own.Address, minted.Values), CancellationToken.None));
    }

    [Theory]
    [InlineData("trojan://se%40cret@proxy.example.net:443#name", "certificate=public;password=se@cret", "")]
    [InlineData("trojan://secret@8.8.8.8:8443?sni=www.example.net&type=tcp&security=tls&fp=chrome&alpn=h2", "certificate=public;password=secret;server_name=www.example.net", "")]
    [InlineData("trojan://secret@proxy.example.net:443?peer=www.example.net", "certificate=public;password=secret;server_name=www.example.net", "")]
    [InlineData("trojan://a:b@proxy.example.net?sni=proxy.example.net&allowInsecure=1&type=ws&path=%2Fx&mux=1", "certificate=public;password=a:b", "allowInsecure,mux,path,type=ws")]
    public void A_link_is_read_and_what_is_not_supported_is_named(string pasted, string settings, string unsupported)
    {
        var understood = Assert.IsType<LinkResult.Understood>(new LinkReader(Proving.Catalog).Read(pasted));
        Assert.Equal(("trojan", settings), (understood.Protocol, LinkReaderTests.Written(understood.Settings)));
        Assert.Equal(unsupported, string.Join(',', understood.Unsupported));
        Assert.Equal("••••••••", understood.Settings.Masked(Proving.Catalog.Find("trojan")!.Settings)["password"]);
    }

    private static Dictionary<string, string> Settings(string password) => Proving.Settings(("password", password), ("certificate", "pinned"), ("fingerprint", HonestServers.Fingerprint));

    private static ScriptedServer Server(string password = "secret") =>
        new(TestAuthority.Serve(HonestServers.Certificate, (stream, stop) => TrojanServer.ServeAsync(stream, password, stop)));
}
