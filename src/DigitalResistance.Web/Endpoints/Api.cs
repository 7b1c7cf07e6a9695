using System.Globalization;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// The machine routes. <c>/api/v1</c> answers JSON: integers for satoshi, instants in UTC, problem details (RFC 9457) for every refusal,
/// cursors instead of page numbers. It reads no session: a browser cannot be tricked into calling it for somebody.
/// </summary>
internal static class Api
{
    /// <summary>Most rows of one answer.</summary>
    private const int MostRows = 500;

    public static void MapApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        // Each feature maps its routes on one of these two.
        _ = app.MapPublicReads();
    }

    /// <summary>Reads for everybody: tagged, embeddable, from any origin.</summary>
    public static RouteGroupBuilder MapPublicReads(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1").AllowAnonymous().AddEndpointFilter<PublicRead>();
        return group;
    }

    /// <summary>A query's <c>limit</c> as it is obeyed: 100 unless told, at most 500, at least 1.</summary>
    public static int Rows(int? limit) => Math.Clamp(limit ?? 100, 1, MostRows);

    /// <summary>
    /// Makes a page of <paramref name="rows"/>, which were asked for one more than <paramref name="limit"/>: the cursor of the last row is the
    /// <c>after</c> of the next page, and null where there is none.
    /// </summary>
    public static Page<T> Page<T>(IReadOnlyList<T> rows, int limit, Func<T, long> cursor) =>
        rows.Count <= limit
            ? new Page<T>(rows, null)
            : new Page<T>([.. rows.Take(limit)], cursor(rows[limit - 1]).ToString(CultureInfo.InvariantCulture));
}

/// <summary>A part of a list.</summary>
/// <param name="Items">The rows, in the list's order.</param>
/// <param name="Next">Give it as <c>after</c> to read on; null at the end.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
