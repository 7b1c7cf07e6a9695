using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// The headers of every answer. They are set when the answer starts, because the exception handler clears what was set before:
/// a policy that is missing on the error page is missing where it is needed most.
/// </summary>
internal static class SecurityHeaders
{
    /// <summary>No script at all, nothing inline, nothing from elsewhere.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string PermissionsPolicy =
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), " +
        "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app)
    {
        var site = app.ApplicationServices.GetRequiredService<IOptions<SiteOptions>>().Value;
        return app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                Set(context, site);
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    private static void Set(HttpContext context, SiteOptions site)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = PermissionsPolicy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // What is made to be embedded elsewhere (a badge) says so itself.
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        if (site.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=63072000; includeSubDomains";
            if (site.OnionOrigin is { Length: > 0 } onion && IsHtml(context))
                headers["Onion-Location"] = onion + context.OriginalPath() + context.Request.QueryString;
        }

        if (!headers.ContainsKey(HeaderNames.CacheControl))
            headers.CacheControl = context.User.Identity?.IsAuthenticated == true ? "no-store" : "no-cache";
        if (IsHtml(context)) headers.Append(HeaderNames.Vary, HeaderNames.Cookie);
    }

    private static bool IsHtml(HttpContext context) =>
        context.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) == true;
}
