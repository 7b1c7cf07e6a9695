using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>Registration of the treasury: descriptor, chain, coins, donations.</summary>
public static class TreasuryServices
{
    /// <summary>Registers the treasury with the chain backend that <see cref="BitcoinOptions"/> names.</summary>
    public static IServiceCollection AddTreasury(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection("Bitcoin");
        services.AddOptions<BitcoinOptions>().Bind(section).ValidateDataAnnotations()
            .Validate(o => o.NamesItsNode, "Bitcoin:NodeUrl must be an http or https address when Bitcoin:Backend is 'core'.")
            .Validate(o => o.NamesItsEsplora, "Bitcoin:EsploraUrl must be an http or https address when Bitcoin:Backend is 'esplora'.")
            .Validate(o => o.SandboxIsPlay, "Bitcoin:Network must be 'regtest' when Bitcoin:Backend is 'sandbox'.")
            .ValidateOnStart();
        services.AddOptions<DonationOptions>().Bind(configuration.GetSection("Donations")).ValidateDataAnnotations().ValidateOnStart();

        AddChain(services, section.Get<BitcoinOptions>() ?? new BitcoinOptions());
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<BitcoinOptions>>().Value.ChainNetwork);
        services.AddSingleton<ChainHealth>();
        services.AddSingleton<ChainReach>();
        services.AddScoped<TreasuryWallet>();
        services.AddScoped<AddressBook>();
        services.AddScoped<ChainFollower>();
        services.AddScoped<CoinBooks>();
        services.AddScoped<LostCoins>();
        services.AddScoped<RivalSearch>();
        services.AddScoped<ToldCoins>();
        // Coins belong to addresses, and these to a treasury: it is heard of first.
        services.AddScoped<IReadmissionHearer, ToldTreasuries>();
        services.AddScoped<IReadmissionHearer>(provider => provider.GetRequiredService<ToldCoins>());
        services.AddScoped<TreasuryAdoption>();
        services.AddScoped<CeremonyOpening>();
        services.AddScoped<CeremonyKeys>();
        services.AddScoped<CeremonyConfirmation>();
        services.AddScoped<ConfiguredTreasury>();
        services.AddScoped<DonationOpening>();
        services.AddScoped<DonationReceipts>();
        services.AddSingleton<SpendingCost>();
        return services;
    }

    private static void AddChain(IServiceCollection services, BitcoinOptions options)
    {
        // A client's own log names every URL: that of an explorer holds our transactions, and a node is asked every few seconds.
        switch (options.Backend)
        {
            case "core":
                services.AddHttpClient(NodeConnection.ClientName).ConfigureHttpClient((provider, client) =>
                {
                    client.Timeout = TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<BitcoinOptions>>().Value.NodeTimeoutSeconds);
                    client.MaxResponseContentBufferSize = NodeConnection.MaxAnswer;
                }).RemoveAllLoggers();
                services.AddSingleton<NodeConnection>();
                services.AddSingleton<IChain, BitcoinNode>();
                services.AddPass<ChainPass>(TimeSpan.FromSeconds(options.PollSeconds));
                break;
            case "esplora":
                services.AddHttpClient(EsploraChain.ClientName).ConfigureHttpClient((provider, client) =>
                {
                    client.Timeout = TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<BitcoinOptions>>().Value.NodeTimeoutSeconds);
                    client.MaxResponseContentBufferSize = EsploraChain.MaxAnswer;
                }).RemoveAllLoggers();
                services.AddSingleton<IChain, EsploraChain>();
                services.AddPass<ChainPass>(TimeSpan.FromSeconds(options.PollSeconds));
                break;
            case "sandbox":
                services.AddSingleton<SandboxChain>();
                services.AddSingleton<IChain>(provider => provider.GetRequiredService<SandboxChain>());
                services.AddPass<ChainPass>(TimeSpan.FromSeconds(1));
                if (options.SandboxBlockSeconds > 0) services.AddPass<SandboxMiningPass>(TimeSpan.FromSeconds(options.SandboxBlockSeconds));
                break;
            default:
                services.AddSingleton<IChain, NoChain>();
                break;
        }
    }
}
