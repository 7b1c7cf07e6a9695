using System.ComponentModel;
using System.Text;
using System.Text.Json;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Endpoints;

/// <summary><c>GET /api/v1/ledger</c> and <c>/ledger/{index}</c>: the query of the ledger page, page by page, and one entry with its proof.</summary>
internal static class LedgerReads
{
    public static RouteGroupBuilder MapLedgerReads(this RouteGroupBuilder reads)
    {
        reads.MapGet("/ledger", ListAsync).WithTags("ledger").WithSummary("Entries, newest first").ProducesProblem(StatusCodes.Status400BadRequest);
        reads.MapGet("/ledger/{index:long:min(0)}", FindAsync).WithTags("ledger").WithSummary("One entry and the proof that it is in the log").ProducesProblem(StatusCodes.Status404NotFound);
        return reads;
    }

    private static Task<Results<Ok<Page<LedgerRow>>, ValidationProblem>> ListAsync(
        [Description("'money' for what moved coins, a kind as 'donation', or a type as 'tx.confirmed'")] string? kind,
        [Description("Number of a round")] string? round,
        [Description("Number of a move of the treasury's money")] string? move,
        [Description("An operator's name in a round")] string? token,
        [Description("A transaction")] string? txid,
        [Description("First day, UTC, as 2026-01-31")] string? from,
        [Description("Last day, UTC")] string? to,
        [Description("Smallest amount in satoshi")] string? min,
        [Description("Largest amount in satoshi")] string? max,
        [Description("'next' of the page before")] long? after,
        [Description("Entries of a page: 100 unless told, at most 500")] int? limit,
        MoneyDb db, CancellationToken cancellation) =>
        PageAsync(
            name => name switch { "kind" => kind, "round" => round, "move" => move, "token" => token, "txid" => txid, "from" => from, "to" => to, "min" => min, "max" => max, _ => null },
            after, limit, db, cancellation);

    /// <summary>The lines that these parameters ask for, from after a cursor on.</summary>
    internal static async Task<Results<Ok<Page<LedgerRow>>, ValidationProblem>> PageAsync(Func<string, string?> parameter, long? after, int? limit, MoneyDb db, CancellationToken cancellation)
    {
        var query = LedgerQuery.Read(parameter, out var wrong);
        if (wrong.Count > 0) return TypedResults.ValidationProblem(LedgerExports.Mistakes(wrong));
        var rows = Api.Rows(limit);
        var lines = await query.LinesAsync(db, after ?? long.MaxValue, cancellation);
        return TypedResults.Ok(Api.Page([.. (await lines.Take(rows + 1).ToListAsync(cancellation)).Select(LedgerRow.Of)], rows, l => l.Index));
    }

    private static async Task<Results<Ok<EntryAnswer>, ProblemHttpResult>> FindAsync(long index, MoneyDb db, LedgerProofs proofs, CancellationToken cancellation)
    {
        if (await proofs.ProveAsync(index, cancellation) is not { } proof)
            return TypedResults.Problem("There is no such entry yet.", statusCode: StatusCodes.Status404NotFound);
        var line = await db.Set<LedgerLine>().AsNoTracking().SingleAsync(l => l.Index == index, cancellation);
        return TypedResults.Ok(new EntryAnswer(
            LedgerRow.Of(line), JsonElement.Parse(proof.Entry), Convert.ToBase64String(proof.Entry), proof.Leaf.ToString(),
            [.. proof.Hashes.Select(h => h.ToBase64())], proof.Checkpoint.Size, Encoding.UTF8.GetString(proof.Note.ToBytes())));
    }
}

/// <summary>One entry.</summary>
/// <param name="Line">What the list shows of it.</param>
/// <param name="Entry">The entry itself.</param>
/// <param name="Bytes">Its bytes in base64: what was hashed.</param>
/// <param name="Leaf">Its leaf hash, in hexadecimal digits.</param>
/// <param name="Hashes">The inclusion proof in base64, the leaf's sibling first.</param>
/// <param name="Size">Entries under the checkpoint that the proof leads to.</param>
/// <param name="Checkpoint">That signed checkpoint, verbatim.</param>
internal sealed record EntryAnswer(LedgerRow Line, JsonElement Entry, string Bytes, string Leaf, IReadOnlyList<string> Hashes, long Size, string Checkpoint);
