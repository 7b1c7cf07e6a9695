using DigitalResistance.Accounts;
using DigitalResistance.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Rounds;

/// <summary>Registration of rounds.</summary>
public static class RoundsServices
{
    /// <summary>
    /// The acts of a round's life, and the passes that return old credits and open the next round. Needs <c>AddData</c>, <c>AddScoring</c>, a score book and the
    /// treasury's <see cref="ITreasuryFacts"/>.
    /// </summary>
    public static IServiceCollection AddRounds(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RoundsOptions>().Bind(configuration.GetSection("Rounds")).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddScoped<RoundDrafting>().AddScoped<RoundOpening>().AddScoped<RoundFreezing>().AddScoped<RoundAllocating>()
            .AddSingleton<RuleBooks>().AddScoped<RoundBudget>().AddScoped<RoundForecasting>().AddScoped<RoundDates>()
            .AddScoped<RoundStepBack>().AddScoped<RoundApproval>().AddScoped<AdminKeys>()
            .AddScoped<PublicRounds>().AddScoped<OperatorBundle>().AddScoped<CreditBalances>().AddScoped<PayoutAddressChange>()
            .AddScoped<Ledger.IReadmissionHearer, ToldRounds>()
            .AddPass<CreditExpiryPass>(TimeSpan.FromHours(1))
            .AddPass<RoundCalendarPass>(TimeSpan.FromMinutes(1));
    }
}
