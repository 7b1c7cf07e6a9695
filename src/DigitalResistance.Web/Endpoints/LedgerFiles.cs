using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// The log itself, below <c>/ledger/</c>: the same files that any web server could serve from the folder, with the caching that
/// <see href="https://c2sp.org/tlog-tiles">C2SP tlog-tiles</see> asks for, and the whole of it as one archive. Open to every origin.
/// </summary>
internal static class LedgerFiles
{
    private const string Immutable = "public, max-age=31536000, immutable";
    private const string Seconds = "public, max-age=2";

    /// <summary>The verifiers that anybody can read.</summary>
    private static readonly string[] Scripts = ["verify_ledger.py", "verify_books.py"];

    public static void MapLedgerFiles(this IEndpointRouteBuilder routes)
    {
        // A verifier reads thousands of tiles one after another; each costs less than counting it.
        var files = routes.MapGroup("/ledger").AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        files.MapGet("/checkpoint", (LedgerFolders folders, HttpResponse response) => File(folders, TilePath.Checkpoint, "text/plain; charset=utf-8", Seconds, response));
        files.MapGet("/tile/{**path}", (string path, LedgerFolders folders, HttpResponse response) => File(folders, $"tile/{path}", "application/octet-stream", Immutable, response));
        files.MapGet("/keys.json", KeysAsync);
        foreach (var script in Scripts) files.MapGet($"/{script}", (HttpResponse response) => Python(script, response));
        routes.MapGet("/ledger/snapshot.tar.gz", SnapshotAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/ledger/{index:long:min(0)}.tlog-proof", ProofAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static Results<PhysicalFileHttpResult, NotFound> File(LedgerFolders folders, string path, string type, string caching, HttpResponse response)
    {
        // Only names that a log can have reach the disk: no lock, no half-written file, no way out of the folder.
        var file = Path.Combine(folders.Log.Path, path);
        if (!TilePath.IsWellFormed(path) || !System.IO.File.Exists(file)) return TypedResults.NotFound();
        Open(response, caching);
        return TypedResults.PhysicalFile(file, type);
    }

    private static async Task<ContentHttpResult> KeysAsync(MoneyDb db, HttpResponse response, CancellationToken cancellation)
    {
        var types = new[] { "log.created", "log.key_added", "log.key_revoked" };
        var entries = await db.Set<LedgerEntry>().AsNoTracking().Where(e => e.Index != null && types.Contains(e.Type)).OrderBy(e => e.Index).Select(e => new { e.Index, e.Bytes }).ToListAsync(cancellation);
        var keys = entries.Select(e => (e.Index, Entry: CanonicalObject.Parse(e.Bytes)))
            .Select(e => new LogKeyEvent(e.Index!.Value, e.Entry.Text("type"), e.Entry.Text("time"), e.Entry.Text("key")));
        Open(response, Seconds);
        return TypedResults.Text(JsonSerializer.Serialize(keys, Json), "application/json");
    }

    private static async Task<Results<ContentHttpResult, NotFound>> ProofAsync(long index, LedgerProofs proofs, HttpResponse response, CancellationToken cancellation)
    {
        if (await proofs.ProveAsync(index, cancellation) is not { } proof) return TypedResults.NotFound();
        Open(response, Seconds);
        response.Headers.ContentDisposition = $"attachment; filename=\"entry-{index}.tlog-proof\"";
        return TypedResults.Text(proof.ToFile().ToString(), "text/plain; charset=utf-8");
    }

    private static FileStreamHttpResult Python(string script, HttpResponse response)
    {
        Open(response, "public, max-age=300");
        return TypedResults.File(typeof(LedgerFiles).Assembly.GetManifestResourceStream(script)!, "text/x-python; charset=utf-8");
    }

    /// <summary>Everything a verifier needs, of one checkpoint, written as it is read.</summary>
    private static async Task SnapshotAsync(LedgerFolders folders, HttpContext context)
    {
        if (folders.Log.Read(TilePath.Checkpoint) is not { } note)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        Open(context.Response, "no-store");
        context.Response.ContentType = "application/gzip";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"ledger.tar.gz\"";
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        var size = Checkpoint.Parse(SignedNote.Parse(note).Text).Size;
        foreach (var path in TilePath.All(size))
        {
            // A partial file may have made way for the full one since: it begins with the same bytes.
            var bytes = folders.Log.Read(path);
            var name = path;
            if (bytes is null && path.IndexOf(".p/", StringComparison.Ordinal) is > 0 and var cut) bytes = folders.Log.Read(name = path[..cut]);
            if (bytes is not null) await WriteAsync(tar, name, bytes, context.RequestAborted);
        }

        await WriteAsync(tar, TilePath.Checkpoint, note, context.RequestAborted);
    }

    private static async Task WriteAsync(TarWriter tar, string name, byte[] bytes, CancellationToken cancellation)
    {
        await using var data = new MemoryStream(bytes);
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, $"ledger/{name}") { DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch }, cancellation);
    }

    internal static void Open(HttpResponse response, string caching)
    {
        response.Headers.CacheControl = caching;
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What happened to a key of the log, and where the log says so.</summary>
    private sealed record LogKeyEvent(long Index, string Type, string Time, string Key);
}
