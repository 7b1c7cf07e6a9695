using DigitalResistance.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Ledger;

/// <summary>Registration of the public log.</summary>
public static class LedgerServices
{
    /// <summary>Reading the log, asking what is sealed, and sealing (by the processes that work).</summary>
    public static IServiceCollection AddLedger(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LedgerOptions>().Bind(configuration.GetSection("Ledger")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LedgerFolders>();
        services.AddSingleton<LedgerState>();
        services.AddScoped<LedgerSeals>().AddScoped<LedgerStanding>();
        services.AddScoped<LedgerProofs>();
        services.AddScoped<LedgerReadmission>().AddScoped<LedgerKeyAdding>().AddScoped<LedgerKeyRevoking>();
        return services.AddPass<SealingPass>(configuration.GetValue("Ledger:Interval", new LedgerOptions().Interval));
    }
}
