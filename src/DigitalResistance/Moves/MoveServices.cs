using DigitalResistance.Ledger;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Moves;

/// <summary>Registration of moves of the treasury's money.</summary>
public static class MoveServices
{
    /// <summary>Proposing, approving and withdrawing moves; their transactions are payments. Needs <c>AddData</c>, <c>AddTreasury</c>, <c>AddPayouts</c> and the policy in force.</summary>
    public static IServiceCollection AddMoves(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MoveOptions>().Bind(configuration.GetSection("Moves")).ValidateDataAnnotations().ValidateOnStart();
        return services.AddScoped<MoveProposal>().AddScoped<MoveApproval>().AddScoped<MoveWithdrawal>()
            .AddScoped<ToldMoves>().AddScoped<IReadmissionHearer>(provider => provider.GetRequiredService<ToldMoves>());
    }
}
