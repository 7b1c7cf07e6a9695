using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Platform;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Hosting;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// A call of the API that changes something: the header <c>Idempotency-Key</c> (32 to 64 letters, digits or hyphens, as a UUID) makes its
/// copies have one effect and one answer. Without the header it is refused; a refusal of the call itself is not remembered.
/// </summary>
internal sealed class OncePerKey : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (!FormKeyTagHelper.IsKey(key))
            return TypedResults.Problem("Send a header Idempotency-Key of 32 to 64 letters, digits or hyphens, new for each call.", statusCode: StatusCodes.Status400BadRequest);

        var idempotency = http.RequestServices.GetRequiredService<Idempotency>();
        Guid? actor = http.User.Identity?.IsAuthenticated == true ? http.User.AccountId() : null;
        switch (await idempotency.ClaimAsync(key, actor, await DigestAsync(http.Request, http.RequestAborted), outside: false, http.RequestAborted))
        {
            case RequestClaim.Repeated { Answer: var earlier }:
                http.Response.StatusCode = earlier.Status;
                http.Response.Headers.Location = earlier.Location;
                http.Response.ContentType = earlier.ContentType;
                return new BytesResult(earlier.Body ?? []);
            case RequestClaim.First first:
                http.Response.RegisterForDisposeAsync(first);
                var answer = await Buffered.FromAsync(http, await next(context));
                if (answer.Status is >= 200 and < 300)
                    await first.AnswerAsync(new StoredAnswer(answer.Status, http.Response.Headers.Location, [], answer.ContentType, answer.Body));
                else
                    await first.ForgetAsync();
                return new BytesResult(answer.Body);
            default:
                return TypedResults.Problem("This Idempotency-Key was used for another call, or its first call has not ended.", statusCode: StatusCodes.Status409Conflict);
        }
    }

    /// <summary>The call as it was sent. Its body was bound already, so it is read again from the buffer.</summary>
    private static async Task<byte[]> DigestAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(request.Path + request.QueryString + "\n"));
        request.Body.Position = 0;
        hash.AppendData(await SHA256.HashDataAsync(request.Body, cancellation));
        return hash.GetHashAndReset();
    }
}

/// <summary>Marks a route whose body is kept for a second reading.</summary>
internal sealed class KeptBody
{
    public static readonly KeptBody Instance = new();
}

/// <summary>How a route of the API asks for a key.</summary>
internal static class OncePerKeyRoutes
{
    /// <summary>This call changes something and is made once per <c>Idempotency-Key</c>.</summary>
    public static RouteHandlerBuilder RequireKey(this RouteHandlerBuilder route) =>
        route.WithMetadata(KeptBody.Instance).AddEndpointFilter<OncePerKey>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);

    /// <summary>Keeps the body in memory where a route asked for it: bodies of the API are small.</summary>
    public static IApplicationBuilder UseKeptBodies(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<KeptBody>() is not null) context.Request.EnableBuffering(Limits.Body);
        return next(context);
    });
}
