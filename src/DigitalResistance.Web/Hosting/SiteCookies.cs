using DigitalResistance.Accounts;
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

    /// <summary>What the next page says once.</summary>
    public const string Notice = "notice";

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
        // After Identity, which has names and paths of its own.
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme).PostConfigure<IOptions<SiteOptions>>((options, site) =>
        {
            Apply(options.Cookie, site.Value, "session");
            options.LoginPath = "/account/sign-in";
            options.ReturnUrlParameter = "returnUrl";
            options.ExpireTimeSpan = TimeSpan.FromHours(12);
            options.SlidingExpiration = true;
            options.Events.OnRedirectToLogin = AskToSignIn;
            options.Events.OnRedirectToAccessDenied = Refuse;
        });
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.TwoFactorUserIdScheme).PostConfigure<IOptions<SiteOptions>>((options, site) =>
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
        services.AddOptions<CookieTempDataProviderOptions>().Configure<IOptions<SiteOptions>>((options, site) => Apply(options.Cookie, site.Value, Notice));
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

    private static Task AskToSignIn(RedirectContext<CookieAuthenticationOptions> context)
    {
        // A machine is told so, not sent to a form.
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else context.Response.Redirect(new Uri(context.RedirectUri).PathAndQuery);
        return Task.CompletedTask;
    }

    /// <summary>An admin without a second factor in this session is told how to get one, everybody else that the page is not for them.</summary>
    private static Task Refuse(RedirectContext<CookieAuthenticationOptions> context)
    {
        var user = context.HttpContext.User;
        if ((user.IsInRole(Roles.Admin) || user.IsInRole(Roles.Treasurer)) && !user.HasSecondFactor() && HttpMethods.IsGet(context.Request.Method))
            context.Response.Redirect(context.Request.PathBase + "/account/authenticator" + QueryString.Create("returnUrl", context.Request.PathBase + context.Request.Path));
        else
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
