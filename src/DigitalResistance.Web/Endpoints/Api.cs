using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DigitalResistance.Web.Hosting;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// The machine routes. <c>/api/v1</c> answers JSON: integers for satoshi, instants in UTC, problem details (RFC 9457) for every refusal,
/// cursors instead of page numbers. It reads no session: a browser cannot be tricked into calling it for somebody.
/// For outsiders it is described in <c>docs/specs/api.md</c>.
/// </summary>
internal static class Api
{
    /// <summary>Most rows of one answer.</summary>
    private const int MostRows = 500;

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Digital Resistance";
            document.Info.Description = "What everybody may know: the ledger, the rounds, donations. Amounts are integers in satoshi, instants are UTC.";
            return Task.CompletedTask;
        }));
        return services.ConfigureHttpJsonOptions(options => Spell(options.SerializerOptions));
    }

    public static void MapApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapPublicReads().MapSummary().MapLedgerReads().MapRoundReads().MapDonationReads();
        app.MapReceipts();
    }

    /// <summary>Reads for everybody: tagged, embeddable, from any origin.</summary>
    public static RouteGroupBuilder MapPublicReads(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1").AllowAnonymous().CacheOutput(PublicCache.Policy).AddEndpointFilter<PublicRead>().AddEndpointFilter<KnownParameters>();
        return group;
    }

    /// <summary>A query's <c>limit</c> as it is obeyed: 100 unless told, at most 500, at least 1.</summary>
    public static int Rows(int? limit) => Math.Clamp(limit ?? 100, 1, MostRows);

    /// <summary>
    /// Makes a page of <paramref name="rows"/>, which were asked for one more than <paramref name="limit"/>: the cursor of the last row is the
    /// <c>after</c> of the next page, and absent where there is none.
    /// </summary>
    public static Page<T> Page<T>(IReadOnlyList<T> rows, int limit, Func<T, object> cursor) =>
        rows.Count <= limit
            ? new Page<T>(rows, null)
            : new Page<T>([.. rows.Take(limit)], Convert.ToString(cursor(rows[limit - 1]), CultureInfo.InvariantCulture));

    /// <summary>An instant as the API writes it: whole seconds, UTC.</summary>
    public static DateTime? At(DateTimeOffset? at) => at is { } instant ? At(instant) : null;

    /// <inheritdoc cref="At(DateTimeOffset?)"/>
    public static DateTime At(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds()).UtcDateTime;

    /// <summary>Names as the public vocabularies have them; what is not known, or does not apply, is absent.</summary>
    internal static JsonSerializerOptions Spell(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        return json;
    }
}

/// <summary>A part of a list.</summary>
/// <param name="Items">The rows, in the list's order.</param>
/// <param name="Next">Give it as <c>after</c> to read on; absent at the end.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
