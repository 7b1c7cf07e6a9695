using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// Every cookie of the site. With an https origin each is <c>__Host-</c> and Secure, so that no neighbour domain can plant one;
/// otherwise plain, which the options accept for localhost and onion services only. All end with the browser session.
/// </summary>
internal static class SiteCookies
{
    public const string Theme = "theme";

    public static string Name(this SiteOptions site, string name) => site.IsHttps ? "__Host-" + name : name;

    /// <summary>Flags for a cookie that a page writes itself; not readable by script, as there is none.</summary>
    public static CookieOptions NewCookie(this SiteOptions site) => new()
    {
        Path = "/",
        HttpOnly = true,
        Secure = site.IsHttps,
        SameSite = SameSiteMode.Lax,
        IsEssential = true,
    };

    public static IServiceCollection AddSiteCookies(this IServiceCollection services)
    {
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).Configure<IOptions<SiteOptions>>((options, site) =>
        {
            Apply(options.Cookie, site.Value, "session");
            options.LoginPath = "/account/sign-in";
            options.AccessDeniedPath = "/error/403";
            options.ReturnUrlParameter = "returnUrl";
            options.ExpireTimeSpan = TimeSpan.FromHours(12);
            options.SlidingExpiration = true;
            // A machine is told so, not sent to a form.
            options.Events.OnRedirectToLogin = context => Answer(context, StatusCodes.Status401Unauthorized);
            options.Events.OnRedirectToAccessDenied = context => Answer(context, StatusCodes.Status403Forbidden);
        });
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.TwoFactorUserIdScheme).Configure<IOptions<SiteOptions>>((options, site) =>
        {
            Apply(options.Cookie, site.Value, "second-factor");
            options.ExpireTimeSpan = TimeSpan.FromMinutes(10);
        });
        services.AddOptions<AntiforgeryOptions>().Configure<IOptions<SiteOptions>>((options, site) =>
        {
            Apply(options.Cookie, site.Value, "form");
            options.FormFieldName = "_token";
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddOptions<CookieTempDataProviderOptions>().Configure<IOptions<SiteOptions>>((options, site) => Apply(options.Cookie, site.Value, "notice"));
        return services;
    }

    private static void Apply(CookieBuilder cookie, SiteOptions site, string name)
    {
        cookie.Name = site.Name(name);
        // The language stands in PathBase, and a cookie must outlive a change of language.
        cookie.Path = "/";
        cookie.HttpOnly = true;
        cookie.SecurePolicy = site.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.IsEssential = true;
    }

    private static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) || status == StatusCodes.Status403Forbidden)
            context.Response.StatusCode = status;
        else
            context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }
}
