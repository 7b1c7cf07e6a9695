using DigitalResistance.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Servers;

/// <summary>Registration of everything about servers and their owners' proofs.</summary>
public static class ServersServices
{
    /// <summary>Acts, keys, limits, and the passes that settle contested addresses and destroy the keys of retired servers.</summary>
    public static IServiceCollection AddServers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ServersOptions>().Bind(configuration.GetSection("Servers")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ServerKeys>().AddSingleton<KeyedTags>().AddSingleton<ServerFormCheck>().AddSingleton<ServerAddresses>().AddSingleton<OptedOutMachines>();
        services.AddScoped<KeyFolderCheck>().AddScoped<OwnServers>().AddScoped<Limits>().AddScoped<AddressClaims>().AddScoped<AddressMoves>().AddScoped<OptedOutServers>().AddScoped<ProofLog>();
        services.AddHostedService<KeyFolderStart>();
        services.AddScoped<ServerRegistration>().AddScoped<ServerEdit>().AddScoped<ServerRetirement>().AddScoped<ChallengeRenewal>();
        services.AddScoped<ServerMoves>().AddScoped<MoveGaps>().AddScoped<ControlProofs>().AddScoped<Heartbeat>().AddScoped<OptingOut>().AddScoped<ServerTest>();
        return services
            .AddPass<TakeoverPass>(TimeSpan.FromMinutes(1))
            .AddPass<KeyDestructionPass>(TimeSpan.FromSeconds(15))
            .AddPass<UsagePurgePass>(TimeSpan.FromHours(1));
    }
}
