using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// How much one visitor, and all of them together, may ask of this process. Behind an onion service every client has the same
/// address, so there only the sum is limited; what costs more than an answer (accounts, proofs) has its budget in the database.
/// </summary>
internal static class Limits
{
    /// <summary>Largest body of an ordinary request; a page that takes a file says so with <c>[RequestSizeLimit]</c>.</summary>
    public const int Body = 256 * 1024;

    public static WebApplicationBuilder AddLimits(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Body;
            kestrel.Limits.MaxConcurrentConnections = 4_000;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });
        builder.Services.Configure<FormOptions>(forms =>
        {
            forms.ValueCountLimit = 256;
            forms.KeyLengthLimit = 256;
            forms.ValueLengthLimit = Body;
            // Memory only: an upload of a stranger never touches the disk.
            forms.MemoryBufferThreshold = 8 * 1024 * 1024;
        });
        builder.Services.AddRateLimiter(_ => { });
        builder.Services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<IOptions<SiteOptions>>((options, site) =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = (context, _) =>
            {
                var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(5);
                context.HttpContext.Response.Headers.RetryAfter = Math.Max(1, (long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                return ValueTask.CompletedTask;
            };
            options.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(_ => RateLimitPartition.GetConcurrencyLimiter("all", _ =>
                    new ConcurrencyLimiterOptions { PermitLimit = 256, QueueLimit = 512 })),
                PartitionedRateLimiter.Create<HttpContext, string>(context => PerVisitor(context, site.Value.IsOnion)));
        });
        return builder;
    }

    private static RateLimitPartition<string> PerVisitor(HttpContext context, bool onion)
    {
        var account = context.User.FindFirstValue(ClaimTypes.NameIdentifier);
        var visitor = account ?? Network(context.Connection.RemoteIpAddress);
        if (visitor is null || (account is null && onion)) return RateLimitPartition.GetNoLimiter("");
        return RateLimitPartition.GetTokenBucketLimiter(visitor, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 120,
            TokensPerPeriod = 20,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });
    }

    /// <summary>One household: an IPv4 address or a /64. Null for this machine, where a proxy, an onion service or a test speaks for many.</summary>
    private static string? Network(IPAddress? address)
    {
        if (address is null || IPAddress.IsLoopback(address)) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
