using System.Data.Common;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// What a visitor sees when something is wrong: a page in their language, or problem details (RFC 9457) below <c>/api</c>.
/// Never the words of an exception, never an echo of what was sent.
/// </summary>
internal static class Errors
{
    // https://www.sqlite.org/rescode.html
    private const int Busy = 5, Locked = 6, InputOutput = 10, Full = 13, CannotOpen = 14;

    public static IServiceCollection AddErrors(this IServiceCollection services) =>
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Instance = null);

    public static IApplicationBuilder UseErrors(this IApplicationBuilder app)
    {
        app.UseWhen(IsApi, api =>
        {
            api.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = StatusOf });
            api.UseStatusCodePages();
        });
        app.UseWhen(context => !IsApi(context), pages =>
        {
            pages.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandlingPath = "/error/500", StatusCodeSelector = StatusOf });
            pages.UseStatusCodePagesWithReExecute("/error/{0}");
        });
        return app;
    }

    /// <summary>True while the error page is made; then nothing may be asked that can fail again.</summary>
    public static bool IsMakingErrorPage(this HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>() is not null || context.Features.Get<IStatusCodeReExecuteFeature>() is not null;

    private static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal);

    private static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        DbUpdateConcurrencyException => StatusCodes.Status409Conflict,
        // The database is away or overloaded: the work was rolled back, and a later try may succeed.
        DbException { IsTransient: true } or TimeoutException or SqliteException { SqliteErrorCode: Busy or Locked or InputOutput or Full or CannotOpen } => StatusCodes.Status503ServiceUnavailable,
        { InnerException: { } inner } => StatusOf(inner),
        _ => StatusCodes.Status500InternalServerError,
    };
}
