using DigitalResistance.Ledger;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Review;

/// <summary>Registration of the review of operators.</summary>
public static class ReviewServices
{
    /// <summary>What a freeze begins, the acts of admins and operators, and what a restored database learns. Comes before <c>AddRounds</c>, whose rounds may go back to drafts by what the log says.</summary>
    public static IServiceCollection AddReview(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAsnRanges(configuration);
        return services
            .AddScoped<TraitsBook>().AddScoped<IServerTraits>(provider => provider.GetRequiredService<TraitsBook>()).AddScoped<ReviewOpening>()
            .AddScoped<OperatorReview>().AddScoped<ObjectionRaising>().AddScoped<ObjectionDeciding>().AddScoped<ReviewSheet>()
            .AddScoped<IReadmissionHearer, ToldDecisions>();
    }

    /// <summary>The file of address ranges, which the probing tags what it sees by.</summary>
    public static IServiceCollection AddAsnRanges(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReviewOptions>().Bind(configuration.GetSection("Review")).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<AsnFile>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReviewOptions>, AsnFile>(provider => provider.GetRequiredService<AsnFile>()));
        services.TryAddSingleton(provider =>
        {
            // Asking for the options is what reads the file.
            _ = provider.GetRequiredService<IOptions<ReviewOptions>>().Value;
            return provider.GetRequiredService<AsnFile>().Ranges;
        });
        return services;
    }
}
