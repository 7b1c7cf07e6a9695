namespace DigitalResistance.Web.Endpoints;

/// <summary>Sends bytes that are already made.</summary>
internal sealed class BytesResult(byte[] body) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (body.Length == 0) return;
        httpContext.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method)) await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
