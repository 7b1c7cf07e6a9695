using DigitalResistance.Platform;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Messages;

/// <summary>Registration of messages to the admins.</summary>
public static class MessageServices
{
    /// <summary>Needs <c>AddAccounts</c> and <c>AddServers</c>, whose key makes the tags.</summary>
    public static IServiceCollection AddMessages(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MessageOptions>().Bind(configuration.GetSection("Messages")).ValidateDataAnnotations().ValidateOnStart();
        return services.AddScoped<MessageWriting>().AddScoped<MessageReading>().AddPass<MessagePurgePass>(TimeSpan.FromHours(1));
    }
}
