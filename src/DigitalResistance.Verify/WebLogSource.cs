using DigitalResistance.Transparency;

namespace DigitalResistance.Verify;

/// <summary>A log on a web server, which may be slow, flood us or lie: what is longer than a file of a log can be is not read.</summary>
internal sealed class WebLogSource : ILogSource, IDisposable
{
    private const int LongestTile = TilePath.Width * TreeHash.Length;
    private const int LongestBundle = TilePath.Width * (2 + EntryBundle.MaximumEntryLength);
    private const int LongestManifest = 64 * 1024;
    private readonly Asking _asking;

    /// <summary>Reads below a site's <c>/ledger/</c>, or below the log's own prefix when that is given.</summary>
    public WebLogSource(Uri site, TimeSpan? patience = null)
    {
        var address = site.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (address.EndsWith("/ledger", StringComparison.Ordinal)) address = address[..^"/ledger".Length];
        _asking = new Asking(new Uri(address + "/"), patience: patience);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var most = path == TilePath.Checkpoint ? SignedNote.MaximumLength : path.StartsWith("tile/entries/", StringComparison.Ordinal) ? LongestBundle : LongestTile;
        return await _asking.GetAsync($"ledger/{path}", most, cancellationToken);
    }

    /// <summary>The manifest of a round: worth nothing before its hash was compared.</summary>
    public Task<byte[]?> ManifestAsync(long round, CancellationToken cancellationToken) =>
        _asking.GetAsync(FormattableString.Invariant($"rounds/{round}/manifest.txt"), LongestManifest, cancellationToken);

    /// <summary>The manifest of a move, likewise.</summary>
    public Task<byte[]?> MoveManifestAsync(long move, CancellationToken cancellationToken) =>
        _asking.GetAsync(FormattableString.Invariant($"moves/{move}/manifest.txt"), LongestManifest, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();
}
