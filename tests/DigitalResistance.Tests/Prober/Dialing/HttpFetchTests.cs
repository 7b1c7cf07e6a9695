using System.Text;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober.Dialing;

public sealed class HttpFetchTests
{
    private const string Path = "/.well-known/digital-resistance/abc";

    [Fact]
    public async Task A_small_document_is_fetched_by_an_ordinary_request()
    {
        string? request = null;
        await using var server = Serve("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntoken", head => request = head);
        var fetched = Assert.IsType<FetchResult.Fetched>(await FetchAsync(server.Address));
        Assert.Equal((200, "token"), (fetched.Status, Encoding.ASCII.GetString(fetched.Body)));
        Assert.Equal($"GET {Path} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nAccept: */*\r\n\r\n", request);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ntoken\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\ntoken")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\ntoken")]
    public async Task However_it_is_framed_it_is_read_to_its_end(string answer)
    {
        await using var server = Serve(answer);
        Assert.Equal("token", Encoding.ASCII.GetString(Assert.IsType<FetchResult.Fetched>(await FetchAsync(server.Address)).Body));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_an_answer_and_is_not_followed(int status)
    {
        await using var trap = new ScriptedServer(ScriptedServer.Silence);
        foreach (var location in new[] { $"http://127.0.0.1:{trap.Port}/", "http://169.254.169.254/latest/meta-data", "//127.0.0.1", "file:///etc/passwd", "gopher://127.0.0.1" })
        {
            await using var server = Serve($"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal(status, Assert.IsType<FetchResult.Fetched>(await FetchAsync(server.Address)).Status);
            Assert.Equal(1, server.Visitors);
        }

        Assert.Equal(0, trap.Visitors);
    }

    [Fact]
    public async Task What_is_larger_than_the_limit_is_refused_not_cut()
    {
        await using var large = Serve("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n" + new string('a', 65));
        await using var exact = Serve("HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + new string('a', 64));
        await using var endless = new ScriptedServer(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), stop);
            await Tampering.Flood(stream, stop);
        });
        await using var headers = Serve("HTTP/1.1 200 OK\r\nX: " + new string('x', 20_000) + "\r\n\r\n");
        await using var manyHeaders = Serve("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 10_000)) + "\r\n");
        Assert.Equal(64, Assert.IsType<FetchResult.Fetched>(await FetchAsync(exact.Address)).Body.Length);
        foreach (var server in new[] { large, endless, headers, manyHeaders })
        {
            Assert.Equal(Failure.ReplyTooLarge, Assert.IsType<FetchResult.Failed>(await FetchAsync(server.Address)).Failure);
        }
    }

    [Fact]
    public async Task An_error_page_may_be_long_its_status_is_the_answer()
    {
        await using var server = Serve($"HTTP/1.0 404 File not found\r\nContent-Length: 3000\r\n\r\n{new string('x', 3000)}");
        var fetched = Assert.IsType<FetchResult.Fetched>(await FetchAsync(server.Address));
        Assert.Equal((404, 0), (fetched.Status, fetched.Body.Length));
    }

    [Fact]
    public async Task Compression_is_not_undone()
    {
        await using var server = Serve("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\ntoken");
        Assert.Equal(5, Assert.IsType<FetchResult.Fetched>(await FetchAsync(server.Address)).Body.Length);
    }

    [Fact]
    public async Task Every_other_end_is_named_with_its_stage()
    {
        await using var silent = new ScriptedServer(ScriptedServer.Silence);
        await using var closing = new ScriptedServer(Tampering.Close);
        await using var odd = Serve("SSH-2.0-OpenSSH_9.2p1\r\n");
        var closed = new ScriptedServer(ScriptedServer.Silence);
        await closed.DisposeAsync();
        foreach (var (address, stage, failure) in new[]
        {
            (silent.Address, Stage.Handshake, Failure.NoAnswer),
            (closing.Address, Stage.Handshake, Failure.ConnectionClosed),
            (odd.Address, Stage.Handshake, Failure.ReplyMalformed),
            (closed.Address, Stage.Dial, Failure.ConnectionRefused),
            (HostPort.Parse("10.0.0.1:80"), Stage.Resolve, Failure.AddressForbidden),
        })
        {
            Assert.Equal(new FetchResult.Failed(stage, failure), await FetchAsync(address, deadline: TimeSpan.FromSeconds(1)));
        }
    }

    [Fact]
    public async Task Over_TLS_the_certificate_must_be_right()
    {
        using var authority = new TestAuthority();
        using var forger = new TestAuthority();
        foreach (var (issuer, failure) in new[] { (authority, (Failure?)null), (forger, Failure.CertificateUntrusted) })
        {
            using var certificate = issuer.Issue("127.0.0.1");
            await using var server = new ScriptedServer(TestAuthority.Serve(certificate, async (tls, stop) =>
            {
                var buffer = new byte[1024];
                var count = await tls.ReadAsync(buffer, stop);
                if (count == 0) return; // the visitor did not like the certificate, which in TLS 1.3 it says after the server is done
                Assert.StartsWith($"GET {Path} HTTP/1.1\r\n", Encoding.ASCII.GetString(buffer, 0, count), StringComparison.Ordinal);
                await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntoken"u8.ToArray(), stop);
            }));
            var result = await FetchAsync(server.Address, tls: true, roots: authority.Roots);
            if (failure is null) Assert.Equal("token", Encoding.ASCII.GetString(Assert.IsType<FetchResult.Fetched>(result).Body));
            else Assert.Equal(new FetchResult.Failed(Stage.Handshake, failure.Value), result);
        }
    }

    private static ScriptedServer Serve(string answer, Action<string>? onRequest = null) => new(async (stream, stop) =>
    {
        var head = await ScriptedServer.ReadHeadAsync(stream, stop);
        onRequest?.Invoke(head);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop);
    });

    private static Task<FetchResult> FetchAsync(HostPort server, bool tls = false, TrustRoots? roots = null, TimeSpan? deadline = null)
    {
        var dialer = new Dialer(new DialingOptions { AllowLoopback = true, Deadline = deadline ?? TimeSpan.FromSeconds(10) }, TimeProvider.System);
        return new HttpFetch(dialer, roots ?? TrustRoots.System, TimeProvider.System).GetAsync(server, Path, tls, bodyLimit: 64, CancellationToken.None);
    }
}
