using DigitalResistance.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Returns;

/// <summary>Registration of the slow way back.</summary>
public static class ReturnServices
{
    /// <summary>Needs <c>AddAccounts</c> and <c>AddStaff</c>.</summary>
    public static IServiceCollection AddReturns(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReturnOptions>().Bind(configuration.GetSection("Returns")).ValidateDataAnnotations().ValidateOnStart();
        return services.AddScoped<ReturnAsking>().AddScoped<ReturnDeciding>().AddScoped<ReturnFinishing>().AddPass<ReturnPurgePass>(TimeSpan.FromHours(6));
    }
}
