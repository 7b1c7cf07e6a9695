using System.Globalization;
using DigitalResistance.Web.About;
using DigitalResistance.Web.Hosting;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Net.Http.Headers;

namespace DigitalResistance.Web.Localization;

/// <summary>
/// Moves <c>/en</c> or <c>/ru</c> from the path into <c>PathBase</c> before routing, so that every link a page makes keeps the
/// language by itself (a route value would be lost from one page to the next). Machine routes carry no language.
/// </summary>
internal static class CultureInPath
{
    public static IApplicationBuilder UseCultureInPath(this IApplicationBuilder app)
    {
        var offered = app.ApplicationServices.GetRequiredService<InstanceFile>().Languages;
        return app.Use((context, next) =>
        {
            var request = context.Request;
            Language? language = null;
            foreach (var candidate in Language.All)
            {
                if (!request.Path.StartsWithSegments("/" + candidate.Code, StringComparison.Ordinal, out var rest)) continue;
                // In a language that this site is not offered in: as if none had been named, so that an old link finds its page.
                if (offered.Contains(candidate)) (language, request.PathBase) = (candidate, request.PathBase.Add("/" + candidate.Code));
                request.Path = rest;
                break;
            }

            context.Features.Set(new OriginalRequest(request.Path, request.QueryString, language));
            language ??= Language.Negotiate(request.Headers.AcceptLanguage, offered);
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = language.Culture;
            return next(context);
        });
    }

    /// <summary>A page asked for without a language is answered with its address in the reader's language, the front page included.</summary>
    public static IApplicationBuilder UseLanguageChoice(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var isPage = context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not null;
        if (!isPage || context.IsMakingErrorPage() || context.Features.Get<OriginalRequest>()?.Language is not null) return next(context);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptLanguage);
        context.Response.Redirect(context.PathIn(Language.Current));
        return Task.CompletedTask;
    });

    /// <summary>The address of the page being shown, in another language: what the two language links lead to, error pages included.</summary>
    public static string PathIn(this HttpContext context, Language language) =>
        "/" + language.Code + context.Features.Get<OriginalRequest>()?.Path.ToUriComponent() + OriginalQuery(context);

    /// <summary>Path of the request as it was asked for, language included, even while an error page is made.</summary>
    public static string OriginalPath(this HttpContext context)
    {
        var original = context.Features.Get<OriginalRequest>();
        var language = original?.Language is { } known ? "/" + known.Code : "";
        return language + original?.Path.ToUriComponent();
    }

    /// <summary>Template of the matched route, with the language as a placeholder: what logs may say about a request.</summary>
    public static string? RouteTemplate(this HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint) return null;
        return (context.Features.Get<OriginalRequest>()?.Language is null ? "/" : "/{language}/") + endpoint.RoutePattern.RawText?.TrimStart('/');
    }

    private static string OriginalQuery(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? context.Features.Get<OriginalRequest>()?.Query.ToUriComponent() ?? "" : "";

    private sealed record OriginalRequest(PathString Path, QueryString Query, Language? Language);
}
