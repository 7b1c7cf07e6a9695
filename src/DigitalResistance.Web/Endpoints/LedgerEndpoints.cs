using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;

namespace DigitalResistance.Web.Endpoints;

/// <summary>Everything of the ledger that machines read, and its links in every page's header.</summary>
internal static class LedgerEndpoints
{
    public static IServiceCollection AddLedgerPages(this IServiceCollection services) => services
        .AddNavigation<LedgerTexts>(Audience.Everyone, 30, "/ledger", "Nav.Ledger")
        .AddNavigation<VerifyTexts>(Audience.Everyone, 40, "/verify", "Nav.Verify");

    public static void MapLedger(this IEndpointRouteBuilder routes)
    {
        routes.MapLedgerFiles();
        routes.MapLedgerExports();
    }
}
