using DigitalResistance.Web.Endpoints;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// Answers that are the same for everybody are made once: the ledger, its exports, the reads of the API. A page joins by
/// <c>[OutputCache(PolicyName = PublicCache.Policy)]</c>, an endpoint by <c>.CacheOutput(PublicCache.Policy)</c>; it may show nothing that is not
/// written with an entry of the log (<see cref="PublicState"/>), and nothing of the reader but language and theme.
/// </summary>
internal static class PublicCache
{
    public const string Policy = "public";

    /// <summary>What is larger is made each time; a long export is never held in memory.</summary>
    public const int LargestAnswer = 1024 * 1024;

    public const int AllAnswers = 32 * 1024 * 1024;

    /// <summary>For what nobody foresaw: a change without an entry, as a command on the console or another configuration.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddPublicCache(this IServiceCollection services)
    {
        services.AddSingleton<PublicState>();
        return services.AddOutputCache(options =>
        {
            (options.SizeLimit, options.MaximumBodySize, options.UseCaseSensitivePaths) = (AllAnswers, LargestAnswer, true);
            options.AddPolicy(Policy, policy => policy.AddPolicy<ForEverybody>(), excludeDefaultPolicy: true);
        });
    }

    /// <summary>After it is known who asks.</summary>
    public static IApplicationBuilder UsePublicCache(this IApplicationBuilder app) => app.UseOutputCache().Use(TagAsync);

    /// <summary>
    /// Whether the answer may be another visitor's: nobody is signed in, and nothing else distinguishes the visitor. A browser with any cookie
    /// but the theme gets a page of its own, for a cookie may stand for a notice to be shown once or for the tokens of a form.
    /// </summary>
    private static bool IsForEverybody(HttpContext http, string theme) =>
        HttpMethods.IsGet(http.Request.Method) && http.User.Identity?.IsAuthenticated != true && !http.Request.Headers.ContainsKey(HeaderNames.Authorization)
        && http.Request.Cookies.All(cookie => cookie.Key == theme) && !http.IsMakingErrorPage();

    /// <summary>Tags a page by its bytes, as the API tags its answers: a reader who has it is told so.</summary>
    private static async Task TagAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<IOutputCacheFeature>()?.Context.AllowCacheStorage != true || http.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is null)
        {
            await next(http);
            return;
        }

        var original = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var memory = new MemoryStream();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(memory, original));
        try
        {
            await next(http);
            await http.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            http.Features.Set(original);
        }

        var body = memory.ToArray();
        if (http.Response.StatusCode == StatusCodes.Status200OK && EntityTag.Set(http, body)) return;
        await new BytesResult(body).ExecuteAsync(http);
    }

    private sealed class ForEverybody : IOutputCachePolicy
    {
        public async ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
        {
            var http = context.HttpContext;
            var site = http.RequestServices.GetRequiredService<IOptions<SiteOptions>>().Value;
            var theme = site.Name(SiteCookies.Theme);
            var state = IsForEverybody(http, theme) ? await http.RequestServices.GetRequiredService<PublicState>().ReadAsync().WaitAsync(cancellation) : null;
            context.EnableOutputCaching = context.AllowCacheLookup = context.AllowCacheStorage = state is not null;
            if (state is null) return;
            // Nobody waits for another's answer: it is written as fast as its reader reads.
            context.AllowLocking = false;
            context.ResponseExpirationTimeSpan = Lifetime;
            // The query as it was sent, since pages repeat it in their links; path, host and scheme are in the key anyway.
            var vary = context.CacheVaryByRules.VaryByValues;
            vary["query"] = http.Request.QueryString.Value ?? "";
            vary["language"] = Language.Current.Code;
            vary["theme"] = http.Request.Cookies[theme] is ("light" or "dark") and var chosen ? chosen : "";
            vary["state"] = state;
        }

        public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
        {
            var response = context.HttpContext.Response;
            // Whoever sets a cookie or forbids storing has something for one visitor only.
            if (response.StatusCode != StatusCodes.Status200OK || response.Headers.ContainsKey(HeaderNames.SetCookie)
                || response.GetTypedHeaders().CacheControl is { } control && (control.NoStore || control.Private))
                context.AllowCacheStorage = false;
            return ValueTask.CompletedTask;
        }
    }
}
