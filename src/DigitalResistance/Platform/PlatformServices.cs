using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quartz;

namespace DigitalResistance.Platform;

/// <summary>Registration of periodic work.</summary>
public static class PlatformServices
{
    /// <summary>The scheduler with the in-memory store: what is due is derived from the data at start, so no job table is needed.</summary>
    /// <param name="services">The services of this process.</param>
    /// <param name="work">Whether this process runs the passes; a web replica leaves them to others.</param>
    public static IServiceCollection AddPlatform(this IServiceCollection services, bool work = true)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PassHealth>();
        services.TryAddSingleton<IdempotencyGate>();
        services.TryAddScoped<Idempotency>();
        services.TryAddScoped<Budgets>();
        services.AddQuartz();
        if (work) services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        return services.AddPass<IdempotencyPurgePass>(TimeSpan.FromHours(1));
    }

    /// <summary>Runs <typeparamref name="TPass"/> every <paramref name="interval"/> from the start on; a turn that comes while one runs is skipped.</summary>
    public static IServiceCollection AddPass<TPass>(this IServiceCollection services, TimeSpan interval)
        where TPass : class, IPass
    {
        services.TryAddScoped<TPass>();
        return services.AddQuartz(quartz => quartz.ScheduleJob<PassJob<TPass>>(trigger => trigger
            .WithIdentity(typeof(TPass).Name)
            .StartNow()
            .WithSimpleSchedule(schedule => schedule
                .WithInterval(interval)
                .RepeatForever()
                .WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount))));
    }
}
