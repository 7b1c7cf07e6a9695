namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// The machine routes. <c>/api/v1</c> answers JSON: integers for satoshi, instants in UTC, problem details for every refusal,
/// cursors instead of page numbers. A feature maps its routes on the group that <see cref="MapApi"/> makes.
/// </summary>
internal static class Api
{
    public static void MapApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        _ = app.MapGroup("/api/v1");
    }
}
