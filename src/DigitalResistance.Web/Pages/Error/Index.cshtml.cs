using System.Diagnostics;
using System.Globalization;
using DigitalResistance.Web.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;

namespace DigitalResistance.Web.Pages.Error;

/// <summary>
/// What a visitor reads when something is wrong. It is made again for the request that failed, whatever its method, so it asks
/// nothing of the database and takes no form.
/// </summary>
[AllowAnonymous, IgnoreAntiforgeryToken, NoEffect, DisableRateLimiting]
public sealed class IndexModel : PageModel
{
    private static readonly int[] Told = [400, 403, 404, 405, 409, 413, 422, 429, 500, 503];

    /// <summary>The status of the answer; asked for directly, the page is simply not there.</summary>
    public int Status { get; private set; }

    /// <summary>Key of the texts: a status that has its own, or its class.</summary>
    public string Kind { get; private set; } = "";

    public long? RetryAfter { get; private set; }

    /// <summary>Id under which the log has the rest of the story; only for faults of ours.</summary>
    public string? Trace { get; private set; }

    public void OnGet() => Show();

    public void OnPost() => Show();

    private void Show()
    {
        if (Response.StatusCode < 400) Response.StatusCode = StatusCodes.Status404NotFound;
        Status = Response.StatusCode;
        Kind = (Told.Contains(Status) ? Status : Status < 500 ? 400 : 500).ToString(CultureInfo.InvariantCulture);
        if (Status == StatusCodes.Status503ServiceUnavailable) Response.Headers.RetryAfter = "30";
        if (long.TryParse(Response.Headers.RetryAfter, CultureInfo.InvariantCulture, out var seconds)) RetryAfter = seconds;
        if (Status >= 500) Trace = Activity.Current?.TraceId.ToHexString() ?? HttpContext.TraceIdentifier;
    }
}
