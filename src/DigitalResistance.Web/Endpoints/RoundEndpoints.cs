using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DigitalResistance.Rounds;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;

namespace DigitalResistance.Web.Endpoints;

/// <summary>What machines read of rounds: the files whose hashes are approved, and the rows of the page as CSV and JSON. And the links in the header.</summary>
internal static class RoundEndpoints
{
    private static readonly string[] Files = ["policy.json", "scores.csv", "allocation.csv", "manifest.txt"];

    public static IServiceCollection AddRoundPages(this IServiceCollection services) => services
        .AddNavigation<RoundsTexts>(Audience.Everyone, 20, "/rounds", "Nav.Rounds")
        .AddNavigation<RoundStepsTexts>(Audience.Admin, 20, "/admin/rounds", "Nav.Rounds")
        .AddNavigation<RoundStepsTexts>(Audience.Admin, 30, "/admin/keys", "Nav.Keys")
        .AddNavigation<GrantsTexts>(Audience.Operator, 40, "/my/payout", "Nav.Payout")
        .AddNavigation<GrantsTexts>(Audience.Operator, 50, "/my/grants", "Nav.Grants");

    public static void MapRounds(this IEndpointRouteBuilder routes)
    {
        var rounds = routes.MapGroup("/rounds/{number:int:min(1)}").AllowAnonymous().ExcludeFromDescription();
        foreach (var file in Files) rounds.MapGet("/" + file, (int number, PublicRounds all, HttpContext http) => SendFileAsync(number, file, all, http));
        rounds.MapGet("/distribution.png", SendPictureAsync);
        rounds.MapGet("/rows.csv", SendRowsCsvAsync);
        rounds.MapGet("/rows.json", SendRowsJsonAsync);
    }

    private static async Task SendFileAsync(int number, string name, PublicRounds all, HttpContext http)
    {
        if (await all.FindAsync(number, http.RequestAborted) is not { } round || await all.FileAsync(round, name, http.RequestAborted) is not { } file)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var type = Path.GetExtension(name) switch { ".json" => "application/json", ".csv" => "text/csv; charset=us-ascii", _ => "text/plain; charset=us-ascii" };
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(file))}\"";
        Open(http.Response, type);
        http.Response.Headers.ETag = tag;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"round-{number}-{name}\"";
        if (http.Request.Headers.IfNoneMatch.Contains(tag)) http.Response.StatusCode = StatusCodes.Status304NotModified;
        else await http.Response.Body.WriteAsync(file, http.RequestAborted);
    }

    private static async Task<IResult> SendPictureAsync(int number, PublicRounds all, HttpContext http)
    {
        if (await all.FindAsync(number, http.RequestAborted) is not { Sums: not null } round || await all.DistributionAsync(round, http.RequestAborted) is not { Bins.Count: > 0 } spread) return TypedResults.NotFound();
        Open(http.Response, "image/png");
        return TypedResults.Bytes(BarsPng.Make([.. spread.Bins.Select(b => b.Recipients)], [.. spread.Bins.Select(b => b.To.Value)]), "image/png");
    }

    private static async Task SendRowsCsvAsync(int number, PublicRounds all, HttpContext http)
    {
        if (await FindFrozenAsync(number, all, http) is not { } round) return;
        Open(http.Response, "text/csv; charset=us-ascii");
        await using var writer = new StreamWriter(http.Response.Body, Encoding.ASCII, leaveOpen: true) { NewLine = "\n" };
        await writer.WriteLineAsync("token,weight,amount_sat");
        await foreach (var row in all.AllRowsAsync(round).WithCancellation(http.RequestAborted))
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{row.Token},{row.Weight},{Amount(round, row)}"));
    }

    private static async Task SendRowsJsonAsync(int number, PublicRounds all, HttpContext http)
    {
        if (await FindFrozenAsync(number, all, http) is not { } round) return;
        Open(http.Response, "application/json");
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteNumber("round", round.Number);
        json.WriteNumber("revision", round.Revision);
        json.WriteStartArray("rows");
        await foreach (var row in all.AllRowsAsync(round).WithCancellation(http.RequestAborted))
        {
            json.WriteStartObject();
            json.WriteString("token", row.Token);
            json.WriteNumber("weight", row.Weight);
            if (Amount(round, row) is { } amount) json.WriteNumber("amount_sat", amount);
            json.WriteEndObject();
            if (json.BytesPending > 32 * 1024) await json.FlushAsync(http.RequestAborted);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }

    private static long? Amount(PublicRound round, PublicRow row) => round.Sums is null ? null : row.Amount.Value;

    private static async Task<PublicRound?> FindFrozenAsync(int number, PublicRounds all, HttpContext http)
    {
        var round = await all.FindAsync(number, http.RequestAborted);
        if (round?.ScoresSha256 is not null) return round;
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return null;
    }

    /// <summary>Public data: any origin may read it.</summary>
    private static void Open(HttpResponse response, string type)
    {
        response.ContentType = type;
        response.Headers.CacheControl = "public, no-cache";
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }
}
