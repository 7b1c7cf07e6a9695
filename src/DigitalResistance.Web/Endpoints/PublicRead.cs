namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// A public GET of the API: anybody may read it from anywhere, and asks cheaply whether it changed. The tag is a digest of the body,
/// so that it is the same on every replica and changes exactly when a byte does.
/// </summary>
internal sealed class PublicRead : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var answer = await Buffered.FromAsync(http, await next(context));
        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        if (answer.Status != StatusCodes.Status200OK) return new BytesResult(answer.Body);
        headers.CacheControl = "public, no-cache";
        return new BytesResult(EntityTag.Set(http, answer.Body) ? [] : answer.Body);
    }
}
