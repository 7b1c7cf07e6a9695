using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Hosting;

/// <summary>Believes the configured reverse proxy, for exactly one hop. Without one, forwarded headers of strangers are ignored.</summary>
internal static class ProxyHop
{
    public static IApplicationBuilder UseProxyHop(this IApplicationBuilder app)
    {
        var site = app.ApplicationServices.GetRequiredService<IOptions<SiteOptions>>().Value;
        if (site.IsHttps)
        {
            // Visitors come over https, whatever the last hop speaks: Secure cookies must not depend on a proxy's header.
            app.Use((context, next) =>
            {
                context.Request.Scheme = Uri.UriSchemeHttps;
                return next(context);
            });
        }

        if (Parse(site.TrustedProxy) is not { } network) return app;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = 1,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        options.KnownIPNetworks.Add(network);
        return app.UseForwardedHeaders(options);
    }

    public static System.Net.IPNetwork? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (System.Net.IPNetwork.TryParse(text, out var network)) return network;
        return IPAddress.TryParse(text, out var address)
            ? new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8)
            : null;
    }
}
