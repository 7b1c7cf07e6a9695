using System.Net;
using System.Net.Http.Headers;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// Fetches one small document from a stranger's web server, for proof of control. Through the dialer and its rules; no redirect is
/// followed, no proxy used, no cookie kept, no compression undone, and what is larger than the limit is refused, not cut.
/// </summary>
public sealed class HttpFetch(Dialer dialer, TrustRoots roots, TimeProvider time)
{
    private const int HeaderLimitKilobytes = 16;

    /// <summary>Asks for a path by GET. Never throws for anything that the server does.</summary>
    public async Task<FetchResult> GetAsync(HostPort server, string path, bool tls, int bodyLimit, CancellationToken cancellation)
    {
        using var deadline = dialer.StartDeadline(cancellation);
        var connection = new Connection(dialer, roots, time, server, tls, deadline);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = connection.OpenAsync,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = HeaderLimitKilobytes,
            MaxResponseDrainSize = 0,
            ActivityHeadersPropagator = null,
        };
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            // The connection brings its own TLS, so the address is always http; the name in it is what the Host header says.
            using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder("http", server.Host.Text, server.Port).Uri + path.TrimStart('/'));
            request.Headers.Host = server.Port == (tls ? 443 : 80) ? server.Authority[..server.Authority.LastIndexOf(':')] : server.Authority;
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var body = await ReadAsync(await response.Content.ReadAsStreamAsync(deadline.Token), bodyLimit, deadline.Token);
            // Of an error page, however long, the status is the answer.
            return body is null && response.IsSuccessStatusCode ? new FetchResult.Failed(Stage.Handshake, Failure.ReplyTooLarge) : new FetchResult.Fetched((int)response.StatusCode, body ?? []);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
        {
            return new FetchResult.Failed(connection.Stage, connection.Failure ?? (deadline.Token.IsCancellationRequested ? deadline.Verdict
                : e is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } ? Failure.ReplyTooLarge
                : e is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } ? Failure.ConnectionClosed : Failure.ReplyMalformed));
        }
    }

    private static async Task<byte[]?> ReadAsync(Stream body, int limit, CancellationToken cancellation)
    {
        var buffer = new byte[limit + 1];
        var length = 0;
        while (length <= limit && await body.ReadAsync(buffer.AsMemory(length), cancellation) is var count and > 0) length += count;
        return length > limit ? null : buffer[..length];
    }

    private sealed class Connection(Dialer dialer, TrustRoots roots, TimeProvider time, HostPort server, bool tls, Deadline deadline)
    {
        private Failure? _failure;
        private Func<Failure?> _broken = static () => null;

        public Stage Stage { get; private set; } = Stage.Dial;

        public Failure? Failure => _failure ?? _broken();

        public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
        {
            var dialled = await dialer.DialAsync(server, AddressChoice.Any, deadline);
            Stage = dialled.Stage;
            ITransport transport = dialled.Transport ?? throw Refused(dialled.Failure!.Value);
            Stage = Stage.Handshake;
            if (tls)
            {
                var (secured, failure) = await TlsTransport.ConnectAsync(transport, new TlsIdentity(server.Host), roots, time);
                if (secured is null) await transport.DisposeAsync();
                transport = secured ?? throw Refused(failure!.Value);
            }

            var stream = new TransportStream(transport);
            _broken = () => stream.Failure;
            return stream;
        }

        private IOException Refused(Failure failure)
        {
            _failure = failure;
            return new IOException(failure.Code());
        }
    }
}

/// <summary>How a fetch ended.</summary>
public abstract record FetchResult
{
    private FetchResult()
    {
    }

    /// <summary>The server answered, with whatever status; a redirect is an answer like any other.</summary>
    public sealed record Fetched(int Status, byte[] Body) : FetchResult;

    /// <summary>It did not.</summary>
    public sealed record Failed(Stage Stage, Failure Failure) : FetchResult;
}
