using DigitalResistance.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Ledger;

/// <summary>Registration of the public log.</summary>
public static class LedgerServices
{
    /// <summary>What every process needs: reading the log, and asking what is sealed.</summary>
    public static IServiceCollection AddLedger(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LedgerOptions>().Bind(configuration.GetSection("Ledger")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LedgerFolders>();
        services.AddSingleton<LedgerState>();
        services.AddScoped<LedgerSeals>();
        services.AddScoped<SealingPass>();
        services.AddScoped<LedgerReadmission>();
        return services;
    }

    /// <summary>What the processes with background work do besides: seal.</summary>
    public static IServiceCollection AddLedgerWork(this IServiceCollection services, IConfiguration configuration) =>
        services.AddPass<SealingPass>(configuration.GetSection("Ledger").Get<LedgerOptions>()?.Interval ?? new LedgerOptions().Interval);
}
