
namespace DigitalResistance.Web.Endpoints;

/// <summary>An answer of the API, whole and not yet sent, so that it can be tagged or remembered.</summary>
internal sealed record Buffered(int Status, string? ContentType, byte[] Body)
{
    /// <summary>Runs what a handler returned into memory; status and headers are set on the response as usual.</summary>
    public static async Task<Buffered> FromAsync(HttpContext http, object? result)
    {
        var original = http.Response.Body;
        using var memory = new MemoryStream();
        http.Response.Body = memory;
        try
        {
            if (result is IResult own) await own.ExecuteAsync(http);
            else await http.Response.WriteAsJsonAsync(result, result?.GetType() ?? typeof(object), http.RequestAborted);
        }
        finally
        {
            http.Response.Body = original;
        }

        return new Buffered(http.Response.StatusCode, http.Response.ContentType, memory.ToArray());
    }
}
