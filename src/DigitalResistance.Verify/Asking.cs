using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace DigitalResistance.Verify;

/// <summary>
/// Asks a stranger's web server: never for longer than a minute an answer, never for more bytes than the answer can have, never where it
/// would like to send us. This is the outsider's own program: it dials whom its user names, and nobody else.
/// </summary>
internal sealed class Asking : IDisposable
{
    private const int Attempts = 3;
    private readonly HttpClient _http;
    private readonly TimeSpan _patience;

    public Asking(Uri address, AuthenticationHeaderValue? authentication = null, TimeSpan? patience = null)
    {
        Host = address.Host;
        _patience = patience ?? TimeSpan.FromSeconds(60);
#pragma warning disable RS0030 // See above.
        _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, AllowAutoRedirect = false, MaxConnectionsPerServer = 16, UseCookies = false })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore RS0030
        _http.DefaultRequestHeaders.Authorization = authentication;
    }

    /// <summary>Whom it asks.</summary>
    public string Host { get; }

    /// <summary>What stands at a path below the address; null where there is nothing. Throws <see cref="IOException"/>.</summary>
    public Task<byte[]?> GetAsync(string path, int most, CancellationToken cancellation) => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), path, most, cancellation);

    /// <summary>The answer to a body, whatever its status.</summary>
    public async Task<byte[]> PostAsync(byte[] json, int most, CancellationToken cancellation) =>
        (await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, "") { Content = new ByteArrayContent(json) { Headers = { ContentType = new("application/json") } } }, "", most, cancellation))!;

    public void Dispose() => _http.Dispose();

    private async Task<byte[]?> SendAsync(Func<HttpRequestMessage> make, string path, int most, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            // One limit for the whole answer: a server that gives a byte every second is as silent as one that gives none.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(_patience);
            try
            {
                using var request = make();
                using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                var isAnswer = answer.IsSuccessStatusCode || (request.Method == HttpMethod.Post && answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.InternalServerError);
                if (answer.StatusCode == HttpStatusCode.NotFound && !isAnswer) return null;
                if ((int)answer.StatusCode is >= 300 and < 400) throw new AskedException($"{Host} wants to send us elsewhere; name the address it should be asked at.");
                if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) throw new AskedException($"{Host} refuses us (status {(int)answer.StatusCode}).");
                if (isAnswer) return await ReadAsync(answer.Content, path, most, limit.Token);
                if (attempt == Attempts) throw new AskedException($"{Host} answered with status {(int)answer.StatusCode} for '{path}'.");
            }
            // A bare SocketException is what HttpClient lets through where the other end resets a connection at the moment it is made.
            catch (Exception exception) when (exception is HttpRequestException or SocketException && attempt < Attempts)
            {
            }
            catch (HttpRequestException silent)
            {
                throw new AskedException($"{Host} cannot be reached: {silent.HttpRequestError}.");
            }
            catch (SocketException silent)
            {
                throw new AskedException($"{Host} cannot be reached: {silent.SocketErrorCode}.");
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new AskedException($"{Host} did not finish its answer for '{path}' within {_patience.TotalSeconds:0} seconds.");
            }

            await Task.Delay(TimeSpan.FromSeconds(attempt), cancellation);
        }
    }

    private async Task<byte[]> ReadAsync(HttpContent content, string path, int most, CancellationToken cancellation)
    {
        await using var body = await content.ReadAsStreamAsync(cancellation);
        // Counted as it is read: what was announced, or how small it was when compressed, says nothing.
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            for (int read; (read = await body.ReadAsync(buffer, cancellation)) > 0;)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > most) throw new AskedException($"{Host} answered with more than {most} bytes for '{path}', which it cannot have.");
            }
        }
        catch (Exception broken) when (broken is IOException and not AskedException or InvalidDataException)
        {
            throw new AskedException($"{Host} broke off its answer for '{path}'.");
        }

        return bytes.ToArray();
    }
}

/// <summary>Somebody who was asked did not answer as one can.</summary>
internal sealed class AskedException(string message) : IOException(message);
