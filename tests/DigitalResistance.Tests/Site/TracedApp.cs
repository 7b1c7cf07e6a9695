using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace DigitalResistance.Tests.Site;

/// <summary>The same site with a collector of traces and metrics beside it, which keeps every byte that leaves: protobuf holds texts as they are.</summary>
public sealed class TracedApp : PopulatedApp
{
    private readonly WebApplication _collector;

    public TracedApp()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.Run(TakeAsync);
        _collector.Start();
    }

    /// <summary>Every export, by the path it came to.</summary>
    internal ConcurrentQueue<(string Path, string Text)> Exports { get; } = new();

    protected override IEnumerable<(string Key, string Value)> Settings =>
        [.. base.Settings, ("OTEL_EXPORTER_OTLP_ENDPOINT", _collector.Urls.Single()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];

    /// <summary>Sends what is not sent yet.</summary>
    internal void Flush()
    {
        Assert.True(Services.GetRequiredService<TracerProvider>().ForceFlush(30_000));
        Assert.True(Services.GetRequiredService<MeterProvider>().ForceFlush(30_000));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _collector.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Exports.Enqueue((http.Request.Path, Encoding.UTF8.GetString(body.ToArray())));
        http.Response.ContentType = "application/x-protobuf";
    }
}
