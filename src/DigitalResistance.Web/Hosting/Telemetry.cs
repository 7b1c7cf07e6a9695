using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DigitalResistance.Web.Hosting;

/// <summary>Metrics and traces over OTLP, only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector; features add meters named <c>DigitalResistance.*</c>.</summary>
internal static class Telemetry
{
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return builder;
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("digital-resistance"))
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddMeter("DigitalResistance.*").AddOtlpExporter())
            .WithTracing(traces => traces
                .AddSource("DigitalResistance.*")
                .AddAspNetCoreInstrumentation()
                .AddProcessor(new WithoutVisitors())
                .AddOtlpExporter());
        return builder;
    }

    /// <summary>A span keeps its route template and status; what tells who asked for what is taken out before it leaves.</summary>
    internal sealed class WithoutVisitors : BaseProcessor<Activity>
    {
        private static readonly string[] Unwanted =
            ["url.path", "url.query", "url.full", "client.address", "client.port", "network.peer.address", "network.peer.port", "user_agent.original", "server.address"];

        public override void OnEnd(Activity data)
        {
            foreach (var tag in Unwanted) data.SetTag(tag, null);
        }
    }
}
