using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Scoring;

/// <summary>Which rules are in force (section <c>Scoring</c>).</summary>
public sealed class ScoringOptions
{
    /// <summary>Path of the policy file; without it the policy shipped with the program is used. A round keeps the policy it was opened with.</summary>
    [MinLength(1, ErrorMessage = "Scoring:PolicyFile must be a path, or absent.")]
    public string? PolicyFile { get; set; }
}

/// <summary>Registration of scoring.</summary>
public static class ScoringServices
{
    /// <summary>Registers the <see cref="Policy"/> in force (read once; a mistake in it stops the start and names every member concerned).</summary>
    public static IServiceCollection AddScoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ScoringOptions>().Bind(configuration.GetSection("Scoring")).ValidateDataAnnotations()
            .Validate(o => o.PolicyFile is null || File.Exists(o.PolicyFile), "Scoring:PolicyFile names a file that does not exist.")
            .ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ScoringOptions>>().Value.PolicyFile is { } file
            ? Policy.Read(File.ReadAllBytes(file))
            : Policy.Standard);
        return services;
    }
}
