using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Prober;
using DigitalResistance.Tests.Prober;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>
/// What looks alive and is not, with servers of strangers. The numbers are those of the list in docs/development.md. Each test takes the quick look first, and
/// is satisfied that it is deceived; then the probe has to see what it did not.
/// </summary>
public sealed class LooksAliveTests
{
    [Fact]
    public async Task Trap_1_SOCKS5_that_says_success_for_a_closed_target()
    {
        await using var proving = new RealProving();
        await using var proxy = await ProxyCase.StartAsync("v2ray socks");
        var closed = proving.ClosedTarget;
        Assert.Equal(0, await AskSocksAsync(proxy.Peer.Port, closed.Port));

        var report = await proving.ProbeAsync(proxy, proxy.Right, closed);
        RealProving.Fails(report, Stage.Proof, Failure.NothingCarried);
        Assert.Equal(Level.L1, report.Level);
    }

    [Fact]
    public async Task Trap_1_CONNECT_that_says_200_for_a_closed_target()
    {
        await using var proving = new RealProving();
        await using var proxy = await ProxyCase.StartAsync("v2ray http");
        var closed = proving.ClosedTarget;
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(proxy.Peer.Port, $"CONNECT {closed.Authority} HTTP/1.1\r\nHost: {closed.Authority}\r\n\r\n"), StringComparison.Ordinal);

        var report = await proving.ProbeAsync(proxy, proxy.Right, closed);
        RealProving.Fails(report, Stage.Proof, Failure.NothingCarried);
        Assert.Equal(Level.L1, report.Level);
    }

    [Fact]
    public async Task Trap_2_Trojan_that_shows_a_web_site_to_whoever_has_another_password()
    {
        await using var proving = new RealProving();
        await using var proxy = await ProxyCase.StartAsync("trojan");
        var password = Convert.ToHexStringLower(SHA256.HashData("wrong"u8))[..56]; // as long as the hash that servers expect
        await using (var tls = await SecureAsync(proxy.Peer.Port))
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"{password}\r\nGET / HTTP/1.1\r\n\r\n"));
            Assert.StartsWith("HTTP/1.1 200 OK", await ReadAsync(tls), StringComparison.Ordinal);
        }

        RealProving.Fails(await proving.ProbeAsync(proxy, proxy.Wrong!), Stage.Handshake, Failure.SecretNotAccepted);
    }

    [Theory]
    [InlineData("v2ray vmess")]
    [InlineData("v2ray vmess, tls")]
    [InlineData("v2ray vmess, ws")]
    [InlineData("v2ray vmess, ws+tls")]
    public async Task Trap_5_VMess_whose_greeting_decrypts_though_the_target_is_closed(string name)
    {
        await using var proving = new RealProving();
        await using var proxy = await ProxyCase.StartAsync(name);
        var report = await proving.ProbeAsync(proxy, proxy.Right, proving.ClosedTarget);
        Assert.Equal(Level.L1, report.Level); // which only a greeting that decrypts and bears our mark gives
        RealProving.Fails(report, Stage.Proof, Failure.NothingCarried, Failure.ConnectionReset);
    }

    [Theory]
    [InlineData("stunnel, microsocks")]
    [InlineData("stunnel, tinyproxy")]
    public async Task Trap_7_TLS_in_front_of_a_server_that_is_dead(string name)
    {
        await using var proving = new RealProving();
        await using var proxy = await ProxyCase.StartAsync(name);
        await ((IProxyPeer)proxy.Beside[0]).KillAsync();
        await using (var tls = await SecureAsync(proxy.Peer.Port)) Assert.True(tls.IsEncrypted);

        var report = await proving.ProbeAsync(proxy, proxy.Right);
        RealProving.Fails(report, Stage.Handshake, Failure.ConnectionClosed, Failure.ConnectionReset);
        Assert.Equal(Level.L0, report.Level);
    }

    [Theory]
    [InlineData("v2ray vmess")]
    [InlineData("v2ray vmess, ws+tls")]
    public async Task Trap_9_silence_does_not_say_whether_it_is_the_credentials_the_clock_or_the_host(string name)
    {
        await using var proving = new RealProving(TimeSpan.FromSeconds(3));
        await using var proxy = await ProxyCase.StartAsync(name);
        var told = (await Task.WhenAll(
            proving.ProbeAsync(proxy, proxy.Wrong!),
            proving.ProbeAsync(proxy, proxy.Right, clock: new OffClock(TimeSpan.FromSeconds(150))),
            proving.ProbeAsync(proxy, proxy.Right, clock: new OffClock(TimeSpan.FromSeconds(-150))))).ToList();
        var closed = await proving.ProbeAsync(proxy, proxy.Right, proving.ClosedTarget);
        await proxy.Peer.FreezeAsync();
        told.Add(await proving.ProbeAsync(proxy, proxy.Right));

        Assert.All(told, report => RealProving.Fails(report, Stage.Handshake, Failure.NoAnswer));
        RealProving.Fails(closed, proxy.Closed); // a closed target is no silence
    }

    [Theory]
    [InlineData("ss-server")]
    [InlineData("v2ray shadowsocks")]
    public async Task Trap_9_silence_of_Shadowsocks_does_not_say_whether_it_is_the_password_the_cipher_or_the_host(string name)
    {
        await using var proving = new RealProving(TimeSpan.FromSeconds(2));
        await using var proxy = await ProxyCase.StartAsync(name);
        var otherCipher = new Dictionary<string, string>(proxy.Right) { ["method"] = "aes-128-gcm" };
        var told = (await Task.WhenAll(proving.ProbeAsync(proxy, proxy.Wrong!), proving.ProbeAsync(proxy, otherCipher))).ToList();
        var closed = await proving.ProbeAsync(proxy, proxy.Right, proving.ClosedTarget);
        await proxy.Peer.FreezeAsync();
        told.Add(await proving.ProbeAsync(proxy, proxy.Right));

        Assert.All(told, report => RealProving.Fails(report, Stage.Handshake, Failure.NoAnswer));
        RealProving.Fails(closed, proxy.Closed); // a closed target is no silence
    }

    /// <summary>The reply to CONNECT, as a quick look takes it.</summary>
    private static async Task<int> AskSocksAsync(int port, int target)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        await client.GetStream().WriteAsync(new byte[] { 5, 1, 0 });
        Assert.Equal([5, 0], await ScriptedServer.ReadAsync(client.GetStream(), 2, CancellationToken.None));
        await client.GetStream().WriteAsync(new byte[] { 5, 1, 0, 1, 127, 0, 0, 1, (byte)(target >> 8), (byte)target });
        return (await ScriptedServer.ReadAsync(client.GetStream(), 10, CancellationToken.None))[1];
    }

    private static async Task<string> AskAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        return await ReadAsync(client.GetStream());
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        var buffer = new byte[1024];
        return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
    }

    private static async Task<SslStream> SecureAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
#pragma warning disable CA5359 // The quick look takes any certificate.
        var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync("proxy.example.net");
        return tls;
    }
}
