using System.Net;
using DigitalResistance.Transparency;

namespace DigitalResistance.Verify;

/// <summary>A log on a web server. This is the outsider's own program: it dials whom its user names, and nobody else.</summary>
internal sealed class WebLogSource : ILogSource, IDisposable
{
    private const int Attempts = 3;
    private readonly HttpClient _http;

    /// <summary>Reads below a site's <c>/ledger/</c>, or below the log's own prefix when that is given.</summary>
    public WebLogSource(Uri site)
    {
        var prefix = site.AbsoluteUri.TrimEnd('/');
        if (!prefix.EndsWith("/ledger", StringComparison.Ordinal)) prefix += "/ledger";
#pragma warning disable RS0030 // See above.
        _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, MaxConnectionsPerServer = 16 }) { BaseAddress = new Uri(prefix + "/"), Timeout = TimeSpan.FromSeconds(60) };
#pragma warning restore RS0030
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var answer = await _http.GetAsync(path, cancellationToken);
                if (answer.StatusCode == HttpStatusCode.NotFound) return null;
                answer.EnsureSuccessStatusCode();
                return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
