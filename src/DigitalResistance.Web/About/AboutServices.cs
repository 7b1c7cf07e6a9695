using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.About;

/// <summary>Registration of the instance file and of the pages made from it.</summary>
internal static class AboutServices
{
    public static IServiceCollection AddAbout(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<InstanceOptions>, InstanceFile.Validation>();
        services.AddOptions<InstanceOptions>().Bind(configuration.GetSection("Instance")).ValidateOnStart();
        services.AddSingleton<InstanceFile>();
        services.AddNavigation<AboutTexts>(Audience.Footer, 10, "/about", "Nav.About");
        services.AddNavigation<AboutTexts>(Audience.Footer, 20, "/contact", "Nav.Contact");
        return services.AddNavigation<AboutTexts>(Audience.Footer, 30, "/abuse", "Nav.Abuse");
    }
}
