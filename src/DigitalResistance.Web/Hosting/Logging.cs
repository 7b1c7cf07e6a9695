using System.Diagnostics;
using DigitalResistance.Web.Localization;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace DigitalResistance.Web.Hosting;

/// <summary>
/// One JSON object a line on the console, whose sink escapes control characters, so that nobody can forge a line. A request is
/// logged by its route template: paths and queries hold secrets (<c>/d/{token}</c>), and addresses of visitors are not ours to keep.
/// </summary>
internal static partial class Logging
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    public static WebApplicationBuilder AddLogging(this WebApplicationBuilder builder)
    {
        builder.Services.AddSerilog((services, logger) => logger
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // Its warnings name the address of a proxy that is not ours.
            .MinimumLevel.Override("Microsoft.AspNetCore.HttpOverrides", LogEventLevel.Fatal)
            // It warns of our own intentions (columns left out, no mapping yet), at every start.
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Model", LogEventLevel.Error)
            .MinimumLevel.Override("Quartz", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration)
            .ReadFrom.Services(services)
            .Enrich.With(new WithoutVisitors())
            .WriteTo.Console(new RenderedCompactJsonFormatter()),
            // The logger of this host and no other: several hosts of one process would else write into each other's sinks.
            preserveStaticLogger: true);
        return builder;
    }

    public static IApplicationBuilder UseRequestLog(this IApplicationBuilder app)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("DigitalResistance.Web.Requests");
        return app.Use(async (context, next) =>
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await next(context);
            }
            finally
            {
                var took = Stopwatch.GetElapsedTime(started);
                var route = context.RouteTemplate() ?? "(none)";
                var milliseconds = (long)took.TotalMilliseconds;
                if (context.Response.StatusCode >= 500 || took > Slow) LogWorthSeeing(log, context.Request.Method, route, context.Response.StatusCode, milliseconds);
                else LogAnswered(log, context.Request.Method, route, context.Response.StatusCode, milliseconds);
            }
        });
    }

    /// <summary>Scopes of the framework put the path of the request on every event of that request.</summary>
    private sealed class WithoutVisitors : ILogEventEnricher
    {
        private static readonly string[] Unwanted = ["RequestPath", "ConnectionId", "RequestId", "ClientIp", "QueryString", "Host"];

        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            foreach (var name in Unwanted) logEvent.RemovePropertyIfPresent(name);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "{Method} {Route} was answered with {Status} in {Milliseconds} ms")]
    private static partial void LogAnswered(Microsoft.Extensions.Logging.ILogger log, string method, string route, int status, long milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "{Method} {Route} was answered with {Status} in {Milliseconds} ms")]
    private static partial void LogWorthSeeing(Microsoft.Extensions.Logging.ILogger log, string method, string route, int status, long milliseconds);
}
