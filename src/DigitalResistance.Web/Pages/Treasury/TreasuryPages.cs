using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;

namespace DigitalResistance.Web.Pages.Treasury;

/// <summary>Links of the treasury and of donations.</summary>
internal static class TreasuryPages
{
    public static IServiceCollection AddTreasuryPages(this IServiceCollection services)
    {
        services.AddNavigation<DonateTexts>(Audience.Everyone, 5, "/donate", "Nav");
        return services.AddNavigation<TreasuryTexts>(Audience.Treasurer, 0, "/treasury", "Nav");
    }
}
