using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Moves;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Web.Endpoints;

/// <summary>The text that admins approve of a move, whose hash the ledger holds: what its signatures are checked with.</summary>
internal static class MoveEndpoints
{
    public static void MapMoves(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/moves/{number:int:min(1)}/manifest.txt", SendAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> SendAsync(int number, MoneyDb db, HttpContext http)
    {
        if (await db.Set<Move>().Where(m => m.Number == number).Select(m => m.Manifest).SingleOrDefaultAsync(http.RequestAborted) is not { } manifest) return TypedResults.NotFound();
        http.Response.Headers.CacheControl = "public, no-cache";
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.File(Encoding.ASCII.GetBytes(manifest), "text/plain; charset=us-ascii", $"move-{number}-manifest.txt");
    }
}
