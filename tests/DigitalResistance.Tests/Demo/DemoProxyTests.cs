using System.Net;
using System.Net.Sockets;
using DigitalResistance.Web.Demo.Proxies;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Tests.Demo;

/// <summary>The demo's proxies, met by .NET's own SOCKS5 and HTTP proxy clients.</summary>
public sealed class DemoProxyTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly HttpListener _origin = new();
    private readonly string _url;

    public DemoProxyTests()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }

        _origin.Prefixes.Add(_url);
        _origin.Start();
        _ = AnswerAsync();
    }

    [Theory]
    [InlineData("socks5", "", "")]
    [InlineData("socks5", "u1", "secret")]
    [InlineData("http-connect", "", "")]
    [InlineData("http-connect", "u1", "secret")]
    public async Task A_good_one_carries_for_those_it_knows(string protocol, string user, string password)
    {
        await using var proxy = Create(protocol, ProxyTemper.Good);
        if (user.Length > 0) proxy.Users.Add(user, password);
        Assert.Equal("carried", await GetAsync(proxy, user, password));
        if (user.Length > 0)
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync(proxy, user, "wrong"));
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync(proxy, "", ""));
        }
    }

    [Theory]
    [InlineData("socks5")]
    [InlineData("http-connect")]
    public async Task A_lying_one_says_yes_and_carries_nothing(string protocol)
    {
        await using var proxy = Create(protocol, ProxyTemper.Lying);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(protocol == "socks5"
            ? new byte[] { 5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 9 }
            : "CONNECT 127.0.0.1:9 HTTP/1.1\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var yes = protocol == "socks5" ? new byte[] { 5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 } : "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray();
        var answer = new byte[yes.Length];
        await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal(yes, answer);

        await stream.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var soon = new CancellationTokenSource(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReadAsync(answer, soon.Token).AsTask());
    }

    [Theory]
    [InlineData("socks5")]
    [InlineData("http-connect")]
    public async Task None_carries_off_this_machine(string protocol)
    {
        await using var proxy = Create(protocol, ProxyTemper.Good);
        using var http = Client(proxy, "", "");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetStringAsync("http://192.0.2.1:81/", TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetStringAsync("http://example.org:81/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_flapping_one_is_away_for_every_third_turn_at_the_same_port()
    {
        await using var proxy = Create("socks5", ProxyTemper.Flapping);
        var port = proxy.Port;
        var up = new List<bool>();
        for (var turn = 0; turn < 6; turn++)
        {
            up.Add(await IsUpAsync(port));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([true, true, false, true, true, false], up);
    }

    [Fact]
    public async Task Stop_cuts_open_connections_and_start_brings_it_back_at_the_same_port()
    {
        await using var proxy = Create("socks5", ProxyTemper.Good);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(new byte[] { 5, 1, 0 }, TestContext.Current.CancellationToken);
        await client.GetStream().ReadExactlyAsync(new byte[2], TestContext.Current.CancellationToken);

        proxy.Stop();
        Assert.True(proxy.IsStopped);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.False(await IsUpAsync(proxy.Port));
        proxy.Start();
        Assert.Equal("carried", await GetAsync(proxy, "", ""));
    }

    public ValueTask DisposeAsync()
    {
        _origin.Close();
        return ValueTask.CompletedTask;
    }

    private DemoProxy Create(string protocol, ProxyTemper temper) => new(
        protocol == "socks5" ? new Socks5Handshake() : new ConnectHandshake(), TimeSpan.FromSeconds(1), _time, NullLogger.Instance) { Temper = temper };

    private static async Task<bool> IsUpAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static HttpClient Client(DemoProxy proxy, string user, string password)
    {
        var scheme = proxy.Protocol == "socks5" ? "socks5" : "http";
        var web = new WebProxy($"{scheme}://127.0.0.1:{proxy.Port}") { Credentials = user.Length > 0 ? new NetworkCredential(user, password) : null };
        return new HttpClient(new SocketsHttpHandler { Proxy = web, UseProxy = true }) { Timeout = TimeSpan.FromSeconds(5) };
    }

    private async Task<string> GetAsync(DemoProxy proxy, string user, string password)
    {
        if (proxy.Protocol == "socks5")
        {
            using var http = Client(proxy, user, password);
            return await http.GetStringAsync(_url, TestContext.Current.CancellationToken);
        }

        // .NET's client uses CONNECT for https only, so here the tunnel is asked for by hand and the request sent through it.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var origin = new Uri(_url);
        var authorization = user.Length > 0 ? $"Proxy-Authorization: Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}"))}\r\n" : "";
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: {origin.Authority}\r\n{authorization}\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var status = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        if (status?.Contains(" 200 ", StringComparison.Ordinal) != true) throw new HttpRequestException(status);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {origin.Authority}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        return text[(text.LastIndexOf('\n') + 1)..];
    }

    private async Task AnswerAsync()
    {
        while (_origin.IsListening)
        {
            try
            {
                var context = await _origin.GetContextAsync();
                context.Response.ContentLength64 = 7;
                context.Response.OutputStream.Write("carried"u8);
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
