using DigitalResistance.Servers;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// <c>PUT /api/v1/opt-out</c>: a machine asks to be left alone. The call's address is the proof, so the method is one that a page of somebody
/// else's cannot make a browser send. Repeating it says the same. The address is tagged and forgotten.
/// </summary>
internal static class OptOuts
{
    public const string Path = "/api/v1/opt-out";

    public static void MapOptOut(this IEndpointRouteBuilder routes) =>
        routes.MapPut(Path, AcceptAsync).AllowAnonymous().WithTags("servers").Produces<OptOutAnswer>().ProducesProblem(409).ProducesProblem(429);

    private static async Task<IResult> AcceptAsync(HttpContext context, OptingOut act, CancellationToken cancellation) =>
        await act.AcceptAsync(context.Connection.RemoteIpAddress, cancellation) switch
        {
            OptingOutResult.Noted => TypedResults.Ok(new OptOutAnswer("left_alone")),
            OptingOutResult.CalledAlready => Refused(StatusCodes.Status429TooManyRequests, "This address has asked as often as it may today. Nothing was changed: what it said last counts. Ask again tomorrow (UTC)."),
            OptingOutResult.Limited => Refused(StatusCodes.Status429TooManyRequests, "Too many calls at the moment. Nothing was changed: try again later."),
            _ => Refused(StatusCodes.Status409Conflict, "The address that the call comes from cannot be seen. Call over the clearnet, from the machine itself, or write to the contacts on the page about abuse."),
        };

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Refused(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>What a machine is told that asks to be left alone, known or not.</summary>
/// <param name="Result">Always <c>left_alone</c>: nothing of ours contacts this address until a server's owner calls home from it.</param>
internal sealed record OptOutAnswer(string Result);
