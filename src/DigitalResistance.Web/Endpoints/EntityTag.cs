using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace DigitalResistance.Web.Endpoints;

/// <summary>Tags of answers (RFC 9110 section 8.8.3): whoever has the answer already is told so instead of being sent it again.</summary>
internal static class EntityTag
{
    /// <summary>A tag by the bytes: the same on every replica, and another exactly when a byte is. True where nothing need be sent.</summary>
    public static bool Set(HttpContext http, ReadOnlySpan<byte> body) => Set(http, "\"" + Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16)) + "\"");

    /// <summary>A tag that the caller knows. True where nothing need be sent.</summary>
    public static bool Set(HttpContext http, string tag)
    {
        http.Response.Headers.ETag = tag;
        var own = new EntityTagHeaderValue(tag);
        // RFC 9110 section 13.1.2: weak comparison; what cannot be read is no condition.
        if (!EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var known) || !known.Any(k => k.Equals(EntityTagHeaderValue.Any) || k.Compare(own, useStrongComparison: false))) return false;
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        http.Response.ContentType = null;
        http.Response.ContentLength = null;
        return true;
    }
}
