using DigitalResistance.Servers;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// <c>POST /api/v1/heartbeat</c> with a form field <c>token</c>: a server calls home and so proves whose it is. Repeating it is harmless and
/// meant, so it needs no idempotency key. The source address is compared and forgotten.
/// </summary>
internal static class Heartbeats
{
    public static IServiceCollection AddServerPages(this IServiceCollection services) =>
        services.AddNavigation<ServersTexts>(Audience.Operator, 10, "/my/servers", "Nav");

    public static void MapHeartbeat(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/heartbeat", AcceptAsync).AllowAnonymous().DisableAntiforgery().WithTags("servers")
            .Accepts<HeartbeatForm>("application/x-www-form-urlencoded")
            .Produces<HeartbeatAnswer>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(410).ProducesProblem(429);

    private static async Task<IResult> AcceptAsync(HttpContext context, Heartbeat heartbeat, CancellationToken cancellation)
    {
        var token = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(cancellation))["token"].ToString() : "";
        if (token.Length == 0) return Refused(StatusCodes.Status400BadRequest, "Send the token as the form field 'token'.");
        return await heartbeat.AcceptAsync(token, context.Connection.RemoteIpAddress, cancellation) switch
        {
            HeartbeatResult.Listed => TypedResults.Ok(new HeartbeatAnswer("proven")),
            HeartbeatResult.Held => TypedResults.Ok(new HeartbeatAnswer("proven_and_moving")),
            HeartbeatResult.Waiting => TypedResults.Ok(new HeartbeatAnswer("proven_and_contested")),
            HeartbeatResult.More => TypedResults.Ok(new HeartbeatAnswer("proven_in_part")),
            HeartbeatResult.UnknownToken => Refused(StatusCodes.Status404NotFound, "There is no such token."),
            HeartbeatResult.Expired => Refused(StatusCodes.Status410Gone, "The token is too old: make new instructions on the server's page."),
            HeartbeatResult.Limited => Refused(StatusCodes.Status429TooManyRequests, "Too many calls: try again later."),
            HeartbeatResult.OtherSource => Refused(StatusCodes.Status409Conflict, "The call does not come from the registered address."),
            HeartbeatResult.HiddenSource => Refused(StatusCodes.Status409Conflict, "The address that the call comes from cannot be seen."),
            _ => Refused(StatusCodes.Status409Conflict, "The server's name leads nowhere that may be contacted."),
        };
    }

    // Never an address in it, not even the caller's own: it would end up in a log.
    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Refused(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>What a server sends.</summary>
/// <param name="Token">The token from the server's page.</param>
internal sealed record HeartbeatForm(string Token);

/// <summary>What it is told.</summary>
/// <param name="Result"><c>proven</c>, <c>proven_and_contested</c> (another account holds the address for now) or <c>proven_in_part</c> (its name leads to more addresses).</param>
internal sealed record HeartbeatAnswer(string Result);
