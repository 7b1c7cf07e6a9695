using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using DigitalResistance.Web.Pages.Setup;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>Links of the treasury and of donations.</summary>
internal static class TreasuryPages
{
    public static IServiceCollection AddTreasuryPages(this IServiceCollection services)
    {
        services.AddNavigation<DonateTexts>(Audience.Everyone, 5, "/donate", "Nav");
        services.AddScoped<ISetupCheck, TreasuryCheck>();
        services.AddScoped<ISetupCheck, RehearsalCheck>();
        // Admins read it, treasurers act there.
        services.AddNavigation<TreasuryTexts>(Audience.Admin, 40, "/treasury", "Nav");
        return services.AddNavigation<TreasuryTexts>(Audience.Treasurer, 0, "/treasury", "Nav");
    }
}
