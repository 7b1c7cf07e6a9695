using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// Answers only under the configured names and on the machine itself: another name would be somebody's clone, or a page that
/// rebinds its DNS to a developer's localhost, and plain cookies are meant for localhost and onion services only.
/// </summary>
internal static class KnownHosts
{
    public static IApplicationBuilder UseKnownHosts(this IApplicationBuilder app)
    {
        var site = app.ApplicationServices.GetRequiredService<IOptions<SiteOptions>>().Value;
        var known = new[] { site.PublicOrigin, site.OnionOrigin }
            .Where(origin => !string.IsNullOrEmpty(origin)).Select(origin => new Uri(origin!).Host)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return app.Use((context, next) =>
        {
            var host = context.Request.Host.Host;
            if (known.Contains(host) || SiteOptions.IsLocalHost(host)) return next(context);
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return context.Response.WriteAsync("This host name is not configured (Site:PublicOrigin).\n", context.RequestAborted);
        });
    }
}
