using DigitalResistance.Platform;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Review;
using DigitalResistance.Scoring;
using DigitalResistance.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Probing;

/// <summary>Registration of probing and of the scores made from it.</summary>
public static class ProbingServices
{
    /// <summary>The prober, the canary, the schedule and the passes; the passes and the canary run only where <see cref="PlatformServices.AddPlatform"/> runs work.</summary>
    public static IServiceCollection AddProbing(this IServiceCollection services, IConfiguration configuration, bool work)
    {
        var options = configuration.GetSection("Probing");
        services.AddOptions<ProbingOptions>().Bind(options).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<CanaryOptions>().Bind(configuration.GetSection("Canary")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DialingOptions>().Bind(configuration.GetSection("Dialing")).ValidateDataAnnotations().ValidateOnStart();

        services.AddAsnRanges(configuration);
        services.AddSingleton(new ProbeCatalog());
        services.TryAddSingleton<INameResolver>(provider => new NameResolver(provider.GetRequiredService<IOptions<DialingOptions>>().Value));
        services.AddSingleton(provider => new Dialer(
            provider.GetRequiredService<IOptions<DialingOptions>>().Value, provider.GetRequiredService<INameResolver>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ProbingOptions>>().Value.TrustRootsFile is { } file
            ? TrustRoots.FromPem(File.ReadAllText(file))
            : TrustRoots.System);
        services.AddSingleton(provider => new ProbeRunnerOptions { Concurrency = provider.GetRequiredService<IOptions<ProbingOptions>>().Value.Concurrency });
        services.AddSingleton<ProbeRunner>().AddSingleton<ControlProof>().AddSingleton<DirectCheck>().AddSingleton<HttpFetch>();
        services.AddSingleton(provider => new CanaryKeyRing(
            provider.GetRequiredService<ServerKeys>().CanarySecret(), [LocalVantage.Name], provider.GetRequiredService<TimeProvider>()));

        services.AddSingleton<Targets>().AddSingleton<ControlChecks>().AddSingleton<ProvenProbe>().AddSingleton<LocalVantage>().AddSingleton<BeatProgress>().AddSingleton<ServerNumbers>().AddSingleton<KnownSightings>();
        services.AddScoped<BeatClaims>().AddScoped<ResultRecorder>().AddScoped<DayRecords>().AddScoped<ScoreBook>().AddScoped<IScoreBook>(provider => provider.GetRequiredService<ScoreBook>()).AddScoped<ProvisionalScores>().AddScoped<SlotHistory>();
        if (work) services.AddHostedService<CanaryHost>();
        return services
            .AddPass<SchedulePass>(TimeSpan.FromSeconds(30))
            .AddPass<ProbingPass>(options.GetValue(nameof(ProbingOptions.Every), TimeSpan.FromSeconds(0.5)))
            .AddPass<DayClosingPass>(TimeSpan.FromMinutes(5))
            .AddPass<RetentionPass>(TimeSpan.FromHours(1));
    }
}
